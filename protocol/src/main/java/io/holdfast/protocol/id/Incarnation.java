package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/**
 * One life of an agent process, or of a master's side of a link. A new one of an agent means that
 * sessions and anchors of the old are void; of a master, that it is not the one which slept.
 */
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
