package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.executionIs;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.ProcessTable;
import io.holdfast.harness.RequestTrigger;
import io.holdfast.harness.RequestTrigger.Action;
import org.junit.jupiter.api.Test;

/** Masters and agents that are killed and come back within the lease. */
final class RestartIT extends SharedSystem {
  private static final String AGENT = "agent-1";

  RestartIT() {
    super(LocalSystem.named("restart").timing(LONG_LEASE));
  }

  @Test
  void P3_aKilledMasterComesBackAndTheTaskWasNotDisturbed() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "master-killed", "agent: " + AGENT);
          String run = job.running();
          long pid = system.ledger().awaitStart(run + ".1", AT_MOST);

          system.master().kill9();
          job.awaitTalk(run + ".1");
          system.master().start();

          awaitDecision(system, AGENT, run + ".1", "running", "resume");
          system.client().awaitRun(run, executionIs("running"), AT_MOST);
          assertThat(ProcessTable.state(pid)).isNotIn('-', 'Z');
          job.awaitTalk(run + ".1");
          job.end();
          job.assertCompleteAndOnce(run);
        });
  }

  @Test
  void P2_aTaskThatEndsWhileItsMasterIsDeadIsDeliveredAfterTheRestart() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "master-dead", "agent: " + AGENT);
          String run = job.running();
          system.master().kill9();
          job.end();
          assertThat(system.ledger().awaitEnd(run + ".1", AT_MOST)).isEqualTo(TalkingJob.EXIT_CODE);
          system.master().start();
          awaitDecision(system, AGENT, run + ".1", "running", "complete");
          job.assertCompleteAndOnce(run);
        });
  }

  @Test
  void R10_aKilledAgentComesBackAndAdoptsTheSameProcess() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "agent-killed", "agent: " + AGENT);
          String run = job.running();
          long pid = system.ledger().awaitStart(run + ".1", AT_MOST);
          String before = system.client().agent(AGENT).path("incarnation").asText();

          system.agent().kill9();
          job.awaitTalk(run + ".1");
          system.agent().start();

          awaitDecision(system, AGENT, run + ".1", "running", "resume");
          assertThat(system.client().agent(AGENT).path("incarnation").asText())
              .isNotEqualTo(before);
          system.client().awaitRun(run, executionIs("running"), AT_MOST);
          assertThat(ProcessTable.state(pid)).isNotIn('-', 'Z');
          job.awaitTalk(run + ".1");
          job.end();
          job.assertCompleteAndOnce(run);
        });
  }

  @Test
  void R10_aTaskThatEndsWhileItsAgentIsDeadKeepsItsExitCodeAndOutput() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "agent-dead", "agent: " + AGENT);
          String run = job.running();
          system.agent().kill9();
          job.end();
          assertThat(system.ledger().awaitEnd(run + ".1", AT_MOST)).isEqualTo(TalkingJob.EXIT_CODE);
          system.agent().start();
          job.assertCompleteAndOnce(run);
        });
  }

  @Test
  void P2_anOutcomeWhoseReportIsLostTogetherWithItsAgentIsToldByTheNextLife() throws Exception {
    scenario(
        system -> {
          TalkingJob job = TalkingJob.on(system, "report-lost", "agent: " + AGENT);
          String run = job.running();
          // The master waits for the answer, so that it cannot ask the old life again.
          RequestTrigger report =
              system
                  .proxy()
                  .onRequest(text -> text.contains("/exchange"), Action.SWALLOW_ANSWER)
                  .whoseAnswer(text -> text.contains("\"type\":\"exited\""))
                  .then(system.agent()::kill9);
          report.awaitMet(AT_MOST);
          job.end();
          report.awaitFired(AT_MOST);
          eventually().until(() -> !system.agent().isAlive());
          assertThat(Scenarios.last(system.client().run(run)).has("outcome")).isFalse();

          system.agent().start();
          awaitDecision(system, AGENT, run + ".1", "running", "complete");
          job.assertCompleteAndOnce(run);
        });
  }
}
