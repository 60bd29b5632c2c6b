package io.holdfast.protocol.lease;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;

/**
 * The times of one link, set by the master and told to the agent when they couple (R1-R3).
 *
 * @param heartbeatPeriod within which an exchange is answered
 * @param retryAttempts how many periods of retrying fit into the lease after a disconnect
 * @param killGrace how long after SIGTERM until SIGKILL, the longest that any task may have
 * @param driftPermille by how much each clock may be too slow or too fast, in thousandths
 * @param margin for the time between deciding and acting
 * @param authorityTtl how long a master may act on one proof that it is still the one (R13)
 */
public record TimingPolicy(
    Duration heartbeatPeriod,
    int retryAttempts,
    Duration killGrace,
    int driftPermille,
    Duration margin,
    Duration authorityTtl) {
  /** What holds unless somebody configures otherwise. */
  public static final TimingPolicy DEFAULT =
      new TimingPolicy(
          Duration.ofSeconds(5),
          10,
          Duration.ofSeconds(15),
          5,
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));

  public TimingPolicy {
    between("heartbeatPeriod", heartbeatPeriod, Duration.ofMillis(50), Duration.ofMinutes(1));
    between("killGrace", killGrace, Duration.ZERO, Duration.ofHours(1));
    between("margin", margin, Duration.ofMillis(10), Duration.ofMinutes(10));
    between("authorityTtl", authorityTtl, Duration.ofMillis(10), Duration.ofMinutes(10));
    if (retryAttempts < 2 || retryAttempts > 100_000) {
      // With one, a lost answer is noticed when the lease is over.
      throw new IllegalArgumentException(
          "retryAttempts " + retryAttempts + " is not between 2 and 100000");
    }
    if (driftPermille < 0 || driftPermille > 100) {
      throw new IllegalArgumentException(
          "driftPermille " + driftPermille + " is not between 0 and 100");
    }
    Duration leased = heartbeatPeriod.multipliedBy(2L + retryAttempts).plus(killGrace);
    Duration leastMargin = leastMargin(leased.plus(authorityTtl), driftPermille);
    if (margin.compareTo(leastMargin) < 0) {
      throw new IllegalArgumentException(
          "margin "
              + margin
              + " is too short for a lease of this length and clocks that drift by "
              + driftPermille
              + " permille: at least "
              + leastMargin);
    }
  }

  private static void between(String what, Duration value, Duration least, Duration most) {
    if (value == null || value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          what + " " + value + " is not between " + least + " and " + most);
    }
  }

  /** R1: after hearing nothing for this long a side calls the link disconnected. */
  @JsonIgnore
  public Duration disconnectAfter() {
    return heartbeatPeriod.plus(heartbeatPeriod);
  }

  /** R1: {@code 2 × period + retry-attempts × period}. */
  @JsonIgnore
  public Duration lease() {
    return times(heartbeatPeriod, 2L + retryAttempts);
  }

  /**
   * An exchange that has no news is answered this long after the anchor that it hands back was
   * given, not after it came: one that brings commands hands back what the one before it did, and a
   * lease must not count from an anchor that is older than a period when the next one comes (P3).
   * The rest of the period is for timers that are late.
   */
  @JsonIgnore
  public Duration exchangeHold() {
    return Duration.ofNanos(times(heartbeatPeriod, 7).toNanos() / 10);
  }

  /**
   * R3 (c): {@code H = (lease + kill-grace) × (1 + 2 × drift) + margin}, after which nothing that a
   * lease held can live.
   */
  @JsonIgnore
  public Duration release() {
    return byAnotherClock(lease().plus(killGrace)).plus(margin);
  }

  /** How long to wait until {@code time} has passed by a clock elsewhere, all but the margin. */
  Duration byAnotherClock(Duration time) {
    return Duration.ofNanos(times(time, 1000L + 2L * driftPermille).toNanos() / 1000);
  }

  /**
   * Within the bounds above all of it fits; {@link Duration} itself would count in big decimals.
   */
  private static Duration times(Duration time, long factor) {
    return Duration.ofNanos(Math.multiplyExact(time.toNanos(), factor));
  }

  /**
   * Two clocks that are each off by d, one slow and one fast, differ by the factor (1 + d) / (1 -
   * d). That is more than 1 + 2 × d, by 2 × d² / (1 - d), which the margin has to bear.
   */
  private static Duration leastMargin(Duration times, int driftPermille) {
    long d = driftPermille;
    return times.multipliedBy(2 * d * d).dividedBy(1000 * (1000 - d)).plusNanos(1);
  }

  /** R3: a shorter outage than this, at round trips of this length, stops no task. */
  public Duration survivableOutage(Duration roundTrip) {
    return lease().minus(disconnectAfter()).minus(roundTrip.multipliedBy(2));
  }
}
