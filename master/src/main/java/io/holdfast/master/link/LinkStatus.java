package io.holdfast.master.link;

import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A link as it is shown: soft.
 *
 * @param since when it became so
 * @param retry which retry this is, while disconnected
 * @param leaseRemaining how long the agent may still rely on its lease, while disconnected
 * @param message why it is not connected
 */
public record LinkStatus(
    Link link,
    Instant since,
    Optional<Instant> lastHeard,
    int retry,
    Optional<Duration> leaseRemaining,
    MasterEpoch epoch,
    Optional<JournalId> journal,
    Optional<Incarnation> incarnation,
    int taskLimit,
    String message) {
  /** The word for it. */
  public enum Link {
    CONNECTING("connecting"),
    CONNECTED("connected"),
    RECONCILING("reconciling"),
    DISCONNECTED("disconnected"),
    LOST("lost");

    private final String word;

    Link(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    /** Whether what runs there is out of sight. */
    public boolean isSilent() {
      return this == DISCONNECTED || this == LOST;
    }

    /**
     * Whether nobody knows yet what became of what was running there: silent, or being compared.
     */
    public boolean isOutOfSight() {
      return isSilent() || this == RECONCILING;
    }
  }
}
