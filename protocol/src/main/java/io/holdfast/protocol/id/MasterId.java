package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/**
 * The name of a master. Masters are strangers to each other (P4): everything an agent keeps is kept
 * under it.
 */
public record MasterId(@JsonValue String value) implements Comparable<MasterId> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public MasterId {
    Names.require("master id", value);
  }

  @Override
  public int compareTo(MasterId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
