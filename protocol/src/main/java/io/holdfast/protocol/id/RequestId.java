package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * One sending of an execution to an agent: {@code nightly-backup#42.1/2}. A repeated one names the
 * prior, so that the agent can tell a repetition from a new order.
 */
public record RequestId(ExecutionId execution, int number) implements Comparable<RequestId> {
  public RequestId {
    if (execution == null || number < 1) {
      throw new IllegalArgumentException(
          "request " + execution + "/" + number + ": requests count from 1");
    }
  }

  /**
   * Reads {@code job#number.attempt/request}.
   *
   * @throws IllegalArgumentException if {@code text} is not of that form
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static RequestId parse(String text) {
    int slash = text.lastIndexOf('/');
    if (slash < 1) {
      throw new IllegalArgumentException(
          "request '" + text + "' is not of the form job#number.attempt/request");
    }
    long number =
        Digits.parse("request", text, text.substring(slash + 1), "job#number.attempt/request");
    if (number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("request '" + text + "': the number is too large");
    }
    return new RequestId(ExecutionId.parse(text.substring(0, slash)), (int) number);
  }

  @Override
  public int compareTo(RequestId other) {
    int byExecution = execution.compareTo(other.execution);
    return byExecution != 0 ? byExecution : Integer.compare(number, other.number);
  }

  @JsonValue
  @Override
  public String toString() {
    return execution + "/" + number;
  }
}
