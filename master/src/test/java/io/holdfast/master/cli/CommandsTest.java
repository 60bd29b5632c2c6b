package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each command asks the master, and what it prints. */
class CommandsTest {
  private static final String RUN =
      """
      {"id":"tick#1","job":"tick","number":1,"state":"failed","requestedAt":"2026-11-22T15:00:00.123Z",
       "endedAt":"2026-11-22T15:00:12.5Z","parameters":{"NAME":"a\\nb"},"outcome":{"type":"exited","code":3},
       "executions":[{"id":"tick#1.1","run":"tick#1","job":"tick","attempt":1,"agent":"agent-1",
        "fencingToken":7,"state":"ended","startedAt":"2026-11-22T15:00:00.5Z",
        "endedAt":"2026-11-22T15:00:12.4Z","outcome":{"type":"exited","code":3},"requests":["r1","r2"],
        "stdoutBytes":10,"stderrBytes":0,"logsComplete":true,"future":"field"}]}
      """;
  private static final String JOB =
      """
      {"name":"tick","run":"echo hi\\n\\tdate\\n","agent":"agent-1","parameters":{"NAME":"ü"},
       "timeout":"PT2M","killGrace":"PT15S","onConnectionLoss":"stop-after-lease","onLost":"error",
       "atMostOnce":"guaranteed","runs":1,"activeRuns":0,
       "lastRun":{"id":"tick#1","state":"failed","requestedAt":"2026-11-22T15:00:00Z"}}
      """;
  private static final String AGENT =
      """
      {"id":"agent-1","url":"http://127.0.0.1:7710","link":"disconnected","since":"2026-11-22T15:00:00Z",
       "lastHeard":"2026-11-22T14:59:50Z","retry":3,"retryAttempts":10,"leaseRemaining":"PT41S",
       "openExecutions":1,"taskLimit":100,"epoch":2,"message":"connection refused"}
      """;

  @TempDir private Path dir;
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

  @Test
  void applySendsTheFileAndTellsWhatChanged() throws IOException {
    master.on(
        "POST /jobs",
        200,
        "{\"jobs\":[{\"name\":\"tick\",\"change\":\"created\"},{\"name\":\"a\",\"change\":\"updated\"}]}");
    Path file = Files.writeString(dir.resolve("j.yaml"), "jobs: {ü: }\n");
    assertThat(cli.run("apply", "-f", file.toString())).isZero();
    assertThat(cli.out()).isEqualTo("tick  created\na     updated\n");
    assertThat(master.requests().get(0).type()).isEqualTo("application/yaml");
    assertThat(master.requests().get(0).body()).isEqualTo("jobs: {ü: }\n");
    assertThat(cli.in("jobs: 1").run("apply", "-f", "-")).isZero();
    assertThat(master.requests().get(1).body()).isEqualTo("jobs: 1");
  }

  @Test
  void applyPrintsEveryErrorWithItsPlace() {
    master.on(
        "POST /jobs",
        422,
        "{\"title\":\"Refused\",\"status\":422,\"detail\":\"2"
            + " errors\",\"errors\":[{\"line\":3,\"column\":5,\"key\":\"jobs.tick.timeout\",\"message\":\"not"
            + " a duration\"},{\"line\":4,\"column\":1,\"message\":\"not YAML\"}]}");
    assertThat(cli.in("x").run("apply", "-f", "-")).isEqualTo(2);
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err())
        .isEqualTo(
            "stdin:3:5: jobs.tick.timeout: not a duration\nstdin:4:1: not YAML\n"
                + "holdfast: 2 errors in stdin: nothing was changed\n");
  }

  @Test
  void applyRefusesWhatIsNoJobFileBeforeSendingIt() throws IOException {
    Path binary = Files.write(dir.resolve("b"), new byte[] {'a', (byte) 0xff});
    Path large = Files.write(dir.resolve("l"), new byte[1024 * 1024 + 1]);
    assertThat(cli.run("apply", "-f", binary.toString())).isEqualTo(2);
    assertThat(cli.err()).contains("is not text in UTF-8");
    assertThat(cli.run("apply", "-f", large.toString())).isEqualTo(2);
    assertThat(cli.err()).contains("larger than 1 MiB");
    assertThat(cli.run("apply", "-f", dir.resolve("none").toString())).isEqualTo(2);
    assertThat(cli.err()).startsWith("holdfast: there is no file ");
    assertThat(cli.run("apply", "-f", dir.toString())).isEqualTo(2);
    assertThat(cli.err()).startsWith("holdfast: cannot read ");
    assertThat(cli.run("apply")).isEqualTo(2);
    assertThat(cli.err()).contains("Missing required option: '--file=FILE'");
    assertThat(master.requests()).isEmpty();
  }

  @Test
  void jobsAreATable() {
    master.on("GET /jobs", 200, "{\"jobs\":[" + JOB + ",{\"name\":\"a\",\"group\":\"all\"}]}");
    assertThat(cli.run("jobs")).isZero();
    assertThat(cli.out())
        .isEqualTo(
            """
            JOB   ON             RUNS  ACTIVE  LAST RUN  STATE   AT                   AT MOST ONCE
            tick  agent agent-1  1     0       tick#1    failed  2026-11-22 15:00:00  guaranteed
            a     group all      -     -       -         -       -                    -
            """);
    assertThat(cli.colour().run("jobs")).isZero();
    assertThat(cli.out())
        .contains("\u001b[31mfailed\u001b[0m  2026")
        .doesNotContain("\u001b[31mtick");
  }

  @Test
  void jsonIsTheAnswerOfTheMaster() {
    master.on("GET /jobs", 200, "{\"jobs\":[],\"later\":1.5}");
    assertThat(cli.run("jobs", "-o", "json")).isZero();
    assertThat(cli.out()).isEqualTo("{\n  \"jobs\" : [ ],\n  \"later\" : 1.5\n}\n");
    assertThat(cli.run("jobs", "-o", "xml")).isEqualTo(2);
  }

  @Test
  void runsAreFiltered() {
    master.on("GET /runs", 200, "{\"runs\":[" + RUN + "]}");
    assertThat(cli.run("runs", "--job", "a&b", "--state", "failed", "--limit", "5")).isZero();
    assertThat(master.requests().get(0).path()).isEqualTo("/runs?job=a%26b&state=failed&limit=5");
    assertThat(cli.out())
        .isEqualTo(
            """
            RUN     STATE   REQUESTED            ENDED                OUTCOME   MESSAGE
            tick#1  failed  2026-11-22 15:00:00  2026-11-22 15:00:12  exited 3  -
            """);
  }

  @Test
  void anEmptyListIsSaidOnStderr() {
    master.on("GET /runs", 200, "{\"runs\":[]}").on("GET /jobs", 200, "{\"jobs\":[]}");
    assertThat(cli.run("runs")).isZero();
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).isEqualTo("holdfast: there are no runs yet\n");
    assertThat(cli.run("jobs")).isZero();
    assertThat(cli.err()).contains("holdfast apply -f FILE");
  }

  @Test
  void showsRunsAndExecutions() {
    master.on("GET /runs/tick%231", 200, RUN);
    assertThat(cli.run("show", "tick#1")).isZero();
    assertThat(cli.out())
        .isEqualTo(
            """
            run           tick#1
            job           tick
            state         failed
            outcome       exited 3
            parameters    NAME=a b
            requested at  2026-11-22 15:00:00
            ended at      2026-11-22 15:00:12

            EXECUTION  AGENT    STATE  STARTED              ENDED                OUTCOME   MESSAGE
            tick#1.1   agent-1  ended  2026-11-22 15:00:00  2026-11-22 15:00:12  exited 3  -
            """);
    assertThat(cli.run("show", "tick#1.1")).isZero();
    assertThat(cli.out()).contains("fencing token   7\n").contains("start requests  r1, r2\n");
    assertThat(cli.run("show", "tick#1.1", "-o", "json")).isZero();
    assertThat(cli.out()).contains("\"future\" : \"field\"").doesNotContain("executions");
    assertThat(cli.run("show", "tick#1.2")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo("holdfast: run tick#1 has no execution tick#1.2; it has 1 of them\n");
  }

  @Test
  void showsWhatTheTasksOfARunTold() {
    master.on(
        "GET /runs/tick%231",
        200,
        RUN.strip().substring(0, RUN.strip().length() - 1)
            + ",\"progress\":{\"percent\":40,\"text\":\"copying\"},\"variables\":{\"part\":{\"value\":\""
            + "2\\n"
            + "x".repeat(100)
            + "\",\"execution\":\"tick#1.1\",\"fencingToken\":7,\"at\":\"2026-11-22T15:00:01Z\"}},"
            + "\"notes\":[{\"text\":\"part 2 is done\",\"execution\":\"tick#1.1\","
            + "\"at\":\"2026-11-22T15:00:02Z\"}]}");
    assertThat(cli.run("show", "tick#1")).isZero();
    assertThat(cli.out())
        .contains("progress      40 % copying\n")
        .contains("VARIABLE  VALUE")
        .contains("part      2 " + "x".repeat(57) + "…  tick#1.1  7      2026-11-22 15:00:01\n")
        .endsWith(
            """
            NOTED                BY        NOTE
            2026-11-22 15:00:02  tick#1.1  part 2 is done
            """);
  }

  @Test
  void showsJobsAndAgents() {
    master.on("GET /jobs/tick", 200, JOB).on("GET /agents/agent-1", 200, AGENT);
    assertThat(cli.run("show", "tick")).isZero();
    assertThat(cli.out())
        .contains("kill grace          15s\n")
        .endsWith("run\n    echo hi\n        date\n");
    assertThat(cli.run("show", "agent/agent-1")).isZero();
    assertThat(cli.out()).contains("retry            3 of 10\n").contains("lease remaining  41s\n");
    assertThat(cli.run("show", "nobody")).isEqualTo(2);
    assertThat(cli.err()).contains("there is no job and no agent 'nobody'");
    assertThat(cli.run("show", "../jobs")).isEqualTo(2);
    master.on("GET /agents/tick", 200, AGENT);
    assertThat(cli.run("show", "tick")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo("holdfast: 'tick' is a job and an agent: say job/tick or agent/tick\n");
    assertThat(cli.run("show", "job/tick")).isZero();
  }

  @Test
  void listsAgentsAndTheirReconciliations() {
    master
        .on("GET /agents", 200, "{\"agents\":[" + AGENT + "]}")
        .on(
            "GET /agents/agent-1/reconciliations",
            200,
            "{\"reconciliations\":[{\"at\":\"2026-11-22T15:00:00Z\",\"epoch\":2,\"entries\":["
                + "{\"execution\":\"tick#1.1\",\"before\":\"running\",\"agentSays\":\"finished\","
                + "\"decision\":\"complete\",\"reason\":\"it ended meanwhile\"}]}]}");
    assertThat(cli.run("agents")).isZero();
    assertThat(cli.out()).contains("agent-1  disconnected  2026-11-22 15:00:00");
    assertThat(cli.run("agents", "--reconciliations", "agent-1")).isZero();
    assertThat(cli.out())
        .contains("2      tick#1.1   running      finished    complete  it ended meanwhile\n");
  }

  @Test
  void logsAreTheBytes() {
    master
        .on("GET /runs/tick%231", 200, RUN)
        .on(
            "GET /executions/tick%231.1/logs/stdout",
            exchange -> FakeMaster.sendLog(exchange, true, "ü\u0000\nno end"))
        .on(
            "GET /executions/tick%231.1/logs/stderr",
            exchange -> FakeMaster.sendLog(exchange, false, "oh\n"));
    assertThat(cli.run("logs", "tick#1")).isZero();
    assertThat(cli.out()).isEqualTo("ü\u0000\nno end");
    assertThat(cli.err()).isEmpty();
    assertThat(cli.run("logs", "--stderr", "tick#1.1")).isZero();
    assertThat(cli.out()).isEqualTo("oh\n");
    assertThat(cli.err()).contains("more is to come");
    assertThat(cli.run("logs", "tick")).isEqualTo(2);
    assertThat(cli.err()).contains("'tick' is neither a run (tick#1) nor an execution");
  }

  @Test
  void cancelSendsTheReason() {
    String active = "{\"id\":\"tick#1\",\"state\":\"active\"}";
    master.on("POST /runs/tick%231/cancel", 202, active);
    assertThat(cli.run("cancel", "tick#1", "--reason", "\"ü\"", "--by", "ann")).isZero();
    assertThat(cli.out()).isEqualTo("tick#1 is being cancelled\n");
    assertThat(master.requests().get(0).body())
        .isEqualTo("{\"reason\":\"\\\"ü\\\"\",\"by\":\"ann\"}");
    master.on(
        "POST /runs/tick%231/cancel",
        409, "{\"title\":\"Conflict\",\"status\":409,\"detail\":\"tick#1 has ended already.\"}");
    assertThat(cli.run("cancel", "tick#1")).isEqualTo(2);
    assertThat(cli.err()).isEqualTo("holdfast: tick#1 has ended already.\n");
    assertThat(cli.run("cancel", "tick#1.1")).isEqualTo(2);
    assertThat(cli.err()).contains("name its run: tick#1");
    assertThat(cli.run("cancel", "tick")).isEqualTo(2);
    assertThat(cli.err()).contains("'tick' is not a run");
  }

  @Test
  void R6_confirmLostSendsWhoAndWhyAndTellsWhatIsLost() {
    master.on(
        "POST /agents/agent-1/confirm-lost",
        200,
        "{\"by\":\"ann\",\"reason\":\"burnt\",\"executions\":[\"tick#1.1\"]}");
    assertThat(cli.run("agents", "confirm-lost", "agent-1", "--reason", "burnt", "--by", "ann"))
        .isZero();
    assertThat(cli.out())
        .isEqualTo("agent-1 is confirmed lost: executions called lost: 1\ntick#1.1\n");
    assertThat(master.requests().get(0).body()).isEqualTo("{\"reason\":\"burnt\",\"by\":\"ann\"}");
    assertThat(cli.run("agents", "confirm-lost", "agent-1")).isEqualTo(2);
    assertThat(cli.err()).contains("--reason");
    assertThat(cli.run("agents", "confirm-lost", "--help")).isZero();
    assertThat(cli.out()).contains("machine of an agent is off").contains("--reason=TEXT");
    master.on(
        "POST /agents/agent-1/confirm-lost",
        409,
        "{\"title\":\"Agent is connected\",\"status\":409,\"detail\":\"It is connected.\"}");
    assertThat(cli.run("agents", "confirm-lost", "agent-1", "--reason", "x")).isEqualTo(2);
    assertThat(cli.err()).isEqualTo("holdfast: It is connected.\n");
  }

  @Test
  void whoAsksIsToldToTheMasterAndIsTheUserOfThisMachineUnlessNamed() {
    String user = System.getProperty("user.name");
    master.on("POST /jobs", 200, "{\"jobs\":[]}");
    master.on("POST /jobs/tick/runs", 201, "{\"id\":\"tick#1\",\"state\":\"queued\"}");
    master.on("POST /runs/tick%231/cancel", 202, "{\"id\":\"tick#1\",\"state\":\"active\"}");
    assertThat(cli.in("jobs: 1").run("apply", "-f", "-", "--by", "ann & ä")).isZero();
    assertThat(cli.run("run", "tick")).isZero();
    assertThat(cli.run("cancel", "tick#1")).isZero();
    assertThat(master.requests().get(0).path()).isEqualTo("/jobs?by=ann+%26+%C3%A4");
    assertThat(master.requests().get(1).body()).contains("\"by\":\"" + user + "\"");
    assertThat(master.requests().get(2).body()).isEqualTo("{\"by\":\"" + user + "\"}");
  }

  @Test
  void helpListsEveryCommand() {
    assertThat(cli.run("--help")).isZero();
    assertThat(cli.out())
        .contains("apply", "run ", "cancel", "jobs", "runs", "show", "logs", "agents")
        .contains("demo", "bench", "master", "agent ")
        .doesNotContain("\u001b");
    assertThat(cli.run("run", "--help")).isZero();
    assertThat(cli.run()).isEqualTo(2);
    assertThat(cli.run("jbs")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo(
            "holdfast: there is no such command or option: jbs\n"
                + "Did you mean 'jobs'? See 'holdfast --help'\n");
    assertThat(cli.run("demo")).isEqualTo(2);
  }
}
