package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.holdfast;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import io.holdfast.harness.RequestTrigger;
import io.holdfast.testing.postgres.PostgresServer;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/**
 * Masters with their journal in PostgreSQL, one after the other, each with a directory of its own.
 */
class PostgresTakeoverIT {
  private static final String AGENT = "agent-1";

  /**
   * The master {@code copy} stands in for {@code main}: its name, its database, its own directory.
   */
  private static void standIn(LocalSystem system, PostgresServer server) throws Exception {
    Node main = system.master("main");
    Node copy = system.master("copy");
    copy.kill9();
    main.kill9();
    main.wipeData();
    copy.wipeData();
    main.config(
        main.config()
            + "\nholdfast.master.persistence = postgres\n"
            + server.settings(server.newDatabase()));
    Files.writeString(main.configFile(), main.config());
    holdfast(system, "schema", "apply", "--config", main.configFile().toString());
    copy.config(
        main.config()
            .replace(main.data().toString(), copy.data().toString())
            .replace("port = " + main.port(), "port = " + copy.port()));
    main.start();
    system.client("main").awaitLink(AGENT, "connected", AT_MOST);
  }

  private static void over(String name, LocalSystem.Scenario scenario) throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      LocalSystem.named(name)
          .masters("main", "copy")
          .timing(LONG_LEASE)
          .run(
              system -> {
                standIn(system, server);
                scenario.run(system);
              });
    }
  }

  @Test
  void R13_whoseJournalWasTakenOverPostsNothingMoreAndEnds() throws Exception {
    over(
        "database-taken-over",
        system -> {
          Node old = system.master("main");
          TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
          String run = job.running();

          // It is idle, and reaches the agent: nothing but the database tells it.
          system.master("copy").launch();
          system.master("copy").awaitReady("main");
          assertThat(old.process().awaitExit(AT_MOST)).isEqualTo(3);
          assertThat(Files.readString(old.output()))
              .contains("has been taken over by")
              .contains("another master acts in its name now");

          MasterClient now = system.client("copy");
          now.awaitLink(AGENT, "connected", AT_MOST);
          job.awaitTalk(run + ".1");
          JsonNode unused = now.cancel(run, "seen");
          assertThat(now.awaitRun(run, AT_MOST).path("executions")).hasSize(1);
        });
  }

  @Test
  void R13_whoSleptWhileItsJournalWasTakenOverWritesAndPostsNothing() throws Exception {
    over(
        "database-taken-while-asleep",
        system -> {
          Node old = system.master("main");
          TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
          String run = job.running();
          old.pause();
          system.master("copy").launch();
          system.master("copy").awaitReady("main");
          MasterClient now = system.client("copy");
          now.awaitLink(AGENT, "connected", AT_MOST);
          RequestTrigger posted =
              system
                  .proxy("main", AGENT)
                  .onRequest(
                      text -> text.startsWith("POST") && isOfEpoch(text, 1),
                      RequestTrigger.Action.PASS,
                      1_000);
          old.resume();
          assertThat(old.process().awaitExit(AT_MOST)).isEqualTo(3);
          assertThat(posted.firings()).as("exchanges and couplings").isZero();
          job.awaitTalk(run + ".1");
          JsonNode unused = now.cancel(run, "seen");
          assertThat(now.awaitRun(run, AT_MOST).path("state").asText()).isEqualTo("cancelled");
        });
  }

  private static boolean isOfEpoch(String request, int epoch) {
    return request.replaceAll("\\s", "").contains("\"epoch\":" + epoch + ",");
  }

  @Test
  void P3_aMasterWithAnotherDirectoryIsTheSameMasterToItsAgents() throws Exception {
    over(
        "directory-lost",
        system -> {
          Node master = system.master("main");
          TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
          String run = job.running();
          master.kill9();
          master.wipeData();
          master.start();
          JsonNode taken = Scenarios.awaitDecision(system, AGENT, run + ".1", "running", "resume");
          assertThat(taken).as("not disowned").isNotNull();
          job.end();
          job.assertCompleteAndOnce(run);
        });
  }
}
