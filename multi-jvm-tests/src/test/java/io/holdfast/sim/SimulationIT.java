package io.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A thousand simulated hours of masters and agents under faults, over the real cores; more with
 * {@code -Dsim.hours=}, others with {@code -Dsim.seed=}. It also fails when the faults did not lead
 * to where it is dangerous: a mix that is badly tuned finds nothing.
 */
class SimulationIT {
  private static final long HOURS = Long.getLong("sim.hours", 1000);
  private static final long SEED = Long.getLong("sim.seed", 0);
  private static final long MINUTES = Long.getLong("sim.minutes", 600);
  private static final int THREADS = Integer.getInteger("sim.threads", 2);
  private static final Map<Coverage.Kind, Long> FLOORS =
      Map.of(
          Coverage.Kind.LATE_GRANT, 1_000L,
          Coverage.Kind.OLD_GRANT, 1_000L,
          Coverage.Kind.ADOPTION, 1_000L,
          Coverage.Kind.TOKEN_RACE, 1_000L,
          Coverage.Kind.CONFIRMED_LOST, 500L,
          Coverage.Kind.RELEASED_BY_WORD, 500L,
          Coverage.Kind.FROZEN, 500L,
          Coverage.Kind.DOUBT, 500L,
          Coverage.Kind.PROVEN, 500L);

  @Test
  void noPromiseIsBroken() {
    long began = System.nanoTime();
    Campaign campaign = Campaign.run(SEED, HOURS, THREADS, MINUTES);
    double minutes = (System.nanoTime() - began) / 6e10;
    System.out.printf(
        "%d steps, %.0f simulated hours, %.1f million steps/min on %d threads%n%s%n",
        campaign.steps(),
        campaign.hours(),
        campaign.steps() / minutes / 1e6,
        THREADS,
        campaign.coverage);
    campaign.failing().ifPresent(SimulationIT::tell);
    assertCoverage(campaign.coverage, campaign.hours() / 1000.0);
  }

  private static void tell(long seed) {
    String story = Shrinker.shrink(seed, null, 200);
    Path file = Path.of("target", "simulation", "seed-" + seed + ".txt");
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, story);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int trace = story.indexOf("The whole trace:");
    fail("the whole trace is in " + file + "\n" + story.substring(0, trace));
  }

  /** Floors for each thousand hours; what is run more rarely only has to have been somewhere. */
  private static void assertCoverage(Coverage coverage, double thousands) {
    assertThat(coverage.handovers()).as("handovers").isGreaterThan((long) (10_000 * thousands));
    FLOORS.forEach(
        (kind, floor) ->
            assertThat(coverage.of(kind)).as("%s", kind).isGreaterThan((long) (floor * thousands)));
    if (thousands >= 1) {
      assertThat(coverage.unvisited()).as("never visited").isEmpty();
    }
  }
}
