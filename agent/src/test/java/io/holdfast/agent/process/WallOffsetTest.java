package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** R12: a wall clock that leapt is believed once the master has confirmed the lease since. */
class WallOffsetTest {

  private static final Instant BOOT = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HOURS = Duration.ofHours(3);

  private static Duration at(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Instant wall(long seconds) {
    return BOOT.plusSeconds(seconds);
  }

  private final WallOffset known = WallOffset.UNKNOWN.renewed(at(95), at(100), wall(100));

  @Test
  void R12_the_first_look_is_believed_and_small_steps_are() {
    assertThat(known.wallAt(at(160))).isEqualTo(wall(160));
    assertThat(known.renewed(at(100), at(105), wall(106)).wallAt(at(160))).isEqualTo(wall(161));
  }

  @Test
  void R12_a_leap_counts_only_when_an_anchor_given_after_it_has_come_back() {
    Instant leapt = wall(105).plus(HOURS);
    WallOffset noticed = known.renewed(at(100), at(105), leapt);
    assertThat(noticed.wallAt(at(165))).as("in doubt").isEqualTo(wall(165));
    WallOffset again = noticed.renewed(at(104), at(106), leapt.plusSeconds(1));
    assertThat(again.wallAt(at(165))).as("still").isEqualTo(wall(165));
    WallOffset confirmed = again.renewed(at(106), at(110), leapt.plusSeconds(5));
    assertThat(confirmed.wallAt(at(165))).isEqualTo(wall(165).plus(HOURS));
    assertThat(confirmed.leap()).isEmpty();
  }

  @Test
  void R12_what_was_given_between_two_leaps_proves_nothing_about_the_second() {
    WallOffset noticed = known.renewed(at(100), at(105), wall(105).plusSeconds(58));
    WallOffset twice = noticed.renewed(at(106), at(110), wall(110).plusSeconds(58 + 72));
    assertThat(twice.wallAt(at(165))).as("given before the second").isEqualTo(wall(165));
    WallOffset still = twice.renewed(at(109), at(111), wall(111).plusSeconds(58 + 72));
    assertThat(still.wallAt(at(165))).as("and this one, too").isEqualTo(wall(165));
    WallOffset confirmed = still.renewed(at(112), at(115), wall(115).plusSeconds(58 + 72));
    assertThat(confirmed.wallAt(at(165))).isEqualTo(wall(165 + 58 + 72));
    assertThat(confirmed.leap()).isEmpty();
  }

  @Test
  void R12_a_leap_that_is_taken_back_in_part_and_comes_again_is_a_new_one() {
    WallOffset noticed = known.renewed(at(100), at(105), wall(105).plusSeconds(60));
    WallOffset less = noticed.renewed(at(104), at(106), wall(106).plusSeconds(20));
    WallOffset again = less.renewed(at(107), at(110), wall(110).plusSeconds(60));
    assertThat(again.wallAt(at(165))).isEqualTo(wall(165));
    assertThat(again.renewed(at(111), at(112), wall(112).plusSeconds(60)).leap()).isEmpty();
  }

  @Test
  void R12_a_clock_set_back_doubts_nothing() {
    WallOffset back = known.renewed(at(100), at(105), wall(105).minus(HOURS));
    assertThat(back.wallAt(at(165))).isEqualTo(wall(165).minus(HOURS));
    assertThat(back.leap()).isEmpty();
  }
}
