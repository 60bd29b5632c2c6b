package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.awaitNothingAlive;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.execution;
import static io.holdfast.scenario.Scenarios.executionIs;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import io.holdfast.harness.ProcessTable;
import io.holdfast.harness.RequestTrigger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who a master is: rebuilt, restored from a backup, overtaken by a successor. */
final class MasterIdentityIT {
  private static final String AGENT = "agent-1";

  @Test
  void R5_aRebuiltMasterDisownsWhatItsPredecessorLeft() throws Exception {
    LocalSystem.named("rebuilt")
        .timing(LONG_LEASE)
        .run(
            system -> {
              TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
              assertThat(job.run()).isEqualTo("talk#1");
              system.client().awaitRun("talk#1", executionIs("running"), AT_MOST);

              system.master().kill9();
              system.proxy().cut();
              system.master().wipeData();
              system.master().start();
              TalkingJob.on(system, "talk", "agent: " + AGENT);
              String taken = system.client().startRun("talk").path("id").asText();
              assertThat(taken)
                  .as("the same execution id as that of the old task")
                  .isEqualTo("talk#1");
              system.proxy().heal();

              JsonNode disowned = awaitDecision(system, AGENT, "talk#1.1", "nothing", "disown");
              assertThat(disowned.path("alarm").asBoolean()).isTrue();
              awaitNothingAlive(system, "talk#1.1");
              JsonNode refused = system.client().awaitRun(taken, AT_MOST);
              assertThat(refused.path("state").asText()).isEqualTo("failed");
              JsonNode outcome = execution(refused, 1).path("outcome");
              assertThat(outcome.path("type").asText()).as("%s", refused).isEqualTo("refused");
              assertThat(outcome.path("why").asText()).contains("former master");
              assertThat(execution(refused, 1).has("startedAt")).as("%s", refused).isFalse();
              assertThat(system.ledger().starts("talk#1.1")).isEqualTo(1);

              String next = job.run();
              assertThat(next).isEqualTo("talk#2");
              assertThat(execution(system.client().run(next), 1).path("fencingToken").asLong())
                  .isGreaterThan(1);
              job.end();
              job.assertCompleteAndOnce(next);
              system.ledger().assertNoOverlap("talk", Map.of());
            });
  }

  @Test
  void P2_aRestoredMasterTakesOverWhatItLostAndUsesNoNumberTwice() throws Exception {
    LocalSystem.named("restored")
        .timing(LONG_LEASE)
        .run(
            system -> {
              MasterClient client = system.client();
              client.applyJobs(system.ledger().jobYaml("quick", "agent: " + AGENT, "true"));
              TalkingJob talk = TalkingJob.on(system, "talk", "agent: " + AGENT);
              runQuick(system, "quick#1");
              Path backup = system.folder().resolve("backup");
              system.master().kill9();
              copy(system.master().data(), backup);
              system.master().start();
              awaitJob(client, "quick");
              runQuick(system, "quick#2");
              runQuick(system, "quick#3");
              long lostToken = execution(client.run("quick#3"), 1).path("fencingToken").asLong();
              assertThat(talk.run()).isEqualTo("talk#1");
              long pid = system.ledger().awaitStart("talk#1.1", AT_MOST);

              system.master().kill9();
              system.proxy().cut();
              system.master().wipeData();
              copy(backup, system.master().data());
              system.master().start();
              awaitJob(client, "quick");
              assertThat(client.startRun("quick").path("id").asText()).isEqualTo("quick#2");
              system.proxy().heal();

              JsonNode adopted = awaitDecision(system, AGENT, "talk#1.1", "nothing", "adopt");
              assertThat(adopted.path("alarm").asBoolean()).isTrue();
              client.awaitKnown("talk#1", AT_MOST);
              JsonNode running = client.awaitRun("talk#1", executionIs("running"), AT_MOST);
              assertThat(execution(running, 1).path("adopted").asBoolean()).isTrue();
              assertThat(ProcessTable.state(pid)).isNotIn('-', 'Z');

              JsonNode reused = client.awaitRun("quick#2", AT_MOST);
              assertThat(execution(reused, 1).path("outcome").path("type").asText())
                  .as("%s", reused)
                  .isEqualTo("refused");
              assertThat(execution(reused, 1).path("outcome").path("why").asText())
                  .contains("number was used");
              assertThat(system.ledger().starts("quick#2.1")).as("not run again").isEqualTo(1);

              JsonNode fresh =
                  client.awaitRun(client.startRun("quick").path("id").asText(), AT_MOST);
              assertThat(fresh.path("id").asText()).isEqualTo("quick#4");
              assertThat(execution(fresh, 1).path("fencingToken").asLong())
                  .isGreaterThan(lostToken);
              assertThat(fresh.path("state").asText()).isEqualTo("succeeded");

              talk.end();
              talk.assertCompleteAndOnce("talk#1");
              system.ledger().assertExecutedOnce("quick#3.1", "quick#4.1");
            });
  }

  @Test
  void R13_aMasterWhoseDirectoryWasTakenOverWhileItSleptSendsNothingAndEnds() throws Exception {
    LocalSystem.named("taken-over")
        .timing(LONG_LEASE)
        .run(
            system -> {
              TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
              String run = job.running();

              system.master().pause();
              Path owner = system.master().data().resolve("owner");
              Files.writeString(owner, "4711 somebody-else\n");
              awaitPassed(system.timing().authorityTtl().multipliedBy(2).toMillis());
              RequestTrigger posted =
                  system
                      .proxy()
                      .onRequest(
                          text -> text.startsWith("POST"), RequestTrigger.Action.PASS, 1_000);
              system.master().resume();

              assertThat(system.master().process().awaitExit(AT_MOST)).isEqualTo(3);
              assertThat(posted.firings()).as("exchanges and couplings").isZero();
              assertThat(Files.readString(system.master().output()))
                  .contains("has been taken over")
                  .contains("another master acts in its name now");
              job.awaitTalk(run + ".1");
            });
  }

  @Test
  void R4_aMasterThatWakesUpAfterItsSuccessorCoupledChangesNothing() throws Exception {
    LocalSystem.named("overtaken")
        .masters("main", "copy")
        .timing(LONG_LEASE)
        .run(
            system -> {
              Node old = system.master("main");
              Node successor = system.master("copy");
              successor.kill9();
              TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
              String run = job.running();

              old.pause();
              successor.wipeData();
              copy(old.data(), successor.data());
              successor.config(
                  old.config()
                      .replace(old.data().toString(), successor.data().toString())
                      .replace("port = " + old.port(), "port = " + successor.port()));
              successor.launch();
              MasterClient now = system.client("copy");
              now.awaitLink(AGENT, "connected", AT_MOST);
              now.awaitRun(run, executionIs("running"), AT_MOST);
              long epoch = now.agent(AGENT).path("epoch").asLong();

              old.resume();
              system.client("main").cancel(run, "by the old one");
              JsonNode refused =
                  eventually()
                      .until(
                          () -> system.client("main").agent(AGENT),
                          agent -> agent.path("message").asText().contains("newer master"));
              assertThat(refused.path("link").asText()).isNotEqualTo("connected");
              assertThat(refused.path("epoch").asLong()).isLessThan(epoch);

              job.awaitTalk(run + ".1");
              now.awaitLink(AGENT, "connected", AT_MOST);
              assertThat(now.agent(AGENT).path("epoch").asLong()).isEqualTo(epoch);
              job.end();
              JsonNode ended = now.awaitRun(run, AT_MOST);
              assertOutcome(
                  execution(ended, 1).path("outcome"), "exited", "code", TalkingJob.EXIT_CODE);
              system.ledger().assertExecutedOnce(run + ".1");
              assertThat(system.client("main").run(run).has("endedAt")).isFalse();
            });
  }

  @Test
  void R6_whatAnOperatorConfirmsIsLostAtOnceAndStoppedWhenItTurnsUpAlive() throws Exception {
    LocalSystem.named("confirmed-lost")
        .timing(LONG_LEASE)
        .run(
            system -> {
              TalkingJob job =
                  TalkingJob.on(system, "talk", "agent: " + AGENT + "\n    on-lost: wait");
              String run = job.running();
              system.proxy().cut();
              system.client().awaitLink(AGENT, "disconnected", AT_MOST);

              JsonNode confirmed = system.client().confirmLost(AGENT, "ann", "it burnt down");
              assertThat(Scenarios.texts(confirmed.path("executions"))).containsExactly(run + ".1");
              JsonNode lost = system.client().awaitRun(run, AT_MOST);
              assertThat(lost.path("state").asText()).isEqualTo("lost");
              assertThat(execution(lost, 1).path("outcome").path("why").asText())
                  .isEqualTo("confirmed by ann: it burnt down");

              job.awaitTalk(run + ".1");
              system.proxy().heal();
              JsonNode alive = awaitDecision(system, AGENT, run + ".1", "lost", "stop");
              assertThat(alive.path("alarm").asBoolean()).as("P1 was at risk").isTrue();
              awaitNothingAlive(system, run + ".1");
              JsonNode amended =
                  system.client().awaitRun(run, r -> execution(r, 1).has("amended"), AT_MOST);
              assertOutcome(
                  execution(amended, 1).path("amended"), "stopped", "reason", "lost-elsewhere");
              assertThat(
                      system
                          .client()
                          .agent(AGENT)
                          .path("confirmations")
                          .path(0)
                          .path("by")
                          .asText())
                  .isEqualTo("ann");
            });
  }

  private static void runQuick(LocalSystem system, String expected) {
    String run = system.client().startRun("quick").path("id").asText();
    assertThat(run).isEqualTo(expected);
    system.client().awaitRun(run, AT_MOST);
    Path task =
        system
            .agent()
            .data()
            .resolve("masters")
            .resolve("main")
            .resolve("tasks")
            .resolve(run + ".1");
    eventually().until(() -> Files.notExists(task));
  }

  /** A master that has just started reads its journals. */
  private static void awaitJob(MasterClient client, String job) {
    eventually().ignoreExceptions().until(() -> client.job(job).has("name"));
  }

  private static void awaitPassed(long millis) {
    long since = System.nanoTime();
    eventually().until(() -> System.nanoTime() - since > millis * 1_000_000);
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(from)) {
      all = walk.toList();
    }
    for (Path one : all) {
      Path target = to.resolve(from.relativize(one).toString());
      if (Files.isDirectory(one)) {
        Files.createDirectories(target);
      } else {
        Files.copy(one, target);
      }
    }
  }
}
