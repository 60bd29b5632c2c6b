package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/** One life of an agent process. A new one means that sessions and anchors of the old are void. */
public record Incarnation(@JsonValue String value) implements Comparable<Incarnation> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Incarnation {
    Names.require("incarnation", value);
  }

  @Override
  public int compareTo(Incarnation other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
