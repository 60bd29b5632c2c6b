package io.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** That a world is a function of its seed, and that a failing one is told well. */
class SimulationTest {
  private static World world(long seed, StringBuilder trace) {
    World world = new World(seed, new Options(seed), null, new BitSet(), trace);
    world.run();
    return world;
  }

  @Test
  void theSameSeedIsTheSameWorldByteForByte() {
    for (long seed = 1; seed <= 3; seed++) {
      StringBuilder one = new StringBuilder();
      StringBuilder other = new StringBuilder();
      World first = world(seed, one);
      World second = world(seed, other);
      World untraced = world(seed, null);
      assertThat(other.toString()).isEqualTo(one.toString()).isNotEmpty();
      assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
      assertThat(untraced.fingerprint())
          .as("tracing changes nothing")
          .isEqualTo(first.fingerprint());
    }
  }

  @Test
  void aFailingWorldIsMadeSmallAndTellsItsStory() {
    String story = Shrinker.shrink(0, Mutation.RELEASE_AT_DISCONNECT, 40);
    assertThat(story)
        .contains("I3", "seed 0", "made small", "broken rule", "executes", "LostDeclared")
        .isEqualTo(Shrinker.shrink(0, Mutation.RELEASE_AT_DISCONNECT, 40));
  }

  @Test
  void journalsReplayToTheStateThatWasKept() {
    World world = world(5, null);
    for (MasterSide side : world.masters) {
      side.store().jobs.forEach(job -> assertThat(job.replayed()).isEqualTo(job.state()));
      side.store().links.forEach(link -> assertThat(link.replayed()).isEqualTo(link.state()));
    }
  }
}
