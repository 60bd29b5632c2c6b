package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Grows by one each time a master's side of a link is activated. An agent refuses an older one than
 * it has durably seen (R4).
 */
public record MasterEpoch(@JsonValue long value) implements Comparable<MasterEpoch> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public MasterEpoch {
    if (value < 0) {
      throw new IllegalArgumentException(
          "master epoch " + value + " is negative: it counts from 0");
    }
  }

  /** The next one. */
  public MasterEpoch next() {
    return new MasterEpoch(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(MasterEpoch other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
