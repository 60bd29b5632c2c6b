package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.awaitDecision;
import static io.holdfast.scenario.Scenarios.awaitNothingAlive;
import static io.holdfast.scenario.Scenarios.execution;
import static io.holdfast.scenario.Scenarios.holdfast;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import io.holdfast.testing.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * What {@code holdfast audit} makes of the journals of an installation to which things happened.
 */
final class AuditIT {
  private static final String AGENT = "agent-1";

  @Test
  void P5_theJournalsOfBothSidesTellWhatHappenedAndGoOnInPostgres() throws Exception {
    LocalSystem.named("audit")
        .timing(LONG_LEASE)
        .run(
            system -> {
              MasterClient client = system.client();
              client.applyJobs(system.ledger().jobYaml("quick", "agent: " + AGENT, "true"));
              client.awaitRun(client.startRun("quick").path("id").asText(), AT_MOST);
              String kept = cutAndHealed(system);
              String stopped = cancelled(system);
              String lost = confirmedLost(system);
              assertThat(system.master().terminate(AT_MOST)).isIn(0, 143);
              assertThat(system.agent().terminate(AT_MOST)).isIn(0, 143);

              String master = system.master().data().toString();
              String agent = system.agent().data().toString();
              assertThat(holdfast(system, "audit", "verify", "--data", master, "--data", agent))
                  .contains("2 journals: ", "4 runs ended", "1 amendments", "\nno violation")
                  .contains("an alarm: " + lost + ".1");
              assertThat(timeline(system, "--execution", kept + ".1"))
                  .contains("start request " + kept + ".1/1 may leave for agent-1")
                  .contains("the master had 'running', it says 'running' → resume")
                  .contains("[reconciliation in epoch 1 with agent-1")
                  .contains("has its outcome: exited 7");
              assertThat(timeline(system, "--run", stopped))
                  .contains("is to be cancelled  [asked for with the reason: 'wrong day']")
                  .contains("has ended: cancelled");
              assertThat(timeline(system, "--job", "lost"))
                  .contains("is called lost  [confirmed by ann: 'it burnt down']")
                  .contains("the verdict stays, and what became of it is added: stopped");
              goesOnInPostgres(system, kept);
            });
  }

  private static String timeline(LocalSystem system, String kind, String of) throws Exception {
    return holdfast(
        system,
        "audit",
        "timeline",
        "--data",
        system.master().data().toString(),
        "--data",
        system.agent().data().toString(),
        kind,
        of);
  }

  private static String cutAndHealed(LocalSystem system) {
    TalkingJob job = TalkingJob.on(system, "kept", "agent: " + AGENT);
    String run = job.running();
    system.proxy().cut();
    system.client().awaitLink(AGENT, "disconnected", AT_MOST);
    system.proxy().heal();
    JsonNode unused = awaitDecision(system, AGENT, run + ".1", "running", "resume");
    job.end();
    job.assertCompleteAndOnce(run);
    return run;
  }

  private static String cancelled(LocalSystem system) {
    String run = TalkingJob.on(system, "stopped", "agent: " + AGENT).running();
    system.client().cancel(run, "wrong day");
    assertThat(system.client().awaitRun(run, AT_MOST).path("state").asText())
        .isEqualTo("cancelled");
    return run;
  }

  private static String confirmedLost(LocalSystem system) {
    String run = TalkingJob.on(system, "lost", "agent: " + AGENT + "\n    on-lost: wait").running();
    system.proxy().cut();
    system.client().awaitLink(AGENT, "disconnected", AT_MOST);
    JsonNode unused = system.client().confirmLost(AGENT, "ann", "it burnt down");
    assertThat(system.client().awaitRun(run, AT_MOST).path("state").asText()).isEqualTo("lost");
    system.proxy().heal();
    awaitNothingAlive(system, run + ".1");
    assertThat(
            execution(
                    system.client().awaitRun(run, r -> execution(r, 1).has("amended"), AT_MOST), 1)
                .path("amended")
                .path("type")
                .asText())
        .isEqualTo("stopped");
    return run;
  }

  /** The way of an operator who moves an installation from its directory to a database. */
  private static void goesOnInPostgres(LocalSystem system, String kept) throws Exception {
    try (PostgresServer server = PostgresServer.start()) {
      Node master = system.master();
      Path export = system.folder().resolve("master.jsonl");
      holdfast(
          system, "audit", "export", "--data", master.data().toString(), "--to", export.toString());
      master.config(
          master.config()
              + "\nholdfast.master.persistence = postgres\n"
              + server.settings(server.newDatabase()));
      Files.writeString(master.configFile(), master.config());
      String config = master.configFile().toString();
      holdfast(system, "schema", "apply", "--config", config);
      assertThat(holdfast(system, "audit", "import", export.toString(), "--config", config))
          .contains("imported ");

      system.start();
      system.client().awaitLink(AGENT, "connected", AT_MOST);
      JsonNode run = system.client().startRun("quick");
      assertThat(run.path("id").asText()).as("numbers go on").isEqualTo("quick#2");
      JsonNode ended = system.client().awaitRun("quick#2", AT_MOST);
      assertThat(ended.path("state").asText()).isEqualTo("succeeded");
      assertThat(execution(ended, 1).path("fencingToken").asLong()).isEqualTo(2);
      assertThat(system.client().run(kept).path("executions")).hasSize(1);
      assertThat(holdfast(system, "audit", "verify", "--config", config))
          .as("while the master runs")
          .contains("5 runs ended", "\nno violation");
    }
  }
}
