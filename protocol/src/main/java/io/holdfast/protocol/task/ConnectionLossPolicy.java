package io.holdfast.protocol.task;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a task when its master's lease is over (R6). */
public enum ConnectionLossPolicy {
  /** The agent stops it, so that the master may give it up and start another. */
  @JsonProperty("stop-after-lease")
  STOP_AFTER_LEASE("stop-after-lease"),
  /** The agent never stops it for a lost link; the master then never gives it up by itself. */
  @JsonProperty("keep")
  KEEP("keep");

  private final String text;

  ConnectionLossPolicy(String text) {
    this.text = text;
  }

  /** The word of the job file and of the HTTP API. */
  public String text() {
    return text;
  }
}
