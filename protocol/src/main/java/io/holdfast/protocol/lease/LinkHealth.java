package io.holdfast.protocol.lease;

import java.time.Duration;

/** R1: what silence means. Unreachable is not dead, only unheard. */
public sealed interface LinkHealth {
  /** Heard within twice the period. */
  record Heard() implements LinkHealth {}

  /**
   * Not heard for twice the period; tasks there may still be running.
   *
   * @param retry which period of retrying this is, from 1 to {@code retry-attempts}, then no more
   *     than that
   */
  record Silent(int retry) implements LinkHealth {}

  /** Judges a link that was last heard at {@code lastHeard}. */
  static LinkHealth judge(Duration lastHeard, Duration now, TimingPolicy policy) {
    Duration silence = now.minus(lastHeard);
    if (silence.compareTo(policy.disconnectAfter()) < 0) {
      return new Heard();
    }
    long periods =
        silence.minus(policy.disconnectAfter()).toNanos() / policy.heartbeatPeriod().toNanos();
    return new Silent((int) Math.min(policy.retryAttempts(), periods + 1));
  }
}
