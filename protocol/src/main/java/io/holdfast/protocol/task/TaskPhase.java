package io.holdfast.protocol.task;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a task is in its life. {@link TaskTransitions} says what may follow what. */
public enum TaskPhase {
  /** Nothing is journalled of it. */
  @JsonProperty("unknown")
  UNKNOWN,
  /** The order is durable; from here on a process may exist, if it has won the claim (R8, R9). */
  @JsonProperty("accepted")
  ACCEPTED,
  /** Its process has claimed the start and was seen. */
  @JsonProperty("running")
  RUNNING,
  /** It is being stopped; something of it may still live (R11). */
  @JsonProperty("stopping")
  STOPPING,
  /** It ended, or never will run; its outcome and output are kept for the master. */
  @JsonProperty("finished")
  FINISHED,
  /** It will never run: given up before it was seen (R7). */
  @JsonProperty("tombstoned")
  TOMBSTONED,
  /** The master has everything of it; it may be deleted. */
  @JsonProperty("released")
  RELEASED;

  /** Whether something of it may be alive. */
  public boolean mayBeAlive() {
    return this == ACCEPTED || this == RUNNING || this == STOPPING;
  }
}
