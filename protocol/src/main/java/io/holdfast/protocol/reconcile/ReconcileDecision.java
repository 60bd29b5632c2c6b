package io.holdfast.protocol.reconcile;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a reconciliation decides for one execution. */
public enum ReconcileDecision {
  /** The agent never heard of it: send it again, naming the prior request. */
  @JsonProperty("resend")
  RESEND,
  /** It runs: note it. */
  @JsonProperty("resume")
  RESUME,
  /** It has ended: take over outcome and output; never execute it again. */
  @JsonProperty("complete")
  COMPLETE,
  /** It is gone, and the agent says so. */
  @JsonProperty("lost")
  LOST,
  /** The data directory changed: what ran there is released by time alone. */
  @JsonProperty("wait")
  WAIT,
  /** It runs and must not. */
  @JsonProperty("stop")
  STOP,
  /** The verdict stays; the late outcome is added to it. */
  @JsonProperty("amend")
  AMEND,
  /** The master's journal has lost it: rebuild the record from what the agent knows. */
  @JsonProperty("adopt")
  ADOPT,
  /** A former master of the same name ordered it: stop it, keep its output, report it. */
  @JsonProperty("disown")
  DISOWN,
  /** It is cancelled and was never seen: make sure that it never starts (R7). */
  @JsonProperty("give-up")
  GIVE_UP,
  /** Both have it ended; tell the agent that it may forget it. */
  @JsonProperty("release")
  RELEASE
}
