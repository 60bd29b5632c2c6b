package io.holdfast.master.link;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far an execution got, as the link's journal has it. */
public enum ExecutionPhase {
  /** Given to the link; not sent. */
  @JsonProperty("queued")
  QUEUED,
  /** A start request may have left. */
  @JsonProperty("sent")
  SENT,
  /**
   * Given to the link in a part of its journal that is lost, or may have been: whether it was sent
   * the agent tells at the next comparison.
   */
  @JsonProperty("unsure")
  UNSURE,
  /** The agent has it in its journal. */
  @JsonProperty("accepted")
  ACCEPTED,
  /** Its process was seen. */
  @JsonProperty("running")
  RUNNING,
  /** The agent is stopping it. */
  @JsonProperty("stopping")
  STOPPING,
  /** Its outcome is known. */
  @JsonProperty("ended")
  ENDED,
  /** Given up (R3). */
  @JsonProperty("lost")
  LOST;

  /** Whether something of it may be alive, as far as the master knows. */
  public boolean mayBeAlive() {
    return this == SENT
        || this == UNSURE
        || this == ACCEPTED
        || this == RUNNING
        || this == STOPPING;
  }
}
