package io.holdfast.protocol.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.protocol.id.MasterEpoch;
import java.util.Objects;
import java.util.Optional;

/**
 * Why an agent did not do what it was asked (R4). It changed nothing.
 *
 * @param epoch the highest that the agent has seen from this master, where that is the reason
 */
public record Refusal(Code code, String message, Optional<MasterEpoch> epoch) {
  /** The reason, for programs. */
  public enum Code {
    @JsonProperty("unknown-master")
    UNKNOWN_MASTER,
    @JsonProperty("wrong-token")
    WRONG_TOKEN,
    @JsonProperty("wrong-agent")
    WRONG_AGENT,
    @JsonProperty("older-epoch")
    OLDER_EPOCH,
    @JsonProperty("other-session")
    OTHER_SESSION,
    @JsonProperty("stale-exchange")
    STALE_EXCHANGE,
    @JsonProperty("lease-over")
    LEASE_OVER,
    @JsonProperty("malformed")
    MALFORMED,
    @JsonProperty("not-ready")
    NOT_READY
  }

  public Refusal {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
    epoch = epoch == null ? Optional.empty() : epoch;
  }
}
