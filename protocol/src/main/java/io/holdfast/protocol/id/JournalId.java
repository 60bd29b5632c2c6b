package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/**
 * One life of a data directory: made when the directory is, gone with it. A wiped directory is a
 * new agent (R3).
 */
public record JournalId(@JsonValue String value) implements Comparable<JournalId> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public JournalId {
    Names.require("journal id", value);
  }

  @Override
  public int compareTo(JournalId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
