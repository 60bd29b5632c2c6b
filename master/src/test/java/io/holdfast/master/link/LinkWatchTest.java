package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a link counts, and when it is over. */
class LinkWatchTest {
  private static final TimingPolicy TIMING = TimingPolicy.DEFAULT;
  private final LinkWorld world = new LinkWorld();
  private final LinkWatch watch = new LinkWatch(TIMING, world);

  private Duration waitAfterARecovery() {
    return TIMING.release().plus(TIMING.authorityTtl().multipliedBy(2));
  }

  @Test
  void R3_whatRanInAnOldDirectoryIsReleasedAgainAndAgainUntilAComparisonKnowsItNoMore() {
    watch.waitFor(Set.of(Links.A));
    assertThat(watch.released()).isEmpty();
    world.now = world.now.plus(waitAfterARecovery());
    for (int n = 0; n < 2; n++) {
      assertThat(watch.released().flatMap(LinkWatch.Over::only))
          .as("the write that called it lost may have failed")
          .contains(Set.of(Links.A));
    }
    watch.waitFor(Set.of(Links.A));
    assertThat(watch.released()).as("it was waited for already").isPresent();
    watch.waitFor(Set.of());
    assertThat(watch.released()).isEqualTo(Optional.empty());
  }
}
