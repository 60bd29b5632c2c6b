package io.holdfast.protocol.reconcile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the master's journal says of one execution.
 *
 * @param requests the start requests that may have been sent, oldest first
 * @param sentTo the data directory of the agent that it was sent to
 * @param cancelWanted somebody asked for its end
 * @param token its fencing token, where the journal has it
 */
public record MasterRecord(
    ExecutionId execution,
    Phase phase,
    List<RequestId> requests,
    Optional<JournalId> sentTo,
    boolean cancelWanted,
    Optional<FencingToken> token) {
  /** How far it got, as far as the master knows. */
  public enum Phase {
    /** A request may have left; nothing was heard. */
    @JsonProperty("sent")
    SENT,
    /** The agent has taken it; no process was seen yet. */
    @JsonProperty("accepted")
    ACCEPTED,
    /** It was seen running. */
    @JsonProperty("running")
    RUNNING,
    /** Its outcome is known. */
    @JsonProperty("ended")
    ENDED,
    /** It was given up. */
    @JsonProperty("lost")
    LOST
  }

  public MasterRecord {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(phase, "phase");
    requests = List.copyOf(requests);
    if (phase == Phase.SENT && requests.isEmpty()) {
      throw new IllegalArgumentException(
          "execution " + execution + ": what may have been sent has a request");
    }
  }
}
