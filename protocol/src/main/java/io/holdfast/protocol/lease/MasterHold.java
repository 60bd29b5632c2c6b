package io.holdfast.protocol.lease;

import java.time.Duration;
import java.util.Optional;

/**
 * The master's side of the lease with one agent (R3 (c)): from when on nothing there can live. All
 * instants are by the master's own monotonic clock; anchors are the agent's numbers and are only
 * handed back. Soft state: after a restart it counts from the recovery.
 *
 * @param newest the newest anchor of the current session, not necessarily echoed yet
 * @param countsFrom what the wait is counted from
 */
public record MasterHold(Optional<Anchor> newest, Duration countsFrom) {
  /**
   * An anchor and when it was received.
   *
   * @param value the agent's clock
   * @param receivedAt the master's clock
   */
  public record Anchor(Duration value, Duration receivedAt) {}

  /**
   * After a restart or failover a predecessor may have echoed until now, and may act for {@code
   * authorityTtl} more by a clock of its own (R13).
   */
  public static MasterHold recovered(Duration now, TimingPolicy policy) {
    Duration authority = policy.byAnotherClock(policy.authorityTtl());
    return new MasterHold(Optional.empty(), now.plus(authority));
  }

  /** A new session began: the anchors of the old one are void. */
  public MasterHold coupled(Duration anchor, Duration now) {
    return new MasterHold(Optional.of(new Anchor(anchor, now)), countsFrom);
  }

  /** An answer came with an anchor; answers may overtake each other. */
  public MasterHold received(Duration anchor, Duration now) {
    boolean newer = newest.isEmpty() || newest.get().value().compareTo(anchor) < 0;
    return newer ? new MasterHold(Optional.of(new Anchor(anchor, now)), countsFrom) : this;
  }

  /**
   * The newest anchor is about to be echoed: from now on the agent's lease may count from it, so
   * the wait counts from its receipt, which cannot be earlier than its sending.
   */
  public MasterHold echoing() {
    return newest
        .filter(anchor -> anchor.receivedAt().compareTo(countsFrom) > 0)
        .map(anchor -> new MasterHold(newest, anchor.receivedAt()))
        .orElse(this);
  }

  /** When everything that this lease ever held is provably gone. */
  public Duration releasableAt(TimingPolicy policy) {
    return countsFrom.plus(policy.release());
  }

  /** Whether executions there may be called lost without an answer. */
  public boolean isReleasable(Duration now, TimingPolicy policy) {
    return now.compareTo(releasableAt(policy)) >= 0;
  }

  /** How long the agent may still rely on its lease, as far as the master can know. */
  public Duration leaseRemaining(Duration now, TimingPolicy policy) {
    Duration remaining = countsFrom.plus(policy.lease()).minus(now);
    return remaining.isNegative() ? Duration.ZERO : remaining;
  }
}
