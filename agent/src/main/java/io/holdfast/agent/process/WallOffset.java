package io.holdfast.agent.process;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How the wall clock relates to the boot clock, as far as the master has confirmed it (R12). A leap
 * forward may be a clock that was set, or a machine that stood still while the boot clock did too.
 * Only an anchor that was given after the leap was noticed, and came back, tells that the lease
 * still holds; until then a lease is written with the old relation, and is seen to be in doubt. A
 * further leap in the meantime begins that anew: what was given between the two proves nothing
 * about the second.
 *
 * <p>Pure: immutable, without a clock. State: soft, for each master.
 *
 * @param wallAtBoot what the wall clock showed, or would have shown, when the boot clock was zero;
 *     none before the first look
 * @param leap the newest that nothing has confirmed yet
 */
public record WallOffset(Optional<Instant> wallAtBoot, Optional<Leap> leap) {
  /**
   * A leap that was noticed.
   *
   * @param noticedAt the boot clock when it was first seen
   * @param wallAtBoot the relation since
   */
  public record Leap(Duration noticedAt, Instant wallAtBoot) {}

  /** Before the first look. */
  public static final WallOffset UNKNOWN = new WallOffset(Optional.empty(), Optional.empty());

  /**
   * What follows from a renewal that counts from {@code anchor}, at {@code now} and {@code wall}.
   */
  public WallOffset renewed(Duration anchor, Duration now, Instant wall) {
    Instant current = wall.minus(now);
    boolean leapt = wallAtBoot.filter(old -> isLeap(old, current)).isPresent();
    Optional<Leap> noticed = leap.filter(before -> !isLeap(before.wallAtBoot(), current));
    if (!leapt || noticed.filter(it -> anchor.compareTo(it.noticedAt()) > 0).isPresent()) {
      return new WallOffset(Optional.of(current), Optional.empty());
    }
    Duration since = noticed.map(Leap::noticedAt).orElse(now);
    return new WallOffset(wallAtBoot, Optional.of(new Leap(since, current)));
  }

  private static boolean isLeap(Instant before, Instant current) {
    return current.isAfter(before.plus(LeaseFile.WALL_MARGIN));
  }

  /** What the wall clock will show at {@code deadline}, if nobody sets it. */
  public Instant wallAt(Duration deadline) {
    return wallAtBoot.orElseThrow().plus(deadline);
  }
}
