package io.holdfast.search;

import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.time.Instant;

/**
 * Time in the search. One tick is three seconds; a lease is two ticks, the kill grace one, and the
 * master's wait is 13.8 s, which is over at the fifth tick: just enough for a clock that stands
 * still for one tick and another that jumps one, and too short without the margin, the drift or the
 * grace.
 *
 * <p>Instants are kept in milliseconds before or after <em>now</em> of the clock that they belong
 * to, and are cut off where no rule can tell the difference any more. So states repeat themselves
 * although time goes on without a bound. The rules are given {@link #NOW} as now.
 */
final class Ticks {
  /** One tick, in milliseconds. */
  static final int TICK = 3000;

  static final TimingPolicy POLICY =
      new TimingPolicy(
          Duration.ofMillis(1500),
          2,
          Duration.ofSeconds(3),
          100,
          Duration.ofSeconds(3),
          Duration.ofSeconds(3));

  static final int LEASE = (int) POLICY.lease().toMillis();
  static final int GRACE = (int) POLICY.killGrace().toMillis();
  static final int RELEASE = (int) POLICY.release().toMillis();

  /** Longer ago than any wait; a multiple of a tick. */
  static final int LONG_AGO = -(RELEASE / TICK + 1) * TICK;

  /** What every clock shows in every state. */
  static final Duration NOW = Duration.ofSeconds(1000);

  /** For time stamps, which no rule reads. */
  static final Instant STAMP = Instant.EPOCH;

  /** No instant at all. */
  static final int NEVER = Integer.MIN_VALUE;

  /** An anchor, or the begin of a session, that can no longer matter. */
  static final int OLDEST_ANCHOR = -LEASE;

  private static final long NOW_MILLIS = NOW.toMillis();
  private static final Duration[] CACHE = new Duration[400];

  static {
    for (int i = 0; i < CACHE.length; i++) {
      CACHE[i] = Duration.ofMillis(NOW_MILLIS + (i - 200) * 100L);
    }
  }

  private Ticks() {}

  /** The instant that is {@code relative} to now. */
  static Duration at(int relative) {
    int index = relative / 100 + 200;
    return relative % 100 == 0 && index >= 0 && index < CACHE.length
        ? CACHE[index]
        : Duration.ofMillis(NOW_MILLIS + relative);
  }

  /** How far {@code instant} is from now. */
  static int of(Duration instant) {
    return (int) (instant.toMillis() - NOW_MILLIS);
  }

  /** An instant after the clock has gone on by {@code by}, cut off at {@code oldest}. */
  static int shift(int instant, int by, int oldest) {
    return instant == NEVER ? NEVER : Math.max(oldest, instant - by);
  }

  static int shiftAnchor(int instant, int by) {
    return shift(instant, by, OLDEST_ANCHOR);
  }

  /** A deadline that is over is no different from an older one: the grace is one tick. */
  static int shiftDeadline(int instant, int by) {
    return shift(instant, by, 0);
  }

  /** A wait that is over remains over. */
  static int shiftWait(int instant, int by) {
    return shift(instant, by, LONG_AGO);
  }
}
