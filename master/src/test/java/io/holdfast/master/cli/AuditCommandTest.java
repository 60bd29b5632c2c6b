package io.holdfast.master.cli;

import static io.holdfast.master.audit.Story.at;
import static io.holdfast.master.audit.Story.begun;
import static io.holdfast.master.audit.Story.defined;
import static io.holdfast.master.audit.Story.ended;
import static io.holdfast.master.audit.Story.requested;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.audit.Story;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.testing.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P5: {@code holdfast audit} over real stores; what it finds is tested where it is found. */
class AuditCommandTest {
  private static final DirectoryIdentity OWNER = new DirectoryIdentity("master", "main", "mj-1");

  @TempDir private Path folder;
  private FakeMaster master;
  private Cli cli;
  private Path data;

  @BeforeEach
  void start() throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
    data = folder.resolve("master");
    Story.ofMaster()
        .add(
            "job|tick",
            defined("tick", 0),
            requested("tick#1.1", 1),
            begun("tick#1.1", "agent-1", 1, 2),
            ended("tick#1.1", new Outcome.Lost("not heard, \"really\""), 30))
        .to(LevelDbImport.into(data));
    OWNER.write(data);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private Path overlapping() {
    Path bad = folder.resolve("bad");
    Story.ofMaster()
        .add(
            "job|tick",
            defined("tick", 0),
            requested("tick#1.1", 1),
            requested("tick#2.1", 1),
            begun("tick#1.1", "agent-1", 1, 2),
            begun("tick#2.1", "agent-2", 2, 3))
        .to(LevelDbImport.into(bad));
    return bad;
  }

  @Test
  void verifySaysWhatItHasReadAndWhatIsWrong() {
    assertThat(cli.run("audit", "verify", "--data", data.toString())).isZero();
    assertThat(cli.out())
        .isEqualTo(
            """
            1 journal: 1 ids, 4 events, 1 jobs, 1 runs, 1 runs open, 1 executions
            outcomes: lost: 1
            no violation
            """);
    Path bad = overlapping();
    assertThat(cli.run("audit", "verify", "--data", bad.toString())).isEqualTo(1);
    assertThat(cli.out())
        .startsWith(
            "VIOLATION P1  %s job|tick: tick#2.1 may begin while tick#1.1 of the same job has no outcome\n"
                .formatted(bad))
        .contains(
            "    2026-11-22T15:00:02Z  %s job|tick 4: execution tick#1.1 may begin".formatted(bad))
        .contains("job|tick 5: execution tick#2.1 may begin, on agent-2 with fencing token 2")
        .endsWith("1 violations\n");
    assertThat(
            cli.run(
                "audit",
                "verify",
                "--data",
                bad.toString(),
                "--data",
                data.toString(),
                "-o",
                "json"))
        .isEqualTo(1);
    assertThat(cli.out())
        .contains(
            "\"journals\" : 2",
            "\"violationCount\" : 1",
            "\"rule\" : \"P1\"",
            "\"sequenceNr\" : 5");
  }

  @Test
  void timelineIsTextOrJsonOrCsv() {
    assertThat(cli.run("audit", "timeline", "--data", data.toString(), "--run", "tick#1")).isZero();
    assertThat(cli.out())
        .isEqualTo(
            """
            2026-11-22 15:00:01.000  main  run tick#1 was requested  [request id r-1]
            2026-11-22 15:00:02.000  main  execution tick#1.1 may begin, on agent-1 with fencing token 1  [nothing else of the job is open]
            2026-11-22 15:00:30.000  main  execution tick#1.1 has its outcome: lost: not heard, "really"  [told by the link]
            """);
    String[] some = {
      "audit",
      "timeline",
      "--data",
      data.toString(),
      "--job",
      "tick",
      "--from",
      "2026-11-22 15:00:30",
      "-o"
    };
    assertThat(cli.run(with(some, "json"))).isZero();
    assertThat(cli.out())
        .isEqualTo(
            "{\"at\":\"2026-11-22T15:00:30Z\",\"journal\":\"main\",\"persistenceId\":\"job|tick\","
                + "\"sequenceNr\":4,\"event\":\"job-execution-ended/1\",\"job\":\"tick\",\"run\":\"tick#1\","
                + "\"execution\":\"tick#1.1\",\"text\":\"execution tick#1.1 has its outcome: lost: not"
                + " heard, \\\"really\\\"\",\"cause\":\"told by the link\"}\n");
    assertThat(cli.run(with(some, "csv"))).isZero();
    assertThat(cli.out())
        .isEqualTo(
            "at,journal,persistence id,number,event,job,run,execution,agent,text,cause\n"
                + "2026-11-22T15:00:30Z,main,job|tick,4,job-execution-ended/1,tick,tick#1,tick#1.1,,"
                + "\"execution tick#1.1 has its outcome: lost: not heard, \"\"really\"\"\",told by the"
                + " link\n");
  }

  private static String[] with(String[] some, String more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void stateIsOfAPastMoment() {
    assertThat(cli.run("audit", "state", "--data", data.toString(), "--at", "2026-11-22T15:00:10Z"))
        .isZero();
    assertThat(cli.out())
        .isEqualTo(
            """
            at 2026-11-22 15:00:10.000

            MASTER  RUN     EXECUTION  AGENT    STATE  SINCE                    CANCEL
            main    tick#1  tick#1.1   agent-1  begun  2026-11-22 15:00:02.000  -
            """);
    assertThat(
            cli.run(
                "audit",
                "state",
                "--data",
                data.toString(),
                "--at",
                "2026-11-22T14:00",
                "-o",
                "json"))
        .isZero();
    assertThat(cli.out()).contains("\"runs\" : [ ]");
  }

  @Test
  void stateTellsSinceWhenAnAgentWasUnreachable() {
    Path away = folder.resolve("away");
    Story.ofMaster()
        .add(
            "agent|agent-1",
            new LinkEvent.Activated(new MasterEpoch(3), Optional.empty(), at(1)),
            new LinkEvent.Unheard(Optional.of(at(20)), at(30)))
        .to(LevelDbImport.into(away));
    String[] state = {"audit", "state", "--data", away.toString(), "--at", at(40).toString()};
    assertThat(cli.run(state)).isZero();
    assertThat(cli.out())
        .contains("unreachable since 2026-11-22 15:00:20.000; nothing later is in the journal");
    assertThat(cli.run(with(with(state, "-o"), "json"))).isZero();
    assertThat(cli.out()).contains("\"unreachableSince\" : \"2026-11-22T15:00:20Z\"");
    assertThat(cli.run("audit", "timeline", "--data", away.toString(), "--agent", "agent-1"))
        .isZero();
    assertThat(cli.out()).contains("agent-1 is unreachable  [last heard at 2026-11-22T15:00:20Z]");
  }

  @Test
  void wrongUsageAndWhatCannotBeReadAreTwo() throws IOException {
    List<String[]> wrong =
        List.of(
            new String[] {"audit"},
            new String[] {"audit", "verify"},
            new String[] {"audit", "timeline", "--data", data.toString()},
            new String[] {"audit", "timeline", "--data", data.toString(), "--run", "tick"},
            new String[] {"audit", "state", "--data", data.toString(), "--at", "noon"},
            new String[] {"audit", "verify", "--data", folder.resolve("none").toString()},
            new String[] {"audit", "verify", "--config", folder.resolve("none").toString()},
            new String[] {"audit", "verify", "--data", data.toString(), "--data", data.toString()});
    List<String> said =
        List.of(
            "say what to do: timeline, state, verify, export or import",
            "name a journal: --data DIR or --config FILE",
            "--job=JOB | --run=RUN",
            "'tick' is not of the form",
            "--at 'noon' is no time: write 2026-11-22T15:00:00",
            "There is no journal in",
            "there is no file",
            "uses it already");
    for (int i = 0; i < wrong.size(); i++) {
      assertThat(cli.run(wrong.get(i))).isEqualTo(2);
      assertThat(cli.err()).contains(said.get(i));
    }
    Path config =
        Files.writeString(folder.resolve("m.conf"), "holdfast.master { persistence = oracle }");
    assertThat(cli.run("audit", "verify", "--config", config.toString())).isEqualTo(2);
    assertThat(cli.err()).contains("it is leveldb or postgres");
  }

  private Path config(String name, Path directory, String more) throws IOException {
    return Files.writeString(
        folder.resolve(name + ".conf"),
        "holdfast.master { id = %s, data = \"%s\" }\n%s".formatted("main", directory, more));
  }

  @Test
  void anExportIsABackUpAndBringsTheIdentityOfTheDirectoryWithIt() throws IOException {
    Path file = folder.resolve("export.jsonl");
    Path other = folder.resolve("other");
    assertThat(
            cli.run(
                "audit",
                "export",
                "--config",
                config("m", data, "").toString(),
                "--to",
                file.toString()))
        .isZero();
    assertThat(cli.err()).contains("exported 4 events of 1 persistence ids, content ");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(cli.run("audit", "export", "--data", data.toString(), "--to", file.toString()))
        .isEqualTo(2);
    assertThat(cli.err()).contains("already");

    assertThat(new Cli(master).nobodyReads().run("audit", "export", "--data", data.toString()))
        .isEqualTo(2);
    Files.createDirectories(other);
    new DirectoryIdentity("master", "main", "mj-9").write(other);
    assertThat(cli.run("audit", "import", file.toString(), "--data", other.toString()))
        .isEqualTo(2);
    assertThat(cli.err())
        .contains("is that of master main mj-9, and the export is of master main mj-1");
    Files.delete(other.resolve("identity"));

    Path stranger =
        Files.writeString(
            folder.resolve("s.conf"), "holdfast.master { id = x, data = \"%s\" }".formatted(other));
    assertThat(cli.run("audit", "import", file.toString(), "--config", stranger.toString()))
        .isEqualTo(2);
    assertThat(cli.err()).contains("this is the journal of master 'main'", "master 'x'");

    assertThat(cli.run("audit", "import", file.toString(), "--data", other.toString())).isZero();
    assertThat(cli.out()).startsWith("imported 4 events of 1 persistence ids, content ");
    assertThat(DirectoryIdentity.read(other)).contains(OWNER);
    assertThat(cli.run("audit", "export", "--data", other.toString())).isZero();
    assertThat(cli.out().lines().skip(1).filter(line -> !line.startsWith("{\"end\"")))
        .isEqualTo(
            Files.readAllLines(file).stream()
                .skip(1)
                .filter(l -> !l.startsWith("{\"end\""))
                .toList());

    assertThat(cli.run("audit", "import", file.toString(), "--data", other.toString()))
        .isEqualTo(2);
    assertThat(cli.err()).contains("is not empty");
    Path cut = Files.writeString(folder.resolve("cut"), Files.readString(file).substring(0, 700));
    assertThat(cli.run("audit", "import", cut.toString(), "--data", folder.resolve("c").toString()))
        .isEqualTo(2);
    assertThat(cli.err()).contains("cut off");
    assertThat(folder.resolve("c/identity")).doesNotExist();
  }

  @Test
  void anInstallationMovesFromItsDirectoryToPostgres() throws IOException {
    try (PostgresServer server = PostgresServer.start()) {
      String database = server.newDatabase();
      Path config =
          config(
              "pg", data, "holdfast.master.persistence = postgres\n" + server.settings(database));
      assertThat(cli.run("schema", "apply", "--config", config.toString())).isZero();
      assertThat(cli.run("audit", "export", "--data", data.toString())).isZero();
      String export = cli.out();
      assertThat(cli.in(export).run("audit", "import", "-", "--config", config.toString()))
          .isZero();
      assertThat(
              cli.run("audit", "verify", "--config", config.toString(), "--data", data.toString()))
          .isZero();
      assertThat(cli.out()).startsWith("2 journals: 2 ids, 8 events");
      assertThat(cli.run("audit", "export", "--config", config.toString())).isZero();
      assertThat(cli.out().lines().skip(1).limit(5).toList())
          .isEqualTo(export.lines().skip(1).limit(5).toList());
      assertThat(cli.in(export).run("audit", "import", "-", "--config", config.toString()))
          .isEqualTo(2);
      assertThat(cli.err()).contains("is not empty");

      server.execute(database, "DELETE FROM event_journal WHERE sequence_number = 3");
      assertThat(cli.run("audit", "verify", "--config", config.toString())).isEqualTo(1);
      assertThat(cli.out()).contains("VIOLATION chain  main job|tick: event 3: it is missing");
      assertThat(
              cli.run(
                  "audit", "timeline", "--config", config.toString(), "--execution", "tick#1.1"))
          .isEqualTo(1);
      assertThat(cli.err()).contains("not as it was written", "'job|tick': event 3");
      assertThat(cli.run("audit", "export", "--config", config.toString())).isEqualTo(2);
      assertThat(cli.err()).contains("is not exported");
      Files.writeString(
          config,
          "holdfast.master { data = \"%s\", persistence = postgres }\nholdfast.journal.postgres.port = 1"
              .formatted(data));
      assertThat(cli.run("audit", "verify", "--config", config.toString())).isEqualTo(2);
      assertThat(cli.err()).contains("holdfast.journal.postgres");
    }
  }

  @Test
  void howFarItIsIsShown() {
    assertThat(Progress.line(1_500, 0, "events read")).isEqualTo("1,500 events read");
    assertThat(Progress.line(500_000, 1_000_000, "events"))
        .isEqualTo("[###############               ]  50 % of 1,000,000 events");
    assertThat(Progress.line(11, 10, "events")).contains("100 %");
  }
}
