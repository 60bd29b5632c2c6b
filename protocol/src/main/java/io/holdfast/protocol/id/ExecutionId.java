package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One try of a run on one agent: {@code nightly-backup#42.1}. Fixed before it is first sent and
 * never reused.
 */
public record ExecutionId(RunId run, int attempt) implements Comparable<ExecutionId> {
  public ExecutionId {
    if (run == null || attempt < 1) {
      throw new IllegalArgumentException(
          "execution " + run + "." + attempt + ": attempts count from 1");
    }
  }

  /**
   * Reads {@code job#number.attempt}.
   *
   * @throws IllegalArgumentException if {@code text} is not of that form
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static ExecutionId parse(String text) {
    int dot = text.lastIndexOf('.');
    if (dot < text.lastIndexOf('#') || dot < 1) {
      throw new IllegalArgumentException(
          "execution '" + text + "' is not of the form job#number.attempt");
    }
    long attempt = Digits.parse("execution", text, text.substring(dot + 1), "job#number.attempt");
    if (attempt > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("execution '" + text + "': the attempt is too large");
    }
    return new ExecutionId(RunId.parse(text.substring(0, dot)), (int) attempt);
  }

  public JobName job() {
    return run.job();
  }

  /** The {@code n}-th start request for this execution, from 1. */
  public RequestId request(int n) {
    return new RequestId(this, n);
  }

  @Override
  public int compareTo(ExecutionId other) {
    int byRun = run.compareTo(other.run);
    return byRun != 0 ? byRun : Integer.compare(attempt, other.attempt);
  }

  @JsonValue
  @Override
  public String toString() {
    return run + "." + attempt;
  }
}
