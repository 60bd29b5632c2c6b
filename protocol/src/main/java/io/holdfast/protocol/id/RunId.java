package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One firing of a job: {@code nightly-backup#42}. */
public record RunId(JobName job, long number) implements Comparable<RunId> {
  public RunId {
    if (job == null || number < 1) {
      throw new IllegalArgumentException("run " + job + "#" + number + ": runs count from 1");
    }
  }

  /**
   * Reads {@code job#number}.
   *
   * @throws IllegalArgumentException if {@code text} is not of that form
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static RunId parse(String text) {
    int hash = text.lastIndexOf('#');
    if (hash < 1) {
      throw new IllegalArgumentException("run '" + text + "' is not of the form job#number");
    }
    return new RunId(
        new JobName(text.substring(0, hash)),
        Digits.parse("run", text, text.substring(hash + 1), "job#number"));
  }

  /** The {@code attempt}-th try of this run, from 1. */
  public ExecutionId execution(int attempt) {
    return new ExecutionId(this, attempt);
  }

  @Override
  public int compareTo(RunId other) {
    int byJob = job.compareTo(other.job);
    return byJob != 0 ? byJob : Long.compare(number, other.number);
  }

  @JsonValue
  @Override
  public String toString() {
    return job + "#" + number;
  }
}
