package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/**
 * One coupling of one master with one agent incarnation. Commands of an older session are refused
 * (R4).
 */
public record SessionId(@JsonValue String value) implements Comparable<SessionId> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public SessionId {
    Names.require("session id", value);
  }

  @Override
  public int compareTo(SessionId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
