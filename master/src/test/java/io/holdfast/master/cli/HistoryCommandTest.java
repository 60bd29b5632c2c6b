package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code holdfast history} and {@code holdfast rebuild-history}. */
class HistoryCommandTest {
  private static final String RUNS =
      """
      {"runs":[{"id":"tick#2","job":"tick","number":2,"state":"failed","requestedAt":"2026-11-22T15:00:00.1Z",
        "startedAt":"2026-11-22T15:00:01Z","endedAt":"2026-11-22T15:00:12Z","attempts":1,
        "outcome":{"type":"exited","code":3},"message":"exited 3"}],
       "next":"cnVucw","upTo":"2026-11-22T16:00:00Z","history":"current"}
      """;

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
  void runsAreAskedForAndShownWithTheWayToTheNextPage() {
    master.on("GET /history/runs", 200, RUNS);
    assertThat(
            cli.run(
                "history",
                "--job",
                "tick",
                "--agent",
                "agent-1",
                "--state",
                "failed",
                "--from",
                "2026-11-22",
                "--to",
                "2026-11-23T08:30",
                "--limit",
                "1",
                "--after",
                "a b"))
        .isZero();
    assertThat(master.requests().get(0).path())
        .isEqualTo(
            "/history/runs?job=tick&agent=agent-1&state=failed&from=2026-11-22T00%3A00%3A00Z"
                + "&to=2026-11-23T08%3A30%3A00Z&after=a+b&limit=1");
    assertThat(cli.out()).contains("tick#2", "failed", "2026-11-22 15:00:01", "exited 3");
    assertThat(cli.err()).isEqualTo("holdfast: there are more: --after cnVucw\n");
    assertThat(cli.run("history", "runs", "-o", "json")).isZero();
    assertThat(cli.out()).contains("\"next\" : \"cnVucw\"");
  }

  @Test
  void executionsAndAgentsAreShownToo() {
    master.on(
        "GET /history/executions",
        200,
        """
        {"executions":[{"id":"tick#2.1","agent":"agent-1","fencingToken":7,"state":"ended",
         "outcome":{"type":"lost","why":"not heard"},"amended":{"type":"exited","code":0}}],
         "history":"rebuilding","upTo":"2026-11-22T16:00:00Z","warning":"disk full"}
        """);
    assertThat(cli.run("history", "executions")).isZero();
    assertThat(cli.out()).contains("tick#2.1", "lost: not heard", "exited 0", "7");
    assertThat(cli.err())
        .contains("not all is there yet", "being rebuilt", "2026-11-22 16:00:00", "disk full");
    master.on("GET /history/agents", 200, "{\"agents\":[],\"history\":\"catching-up\"}");
    assertThat(cli.run("history", "agents")).isZero();
    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("nothing of that kind", "catching up");
  }

  @Test
  void whatIsWrongIsSaid() {
    assertThat(cli.run("history", "--from", "yesterday")).isEqualTo(2);
    assertThat(cli.err()).contains("--from yesterday", "2026-11-22T15:00");
    assertThat(cli.run("history", "jobs")).isEqualTo(2);
    assertThat(cli.err()).contains("jobs", "RUNS, EXECUTIONS, AGENTS");
    master.on(
        "GET /history/runs",
        503,
        "{\"title\":\"History not available\",\"status\":503,\"detail\":\"no disk\"}");
    assertThat(cli.run("history")).isEqualTo(2);
    assertThat(cli.err()).contains("no disk");
  }

  private void rebuildsInSteps() {
    AtomicInteger asked = new AtomicInteger();
    master.on("POST /history/rebuild", 202, running(0));
    master.on(
        "GET /history/rebuild",
        exchange -> {
          int step = asked.incrementAndGet();
          if (step == 2) {
            FakeMaster.json(503, "{\"title\":\"x\",\"status\":503,\"detail\":\"later\"}")
                .to(exchange);
          } else {
            String done =
                "{\"rebuild\":\"done\",\"startedAt\":\"2026-11-22T15:00:00Z\","
                    + "\"endedAt\":\"2026-11-22T15:00:03Z\",\"percent\":100,\"events\":400,"
                    + "\"history\":\"current\"}";
            FakeMaster.json(200, step < 6 ? running(step * 15) : done).to(exchange);
          }
        });
  }

  private static String running(int percent) {
    return "{\"rebuild\":\"running\",\"startedAt\":\"2026-11-22T15:00:00Z\",\"percent\":"
        + percent
        + ",\"events\":"
        + percent * 4
        + ",\"history\":\"rebuilding\"}";
  }

  @Test
  void aRebuildIsFollowedInLinesToItsEnd() {
    rebuildsInSteps();
    assertThat(cli.run("rebuild-history")).isZero();
    assertThat(cli.out())
        .isEqualTo(
            "0 %, 0 events\n15 %, 60 events\n45 %, 180 events\n60 %, 240 events\n"
                + "75 %, 300 events\nthe history is rebuilt: 400 events in 3s\n");
    assertThat(cli.err()).contains("lost contact", "the rebuild goes on", "in contact");
  }

  @Test
  void onATerminalItIsABar() {
    rebuildsInSteps();
    assertThat(cli.terminal().run("rebuild-history")).isZero();
    assertThat(cli.out())
        .contains("\r[----", "\r[#############-----------------]  45 %  180 events")
        .contains("\r[##############################] 100 %  400 events\n");
  }

  @Test
  void aSecondRebuildIsRefusedWithWhatIsUnderWay() {
    master.on(
        "POST /history/rebuild",
        409,
        "{\"title\":\"Already being rebuilt\",\"status\":409,\"detail\":\"The history is being made"
            + " anew already\"}");
    assertThat(cli.run("rebuild-history")).isEqualTo(2);
    assertThat(cli.err()).contains("being made anew already");
    assertThat(cli.out()).isEmpty();
  }
}
