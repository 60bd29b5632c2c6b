package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;

import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The shortened times of the other scenarios hide nothing: those with the times of production. */
final class ProductionTimingIT {
  private static final String AGENT = "agent-1";

  /** A cut of two thirds of the lease; what is left of it is for a machine that is slow. */
  private static final Duration LEFT = Duration.ofSeconds(20);

  @Test
  void R1_P3_aTaskGoesOnThroughALongCutWithTheTimesOfProduction() throws Exception {
    LocalSystem.named("production")
        .timing(Timing.PRODUCTION)
        .run(
            system ->
                ShortCutIT.goesOnThrough(
                    system,
                    "talk",
                    FaultProxy::cut,
                    line -> {
                      system
                          .client()
                          .awaitLease(AGENT, LEFT, AT_MOST.plus(Timing.PRODUCTION.lease()));
                      line.heal();
                    }));
  }
}
