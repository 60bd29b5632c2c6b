package io.holdfast.master.job;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a run whose execution is lost (R6). */
public enum OnLost {
  /** The run ends, and its state is {@code lost}. */
  @JsonProperty("error")
  ERROR("error"),

  /** The run is tried again, on another agent of the group where there is one. */
  @JsonProperty("rerun")
  RERUN("rerun"),

  /** The run waits until the agent is back or an operator confirms that its task is gone. */
  @JsonProperty("wait")
  WAIT("wait");

  private final String text;

  OnLost(String text) {
    this.text = text;
  }

  /** The word of the job file and of the HTTP API. */
  public String text() {
    return text;
  }
}
