package io.holdfast.scenario;

import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import org.junit.jupiter.api.Test;

/** The shortened times of the other scenarios hide nothing: one with those of production. */
final class ProductionTimingIT {
  @Test
  void R1_aTaskGoesOnThroughACutWithTheTimesOfProduction() throws Exception {
    LocalSystem.named("production")
        .timing(Timing.PRODUCTION)
        .run(system -> ShortCutIT.goesOnThrough(system, "talk", FaultProxy::cut, FaultProxy::heal));
  }
}
