package io.holdfast.harness;

import java.time.Duration;

/**
 * The times of a system. Tests shorten all of them by one factor, so that their relations stay
 * those of production.
 */
public record Timing(
    Duration heartbeatPeriod,
    int retryAttempts,
    Duration killGrace,
    Duration margin,
    Duration authorityTtl) {
  /** What a master does without configuration. */
  public static final Timing PRODUCTION =
      new Timing(
          Duration.ofSeconds(5),
          10,
          Duration.ofSeconds(15),
          Duration.ofSeconds(1),
          Duration.ofSeconds(10));

  /** Ten times shorter. */
  public static final Timing TEST = PRODUCTION.fasterBy(10);

  public Timing fasterBy(double factor) {
    return new Timing(
        shorter(heartbeatPeriod, factor),
        retryAttempts,
        shorter(killGrace, factor),
        shorter(margin, factor),
        shorter(authorityTtl, factor));
  }

  /** How long a side that hears nothing takes to call the link disconnected. */
  public Duration silence() {
    return heartbeatPeriod.multipliedBy(2);
  }

  /** How long an agent keeps the tasks of a master that it does not hear. */
  public Duration lease() {
    return heartbeatPeriod.multipliedBy(2 + retryAttempts);
  }

  /**
   * After this long without an answer a master may give executions up: rule R3 (c), with its drift
   * of 0.5 %.
   */
  public Duration release() {
    return lease().plus(killGrace).multipliedBy(101).dividedBy(100).plus(margin);
  }

  private static Duration shorter(Duration duration, double factor) {
    return Duration.ofMillis(Math.round(duration.toMillis() / factor));
  }
}
