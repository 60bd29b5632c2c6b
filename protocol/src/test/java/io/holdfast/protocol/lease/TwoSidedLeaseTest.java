package io.holdfast.protocol.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R2, R3 (c) and R13 together: the agent has always stopped before the master moves on. */
class TwoSidedLeaseTest {
  /** The least margin and much drift, so that a rule that leaves something out is caught. */
  private static final TimingPolicy TIGHT =
      new TimingPolicy(
          Duration.ofSeconds(5),
          4,
          Duration.ofSeconds(15),
          20,
          Duration.ofMillis(60),
          Duration.ofSeconds(10));

  @Property(tries = 400, shrinking = ShrinkingMode.OFF)
  void R3_whenTheMasterMayGiveUpTheAgentHasStopped(@ForAll long seed) {
    new TwoSidedLease(seed, TimingPolicy.DEFAULT, TwoSidedLease.Variant.AS_BUILT).run(600);
    new TwoSidedLease(seed, TIGHT, TwoSidedLease.Variant.AS_BUILT).run(600);
  }

  @Property(tries = 400, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
  void R3_theSameWithEveryPolicyThatIsAllowed(
      @ForAll long seed,
      @ForAll @IntRange(min = 50, max = 60_000) int periodMillis,
      @ForAll @IntRange(min = 2, max = 50) int retryAttempts,
      @ForAll @IntRange(min = 0, max = 3_600_000) int graceMillis,
      @ForAll @IntRange(min = 0, max = 100) int driftPermille,
      @ForAll @IntRange(min = 10, max = 600_000) int marginMillis,
      @ForAll @IntRange(min = 10, max = 600_000) int authorityMillis) {
    TimingPolicy policy;
    try {
      policy =
          new TimingPolicy(
              Duration.ofMillis(periodMillis),
              retryAttempts,
              Duration.ofMillis(graceMillis),
              driftPermille,
              Duration.ofMillis(marginMillis),
              Duration.ofMillis(authorityMillis));
    } catch (IllegalArgumentException refused) {
      assertThat(refused).hasMessageContaining("margin");
      return;
    }
    new TwoSidedLease(seed, policy, TwoSidedLease.Variant.AS_BUILT).run(400);
  }

  /** The simulation itself is on trial here: it must find what each wrong rule breaks. */
  @ParameterizedTest
  @EnumSource(
      value = TwoSidedLease.Variant.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = "AS_BUILT")
  void R3_aWrongRuleIsFoundOut(TwoSidedLease.Variant wrong) {
    for (long seed = 0; seed < 3000; seed++) {
      try {
        new TwoSidedLease(seed, TIGHT, wrong).run(600);
      } catch (TwoSidedLease.TooEarly found) {
        return;
      }
    }
    fail(wrong + " went unnoticed: the simulation does not come close enough to the bound");
  }

  @Test
  void R3_theSimulationComesToWhatItIsAbout() {
    int renewals = 0;
    int releasable = 0;
    int restarts = 0;
    for (long seed = 0; seed < 100; seed++) {
      TwoSidedLease run = new TwoSidedLease(seed, TIGHT, TwoSidedLease.Variant.AS_BUILT).run(600);
      renewals += run.renewals;
      releasable += run.releasableSteps;
      restarts += run.restarts;
    }
    assertThat(renewals).isGreaterThan(1000);
    assertThat(releasable).isGreaterThan(1000);
    assertThat(restarts).isGreaterThan(100);
  }

  @Test
  void R3_aMarginThatCannotBearTheDriftIsRefused() {
    assertThatCode(() -> policy(20, Duration.ofMillis(45))).doesNotThrowAnyException();
    assertThatCode(() -> policy(20, Duration.ofMillis(44)))
        .hasMessageContaining("margin PT0.044S is too short")
        .hasMessageContaining("at least PT0.0");
  }

  private static TimingPolicy policy(int driftPermille, Duration margin) {
    return new TimingPolicy(
        Duration.ofSeconds(5),
        4,
        Duration.ofSeconds(15),
        driftPermille,
        margin,
        Duration.ofSeconds(10));
  }
}
