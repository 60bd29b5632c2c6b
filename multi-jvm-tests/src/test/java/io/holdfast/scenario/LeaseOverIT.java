package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.SHORT_LEASE;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.awaitNothingAlive;
import static io.holdfast.scenario.Scenarios.execution;
import static io.holdfast.scenario.Scenarios.executionIs;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.EffectLedger.Entry;
import io.holdfast.harness.EffectLedger.Kind;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.ProcessTable;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Faults that outlive the lease. The tasks ignore SIGTERM: the master's verdict must come after the
 * last of the grace.
 */
final class LeaseOverIT {
  private static final String STUBBORN = "trap '' TERM";

  @Test
  void R3_theMasterSaysLostOnlyAfterTheAgentHasStoppedTheTaskAndAmendsItLater() throws Exception {
    LocalSystem.named("lease-over")
        .timing(SHORT_LEASE)
        .run(
            system -> {
              TalkingJob job =
                  TalkingJob.on(system, system.client(), "talk", "agent: agent-1", STUBBORN);
              String run = job.running();

              system.proxy().cut();
              JsonNode lost = system.client().awaitRun(run, AT_MOST);
              assertThat(lost.path("state").asText()).as("%s", lost).isEqualTo("lost");
              assertThat(execution(lost, 1).path("outcome").path("type").asText())
                  .isEqualTo("lost");
              assertDeadBeforeTheVerdict(system, job, lost);
              assertThat(system.client().agent("agent-1").path("link").asText()).isEqualTo("lost");

              system.proxy().heal();
              awaitDecision(system, "agent-1", run + ".1", "lost", "amend");
              assertAmended(system, job, run);
              assertThat(system.ledger().starts(run + ".1")).isEqualTo(1);
              assertThat(system.ledger().executions("talk")).hasSize(1);
            });
  }

  @Test
  void P1_aLostTaskIsRerunOnAnotherAgentOnlyAfterTheFirstIsDead() throws Exception {
    LocalSystem.named("rerun")
        .agents(2)
        .timing(SHORT_LEASE)
        .run(
            system -> {
              system.client().awaitLink("agent-1", "connected", AT_MOST);
              system.client().awaitLink("agent-2", "connected", AT_MOST);
              TalkingJob job =
                  TalkingJob.on(
                      system, system.client(), "talk", "group: all\n    on-lost: rerun", STUBBORN);
              String run = job.run();
              JsonNode before = system.client().awaitRun(run, executionIs("running"), AT_MOST);
              String first = execution(before, 1).path("agent").asText();

              system.proxy(first).cut();
              job.awaitTalk(run + ".2");
              JsonNode after = system.client().run(run);
              assertThat(execution(after, 1).path("outcome").path("type").asText())
                  .isEqualTo("lost");
              assertThat(execution(after, 2).path("agent").asText()).isNotEqualTo(first);
              assertThat(execution(after, 2).path("fencingToken").asLong())
                  .isGreaterThan(execution(after, 1).path("fencingToken").asLong());

              long rerun = startOf(system, run + ".2").uptimeCentis();
              assertThat(job.lastTick(run + ".1").uptimeCentis()).isLessThan(rerun);
              system.ledger().assertNoOverlap("talk", Map.of());
              assertThat(system.ledger().executionsOverlapping()).isEmpty();
              assertThat(Scenarios.isDead(system, run + ".1")).isTrue();

              system.proxy(first).heal();
              awaitDecision(system, first, run + ".1", "lost", "amend");
              JsonNode amended =
                  system.client().awaitRun(run, r -> execution(r, 1).has("amended"), AT_MOST);
              assertOutcome(
                  execution(amended, 1).path("amended"), "stopped", "reason", "lease-over");
              assertThat(execution(amended, 1).path("outcome").path("type").asText())
                  .isEqualTo("lost");
              assertThat(amended.path("state").asText()).isEqualTo("active");

              job.end();
              JsonNode ended = system.client().awaitRun(run, AT_MOST);
              assertOutcome(
                  execution(ended, 2).path("outcome"), "exited", "code", TalkingJob.EXIT_CODE);
              assertThat(system.client().awaitCompleteLogs(run + ".2", "stdout", AT_MOST).bytes())
                  .isEqualTo(job.said(run + ".2"));
              system.ledger().assertExecutedOnce(run + ".1", run + ".2");
              system.ledger().assertNoOverlap("talk", Map.of());
            });
  }

  @Test
  void R12_theGuardianStopsTheTaskOfAPausedAgentBeforeTheMasterSaysLost() throws Exception {
    LocalSystem.named("agent-paused")
        .timing(SHORT_LEASE)
        .run(
            system -> {
              TalkingJob job =
                  TalkingJob.on(system, system.client(), "talk", "agent: agent-1", STUBBORN);
              String run = job.running();

              system.agent().pause();
              awaitNothingAlive(system, run + ".1");
              assertThat(ProcessTable.state(system.agent().process().pid())).isEqualTo('T');
              JsonNode lost = system.client().awaitRun(run, AT_MOST);
              assertThat(lost.path("state").asText()).as("%s", lost).isEqualTo("lost");
              assertThat(ProcessTable.state(system.agent().process().pid())).isEqualTo('T');
              assertDeadBeforeTheVerdict(system, job, lost);

              system.agent().resume();
              assertAmended(system, job, run);
              system.ledger().assertExecutedOnce(run + ".1");
            });
  }

  @Test
  void P4_theCutOfOneMasterLeavesTheTasksOfAnotherAlone() throws Exception {
    LocalSystem.named("two-masters")
        .masters("main", "other")
        .timing(SHORT_LEASE)
        .run(
            system -> {
              TalkingJob cut =
                  TalkingJob.on(system, system.client("main"), "cut", "agent: agent-1", STUBBORN);
              TalkingJob untouched =
                  TalkingJob.on(
                      system, system.client("other"), "untouched", "agent: agent-1", STUBBORN);
              String first = cut.running();
              String second = untouched.running();
              long pid = system.ledger().awaitStart(second + ".1", AT_MOST);

              system.proxy("main", "agent-1").cut();
              JsonNode lost = system.client("main").awaitRun(first, AT_MOST);
              assertThat(lost.path("state").asText()).as("%s", lost).isEqualTo("lost");
              awaitNothingAlive(system, first + ".1");

              untouched.awaitTalk(second + ".1");
              assertThat(ProcessTable.state(pid)).isNotIn('-', 'Z');
              system.client("other").awaitLink("agent-1", "connected", AT_MOST);
              assertThat(untouched.lastTick(second + ".1").uptimeCentis())
                  .isGreaterThan(cut.lastTick(first + ".1").uptimeCentis());
              untouched.end();
              untouched.assertCompleteAndOnce(second);
              system.proxy("main", "agent-1").heal();
              awaitDecision(system, "agent-1", first + ".1", "lost", "amend");
            });
  }

  private static void assertDeadBeforeTheVerdict(
      LocalSystem system, TalkingJob job, JsonNode lost) {
    JsonNode execution = execution(lost, 1);
    String id = execution.path("id").asText();
    assertThat(Scenarios.isDead(system, id)).isTrue();
    Instant verdict = Instant.parse(execution.path("endedAt").asText());
    assertThat(Instant.ofEpochMilli(job.lastTick(id).wallMillis())).isBefore(verdict);
  }

  private static void assertAmended(LocalSystem system, TalkingJob job, String run) {
    JsonNode amended = system.client().awaitRun(run, r -> execution(r, 1).has("amended"), AT_MOST);
    assertOutcome(execution(amended, 1).path("amended"), "stopped", "reason", "lease-over");
    assertThat(execution(amended, 1).path("outcome").path("type").asText()).isEqualTo("lost");
    assertThat(amended.path("state").asText()).isEqualTo("lost");
    assertThat(system.client().awaitCompleteLogs(run + ".1", "stdout", AT_MOST).bytes())
        .isEqualTo(job.said(run + ".1"));
  }

  private static Entry startOf(LocalSystem system, String execution) {
    return system.ledger().entries().stream()
        .filter(entry -> entry.kind() == Kind.START && entry.execution().equals(execution))
        .findFirst()
        .orElseThrow();
  }
}
