package io.holdfast.protocol.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;

/** Why a task was stopped before it ended by itself. */
public enum StopReason {
  /** Somebody asked for it. */
  @JsonProperty("cancelled")
  CANCELLED("cancelled"),
  /** It ran longer than its job's timeout. */
  @JsonProperty("timeout")
  TIMEOUT("timeout"),
  /** Its master's lease was over (R2). */
  @JsonProperty("lease-over")
  LEASE_OVER("lease-over"),
  /** It was started by a former master of the same name, whose journal is gone. */
  @JsonProperty("disowned")
  DISOWNED("disowned"),
  /** Its master had called it lost and found it alive: P1 was at risk. */
  @JsonProperty("lost-elsewhere")
  LOST_ELSEWHERE("lost-elsewhere");

  private final String word;

  StopReason(String word) {
    this.word = word;
  }

  /** The word on the wire and on the terminal. */
  public String word() {
    return word;
  }

  /**
   * How long after SIGTERM until SIGKILL (R11). What was called lost may run beside its successor:
   * it gets no time to end in order (P1).
   *
   * @param usual the task's own
   */
  public Duration grace(Duration usual) {
    return this == LOST_ELSEWHERE ? Duration.ZERO : usual;
  }
}
