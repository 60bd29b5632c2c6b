package io.holdfast.master.cli;

import static io.holdfast.master.audit.Story.at;
import static io.holdfast.master.audit.Story.begun;
import static io.holdfast.master.audit.Story.defined;
import static io.holdfast.master.audit.Story.ended;
import static io.holdfast.master.audit.Story.id;
import static io.holdfast.master.audit.Story.requested;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.audit.Story;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.testing.journal.AlteredEvents;
import io.holdfast.testing.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P5: what is done to a journal by hand is found by {@code audit verify} in each store, and named
 * by rule, persistence id and number.
 */
class AuditDamageTest {
  private static final DirectoryIdentity OWNER = new DirectoryIdentity("master", "main", "mj-1");
  private static final String ID = "job|tick";
  private static final Outcome OK = new Outcome.Exited(0);

  @TempDir private Path folder;
  private FakeMaster master;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private static JobEvent succeeded(String execution, int second) {
    return new JobEvent.RunEnded(id(execution).run(), RunResult.SUCCEEDED, "exited 0", at(second));
  }

  private static Story sound() {
    return Story.ofMaster()
        .add(
            ID,
            defined("tick", 0),
            requested("tick#1.1", 1),
            begun("tick#1.1", "agent-1", 1, 2),
            ended("tick#1.1", OK, 3),
            succeeded("tick#1.1", 3),
            requested("tick#2.1", 4),
            begun("tick#2.1", "agent-2", 2, 5));
  }

  private static Story overlapping() {
    return Story.ofMaster()
        .add(
            ID,
            defined("tick", 0),
            requested("tick#1.1", 1),
            requested("tick#2.1", 1),
            begun("tick#1.1", "agent-1", 1, 2),
            begun("tick#2.1", "agent-2", 2, 3));
  }

  private static Story twoOutcomes() {
    return sound().add(ID, ended("tick#2.1", OK, 6), ended("tick#2.1", new Outcome.Exited(3), 7));
  }

  private static String[] words(String command, List<String> journal) {
    return Stream.concat(Stream.of(command.split(" ")), journal.stream()).toArray(String[]::new);
  }

  private void assertFound(List<String> journal, String... said) {
    assertThat(cli.run(words("audit verify", journal))).as(cli.err()).isEqualTo(1);
    assertThat(cli.out()).contains(said).endsWith("\n").contains(" violations");
  }

  private void assertOverlapFound(List<String> journal) {
    assertFound(
        journal,
        "VIOLATION P1  main job|tick: tick#2.1 may begin while tick#1.1 of the same job has no",
        "main job|tick 4: execution tick#1.1 may begin",
        "main job|tick 5: execution tick#2.1 may begin");
  }

  private void assertSecondOutcomeFound(List<String> journal) {
    assertFound(
        journal,
        "VIOLATION P2  main job|tick: tick#2.1 has a second outcome: exited 3",
        "main job|tick 8: execution tick#2.1 has its outcome: exited 0",
        "main job|tick 9: execution tick#2.1 has its outcome: exited 3");
  }

  private List<String> directory(String name, Story story) throws IOException {
    Path data = folder.resolve(name);
    story.to(LevelDbImport.into(data));
    OWNER.write(data);
    return List.of("--data", data.toString());
  }

  private List<String> damaged(String name, Consumer<AlteredEvents> damage) throws IOException {
    List<String> journal = directory(name, sound());
    try (AlteredEvents events = new AlteredEvents(folder.resolve(name))) {
      damage.accept(events);
    }
    return journal;
  }

  @Test
  void eachDamageIsFoundAndNamed() throws IOException {
    assertThat(cli.run(words("audit verify", directory("sound", sound())))).isZero();
    assertFound(
        damaged("deleted", events -> events.delete(ID, 4)),
        "VIOLATION chain  main job|tick: event 4: it is missing");
    assertFound(
        damaged("altered", events -> events.alter(ID, 4)),
        "VIOLATION chain  main job|tick: event 4: ");
    assertFound(
        damaged("swapped", events -> events.swap(ID, 3, 4)),
        "VIOLATION chain  main job|tick: event 3: ");
    assertOverlapFound(directory("overlap", overlapping()));
    assertSecondOutcomeFound(directory("twice", twoOutcomes()));
  }

  /** Databases of one server, each with a story. */
  private final class Databases {
    private final PostgresServer server;

    Databases(PostgresServer server) {
      this.server = server;
    }

    List<String> with(Story story, String... damage) throws IOException {
      String database = server.newDatabase();
      Path data = folder.resolve(database + "-data");
      Path config =
          Files.writeString(
              folder.resolve(database + ".conf"),
              "holdfast.master { id = main, data = \"%s\", persistence = postgres }\n%s"
                  .formatted(data, server.settings(database)));
      List<String> journal = List.of("--config", config.toString());
      String from = directory(database + "-from", story).get(1);
      assertThat(cli.run(words("schema apply", journal))).isZero();
      assertThat(cli.run("audit", "export", "--data", from)).isZero();
      assertThat(cli.in(cli.out()).run(words("audit import -", journal))).isZero();
      for (String sql : damage) {
        server.execute(database, sql);
      }
      return journal;
    }
  }

  @Test
  void eachDamageIsFoundAndNamedInPostgres() throws IOException {
    try (PostgresServer server = PostgresServer.start()) {
      Databases databases = new Databases(server);
      assertThat(cli.run(words("audit verify", databases.with(sound())))).isZero();
      assertFound(
          databases.with(sound(), "DELETE FROM event_journal WHERE sequence_number = 4"),
          "VIOLATION chain  main job|tick: event 4: it is missing");
      assertFound(
          databases.with(
              sound(),
              "UPDATE event_journal SET event_payload = set_byte(event_payload, 20, 65) WHERE"
                  + " sequence_number = 4"),
          "VIOLATION chain  main job|tick: event 4: ");
      String renumber = "UPDATE event_journal SET sequence_number = %d WHERE sequence_number = %d";
      assertFound(
          databases.with(
              sound(),
              renumber.formatted(99, 3),
              renumber.formatted(3, 4),
              renumber.formatted(4, 99)),
          "VIOLATION chain  main job|tick: event 3: ");
      assertFound(
          databases.with(
              sound(),
              "DELETE FROM event_tag WHERE event_id = (SELECT ordering FROM event_journal WHERE"
                  + " sequence_number = 4)"),
          "VIOLATION chain  main job|tick: event 4: it has lost its tag 'job'");
      assertOverlapFound(databases.with(overlapping()));
      assertSecondOutcomeFound(databases.with(twoOutcomes()));
    }
  }
}
