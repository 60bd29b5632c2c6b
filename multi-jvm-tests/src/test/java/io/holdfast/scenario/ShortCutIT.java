package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.decisions;
import static io.holdfast.scenario.Scenarios.executionIs;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.FaultProxy.Cut;
import io.holdfast.harness.FaultProxy.Direction;
import io.holdfast.harness.FaultProxy.Lossy;
import io.holdfast.harness.LocalSystem;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Cuts that are shorter than the lease. */
final class ShortCutIT extends SharedSystem {
  private static final String AGENT = "agent-1";

  ShortCutIT() {
    super(LocalSystem.named("short-cut").timing(LONG_LEASE));
  }

  @Test
  void R1_aTaskGoesOnThroughACutAndItsOutputIsComplete() throws Exception {
    goesOnThrough("refused", FaultProxy::cut, FaultProxy::heal);
  }

  @Test
  void R1_aTaskGoesOnWhileThePacketsOfBothDirectionsVanish() throws Exception {
    goesOnThrough("silent", line -> line.cut(Cut.SILENT), FaultProxy::heal);
  }

  @Test
  void R1_aTaskGoesOnThroughHalfOpenConnectionsThatNobodyEverCloses() throws Exception {
    goesOnThrough(
        "half-open",
        line -> {
          line.drop(Direction.TO_TARGET);
          line.drop(Direction.TO_CLIENT);
        },
        line -> line.heal(Lossy.STAY_HALF_OPEN));
  }

  @Test
  void R1_aTaskGoesOnWhileOnlyTheRequestsAreLost() throws Exception {
    goesOnThrough("requests-lost", line -> line.drop(Direction.TO_TARGET), FaultProxy::heal);
  }

  @Test
  void R1_aTaskGoesOnWhileOnlyTheAnswersAreLost() throws Exception {
    goesOnThrough("answers-lost", line -> line.drop(Direction.TO_CLIENT), FaultProxy::heal);
  }

  private void goesOnThrough(String name, Consumer<FaultProxy> cut, Consumer<FaultProxy> heal)
      throws Exception {
    scenario(system -> goesOnThrough(system, name, cut, heal));
  }

  static void goesOnThrough(
      LocalSystem system, String name, Consumer<FaultProxy> cut, Consumer<FaultProxy> heal) {
    TalkingJob job = TalkingJob.on(system, name, "agent: " + AGENT);
    String run = job.running();

    cut.accept(system.proxy());
    system.client().awaitLink(AGENT, "disconnected", AT_MOST);
    JsonNode unheard = system.client().awaitRun(run, executionIs("unreachable"), AT_MOST);
    assertThat(unheard.path("state").asText()).isEqualTo("active");
    job.awaitTalk(run + ".1");

    heal.accept(system.proxy());
    awaitDecision(system, AGENT, run + ".1", "running", "resume");
    system.client().awaitLink(AGENT, "connected", AT_MOST);
    system.client().awaitRun(run, executionIs("running"), AT_MOST);
    job.awaitTalk(run + ".1");
    job.end();
    job.assertCompleteAndOnce(run);
  }

  @Test
  void R5_aTaskThatEndsDuringTheCutIsCompletedAfterItAndNotExecutedAgain() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "ends", "agent: " + AGENT);
          String run = job.running();
          system.proxy().cut();
          system.client().awaitRun(run, executionIs("unreachable"), AT_MOST);
          job.end();
          assertThat(system.ledger().awaitEnd(run + ".1", AT_MOST)).isEqualTo(TalkingJob.EXIT_CODE);
          Scenarios.awaitNothingAlive(system, run + ".1");
          // Its end is not known here while the line is cut.
          assertThat(system.client().run(run).path("state").asText()).isEqualTo("active");

          system.proxy().heal();
          JsonNode entry = awaitDecision(system, AGENT, run + ".1", "running", "complete");
          assertThat(entry.path("agentSays").asText()).contains("exited 7");
          job.assertCompleteAndOnce(run);
          assertThat(decisions(system.client(), AGENT, run + ".1"))
              .noneMatch(other -> other.path("decision").asText().equals("resend"));
        });
  }
}
