package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.holdfast;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.ApiException;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Node;
import io.holdfast.harness.SmallDisk;
import io.holdfast.testing.machine.Needed;
import io.holdfast.testing.postgres.PostgresServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The server with the master's journal fails: what runs runs on, new work is refused with that
 * reason, everything goes on when it is back, and nothing that was promised is missing.
 */
class PostgresOutageIT {
  private static final String AGENT = "agent-1";

  /** What is tried while the server is away is to fail soon. */
  private static final String IMPATIENT =
      """

      holdfast.journal.postgres {
        connect-timeout = 2s
        statement-timeout = 4s
        socket-timeout = 5s
      }
      """;

  private PostgresServer server;
  private String database;
  private final List<String> promised = new CopyOnWriteArrayList<>();

  @BeforeEach
  void startServer() {
    server = PostgresServer.start();
    database = server.newDatabase();
  }

  @AfterEach
  void endServer() {
    server.close();
  }

  private interface Outage {
    void with(LocalSystem system, TalkingJob job, String run) throws Exception;
  }

  /** A job that talks through the whole of it, and one whose runs are quick. */
  private void through(String name, Outage outage) throws Exception {
    LocalSystem.named(name)
        .timing(LONG_LEASE)
        .run(
            system -> {
              Node master = system.master();
              master.kill9();
              master.wipeData();
              master.config(
                  master.config()
                      + "\nholdfast.master.persistence = postgres\n"
                      + server.settings(database)
                      + IMPATIENT);
              Files.writeString(master.configFile(), master.config());
              holdfast(system, "schema", "apply", "--config", master.configFile().toString());
              master.start();
              system.client().awaitLink(AGENT, "connected", AT_MOST);
              system
                  .client()
                  .applyJobs(system.ledger().jobYaml("quick", "agent: " + AGENT, "true"));
              TalkingJob job = TalkingJob.on(system, "talk", "agent: " + AGENT);
              String run = job.running();
              long pid = master.process().pid();

              outage.with(system, job, run);

              for (String quick : promised) {
                assertThat(system.client().awaitRun(quick, AT_MOST).path("state").asText())
                    .as(quick)
                    .isEqualTo("succeeded");
                system.ledger().assertExecutedOnce(quick + ".1");
              }
              if (Files.exists(system.ledger().file())) {
                job.end();
                job.assertCompleteAndOnce(run);
              }
              assertThat(master.process().pid()).as("it was never started again").isEqualTo(pid);
            });
  }

  private void promise(LocalSystem system) {
    promised.add(system.client().startRun("quick", Map.of()).path("id").asText());
  }

  /**
   * Asks for runs until one is refused at once, with the reason. One that was on its way when it
   * happened may or may not be there, and its caller was told so.
   */
  private void awaitRefusal(LocalSystem system, int status, String... words) {
    eventually()
        .until(
            () -> {
              try {
                promise(system);
                return false;
              } catch (ApiException e) {
                return e.status() == status
                    && List.of(words).stream().allMatch(e.getMessage()::contains)
                    && !e.getMessage().contains("may or may not");
              }
            });
  }

  /** Asks until one is taken. */
  private void awaitPromise(LocalSystem system) {
    int before = promised.size();
    eventually()
        .ignoreExceptions()
        .until(
            () -> {
              promise(system);
              return promised.size() > before;
            });
  }

  @Test
  void P2_R14_aServerIsKilledUnderLoadAgainAndAgain() throws Exception {
    through(
        "database-killed",
        (system, job, run) -> {
          for (int round = 0; round < 3; round++) {
            awaitPromise(system);
            Thread killing = new Thread(server::kill, "kill");
            killing.start();
            awaitRefusal(system, 503, "cannot be reached");
            assertThat(health(system, "live").statusCode()).isEqualTo(200);
            assertThat(health(system, "ready"))
                .satisfies(
                    ready -> {
                      assertThat(ready.statusCode()).isEqualTo(503);
                      assertThat(ready.body()).contains("cannot be reached");
                    });
            killing.join();
            job.awaitTalk(run + ".1");
            server.startAgain();
          }
          awaitPromise(system);
          assertThat(health(system, "ready").statusCode()).isEqualTo(200);
        });
  }

  private static HttpResponse<String> health(LocalSystem system, String what) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(system.master().uri().resolve("/health/" + what)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void P3_R13_aServerThatDoesNotAnswerKeepsNobodyFromRunning() throws Exception {
    through(
        "database-silent",
        (system, job, run) -> {
          server.stop();
          try {
            awaitRefusal(system, 503, "cannot be");
            // Nothing is posted without a proof, and that is seen.
            system.client().awaitLink(AGENT, "disconnected", AT_MOST);
            job.awaitTalk(run + ".1");
          } finally {
            server.goOn();
          }
          system.client().awaitLink(AGENT, "connected", AT_MOST);
          awaitPromise(system);
        });
  }

  @Test
  void P2_R14_anOutcomeWaitsForADatabaseThatIsReadOnly() throws Exception {
    through(
        "database-read-only",
        (system, job, run) -> {
          setReadOnly(true);
          awaitRefusal(system, 503, "is read-only");
          job.end();
          assertThat(system.ledger().awaitEnd(run + ".1", AT_MOST)).isEqualTo(TalkingJob.EXIT_CODE);
          awaitRefusal(system, 503, "is read-only");
          assertThat(Scenarios.last(system.client().run(run)).has("outcome")).isFalse();
          setReadOnly(false);
          awaitPromise(system);
        });
  }

  private void setReadOnly(boolean whether) {
    server.execute(
        "postgres", "ALTER SYSTEM SET default_transaction_read_only = " + (whether ? "on" : "off"));
    server.execute("postgres", "SELECT pg_reload_conf()");
  }

  @Test
  void P2_R14_aFullDiskOfTheDatabase() throws Exception {
    Needed.requireMount(SmallDisk.isPossible(), "a small file system");
    Path folder = Files.createTempDirectory("holdfast-tablespace-");
    try (SmallDisk disk = SmallDisk.mount(folder, 48 << 20)) {
      server.give(folder);
      server.execute("postgres", "CREATE TABLESPACE small LOCATION '" + folder + "'");
      server.execute("postgres", "ALTER DATABASE " + database + " SET TABLESPACE small");
      through(
          "database-full",
          (system, job, run) -> {
            awaitPromise(system);
            disk.fill(0);
            awaitRefusal(system, 507, "is full");
            job.awaitTalk(run + ".1");
            disk.empty();
            awaitPromise(system);
          });
      server.kill();
    } finally {
      Files.delete(folder);
    }
  }
}
