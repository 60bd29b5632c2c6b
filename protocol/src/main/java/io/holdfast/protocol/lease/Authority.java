package io.holdfast.protocol.lease;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether a master may act for its links (R13): only while its right to is proven freshly enough.
 * Soft state. All instants are by one clock of the master's machine that never goes back.
 *
 * @param provenSince when the newest proof that succeeded was <em>begun</em>: what it saw may have
 *     changed since, also while it went on
 */
public record Authority(Optional<Duration> provenSince) {
  private static final Duration SOON = Duration.ofSeconds(1);

  /** Nothing was proven yet. */
  public static final Authority UNPROVEN = new Authority(Optional.empty());

  /** A proof that was begun at {@code startedAt} has succeeded; a later one is not undone by it. */
  public Authority proven(Duration startedAt) {
    return provenSince.filter(since -> since.compareTo(startedAt) >= 0).isPresent()
        ? this
        : new Authority(Optional.of(startedAt));
  }

  /** Whether the master may post a coupling or an exchange now. */
  public boolean isFresh(Duration now, TimingPolicy policy) {
    return provenSince
        .filter(since -> now.minus(since).compareTo(policy.authorityTtl()) < 0)
        .isPresent();
  }

  /**
   * How long after one proof the next is begun: two may fail.
   *
   * @param inDoubt whether that one failed; then the next comes soon, for the leases run
   */
  public static Duration proveNext(TimingPolicy policy, boolean inDoubt) {
    Duration third = policy.authorityTtl().dividedBy(3);
    return inDoubt && third.compareTo(SOON) > 0 ? SOON : third;
  }
}
