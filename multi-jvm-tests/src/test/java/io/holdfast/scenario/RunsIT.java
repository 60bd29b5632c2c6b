package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.awaitNothingAlive;
import static io.holdfast.scenario.Scenarios.last;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs without any fault. */
final class RunsIT {
  @Test
  void aRunSucceedsFailsIsCancelledTimesOutAndGetsItsParameters() throws Exception {
    LocalSystem.named("runs")
        .timing(Scenarios.LONG_LEASE)
        .run(
            system -> {
              aRunSucceeds(system);
              aRunFailsWithItsExitCode(system);
              aRunIsCancelled(system);
              aRunTimesOut(system);
              parametersArriveByteForByte(system);
            });
  }

  private static void aRunSucceeds(LocalSystem system) {
    define(system, "good", "agent: agent-1", "echo out; echo err >&2");
    JsonNode run = run(system, "good");
    assertThat(run.path("state").asText()).as("%s", run).isEqualTo("succeeded");
    assertOutcome(last(run).path("outcome"), "exited", "code", 0);
    assertThat(system.client().awaitCompleteLogs("good#1.1", "stdout", AT_MOST).text())
        .isEqualTo("out\n");
    assertThat(system.client().awaitCompleteLogs("good#1.1", "stderr", AT_MOST).text())
        .isEqualTo("err\n");
    system.ledger().assertExecutedOnce("good#1.1");
  }

  private static void aRunFailsWithItsExitCode(LocalSystem system) {
    define(system, "bad", "agent: agent-1", "exit 42");
    JsonNode run = run(system, "bad");
    assertThat(run.path("state").asText()).as("%s", run).isEqualTo("failed");
    assertOutcome(last(run).path("outcome"), "exited", "code", 42);
    system.ledger().assertExecutedOnce("bad#1.1");
  }

  private static void aRunIsCancelled(LocalSystem system) {
    TalkingJob job = TalkingJob.on(system, "stopped", "agent: agent-1");
    String run = job.run();
    system.client().cancel(run, "not needed");
    JsonNode ended = system.client().awaitRun(run, AT_MOST);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("cancelled");
    assertOutcome(last(ended).path("outcome"), "stopped", "reason", "cancelled");
    awaitNothingAlive(system, run + ".1");
    assertThat(system.ledger().ends(run + ".1")).isZero();
    assertThat(system.client().awaitCompleteLogs(run + ".1", "stdout", AT_MOST).bytes())
        .isEqualTo(job.said(run + ".1"));
  }

  private static void aRunTimesOut(LocalSystem system) {
    TalkingJob job = TalkingJob.on(system, "slow", "agent: agent-1\n    timeout: 2s");
    String run = job.run();
    JsonNode ended = system.client().awaitRun(run, AT_MOST);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("failed");
    assertOutcome(last(ended).path("outcome"), "stopped", "reason", "timeout");
    awaitNothingAlive(system, run + ".1");
    assertThat(system.ledger().ends(run + ".1")).isZero();
  }

  private static void parametersArriveByteForByte(LocalSystem system) {
    String nasty =
        " 'single' \"double\" $(touch /tmp/no) `id` ${HOME} $PATH \\n \\ %s %% ; & | > < * ? [a] ~ ! #\n"
            + "second line\t\r\n\n'; exit 3; ' \u00e4\u4e2d\ud83d\ude00 end\n\n";
    define(
        system,
        "said",
        "agent: agent-1\n    parameters:\n      TEXT: \"\"\n      EMPTY: \"x\"",
        "printf '%s' \"$PARAM_TEXT\"; printf '[%s]' \"$PARAM_EMPTY\" >&2");
    JsonNode run = system.client().startRun("said", Map.of("TEXT", nasty, "EMPTY", ""));
    JsonNode ended = system.client().awaitRun(run.path("id").asText(), AT_MOST);
    assertThat(ended.path("state").asText()).as("%s", ended).isEqualTo("succeeded");
    assertThat(ended.path("parameters").path("TEXT").asText()).isEqualTo(nasty);
    assertThat(system.client().awaitCompleteLogs("said#1.1", "stdout", AT_MOST).bytes())
        .isEqualTo(nasty.getBytes(StandardCharsets.UTF_8));
    assertThat(system.client().awaitCompleteLogs("said#1.1", "stderr", AT_MOST).text())
        .isEqualTo("[]");
  }

  private static void define(LocalSystem system, String job, String target, String body) {
    system.client().applyJobs(system.ledger().jobYaml(job, target, body));
  }

  private static JsonNode run(LocalSystem system, String job) {
    String id = system.client().startRun(job).path("id").asText();
    return system.client().awaitRun(id, AT_MOST);
  }
}
