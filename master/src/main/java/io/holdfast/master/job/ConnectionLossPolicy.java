package io.holdfast.master.job;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What an agent does with a job's task when it no longer hears its master (R6). */
public enum ConnectionLossPolicy {
  /** Stops it when the lease is over, so that the master may start another in its place. */
  @JsonProperty("stop-after-lease")
  STOP_AFTER_LEASE("stop-after-lease"),

  /** Never stops it for that reason; the master then never calls it lost by itself. */
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
