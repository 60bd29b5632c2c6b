package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Grows by one with each execution of a job, so that what a task writes to can refuse an older
 * writer.
 */
public record FencingToken(@JsonValue long value) implements Comparable<FencingToken> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public FencingToken {
    if (value < 0) {
      throw new IllegalArgumentException(
          "fencing token " + value + " is negative: it counts from 0");
    }
  }

  /** The next one. */
  public FencingToken next() {
    return new FencingToken(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(FencingToken other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
