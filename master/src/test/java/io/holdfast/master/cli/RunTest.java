package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code run}, and staying with a run through whatever happens to the connection. */
@Timeout(60)
class RunTest {
  private static final String OUT = "GET /executions/tick%231.1/logs/stdout";
  private static final String ERR = "GET /executions/tick%231.1/logs/stderr";
  private static final String SUCCEEDED =
      run("succeeded", "ended", ",\"outcome\":{\"type\":\"exited\",\"code\":0}");

  private FakeMaster master;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    master = new FakeMaster();
    cli = new Cli(master);
    master.on("POST /jobs/tick/runs", 201, "{\"id\":\"tick#1\",\"state\":\"queued\"}");
    master.on(ERR, exchange -> FakeMaster.sendLog(exchange, true, ""));
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private static String run(String state, String execution, String more) {
    return ("{\"id\":\"tick#1\",\"state\":\"%s\",\"requestedAt\":\"2026-11-22T15:00:00Z\","
            + "\"endedAt\":\"2026-11-22T15:00:12Z\"%s,\"executions\":[{\"id\":\"tick#1.1\",\"state\":\"%s\"}]}")
        .formatted(state, more, execution);
  }

  /** Answers the first {@code times} requests one way, all later ones another. */
  private static FakeMaster.Answer first(int times, FakeMaster.Answer one, FakeMaster.Answer then) {
    AtomicInteger asked = new AtomicInteger();
    return exchange -> (asked.getAndIncrement() < times ? one : then).to(exchange);
  }

  private static void cutOff(HttpExchange exchange, String text) throws IOException {
    exchange.getResponseHeaders().set("X-Holdfast-Complete", "false");
    exchange.sendResponseHeaders(200, 1_000);
    OutputStream body = exchange.getResponseBody();
    body.write(text.getBytes(StandardCharsets.UTF_8));
    body.flush();
    exchange.close();
  }

  @Test
  void startsARunAndPrintsItsId() throws IOException {
    assertThat(cli.run("run", "tick", "-p", "A=x=y\n\"ü🙂\"", "-p", "B=", "-pC==")).isZero();
    assertThat(cli.out()).isEqualTo("tick#1\n");
    assertThat(cli.err()).contains("holdfast logs -f tick#1");
    JsonNode body = new ObjectMapper().readTree(master.requests().get(0).body());
    assertThat(body.path("parameters").toString())
        .isEqualTo("{\"A\":\"x=y\\n\\\"ü🙂\\\"\",\"B\":\"\",\"C\":\"=\"}");
    assertThat(body.path("requestId").asText()).hasSize(36);
  }

  @Test
  void wrongParametersAreToldBeforeAnythingStarts() {
    assertThat(cli.run("run", "tick", "-p", "A")).isEqualTo(2);
    assertThat(cli.err()).isEqualTo("holdfast: -p 'A': write NAME=VALUE\n");
    assertThat(cli.run("run", "tick", "-p", "A=1", "-p", "A=2")).isEqualTo(2);
    assertThat(cli.err()).contains("-p A is given twice");
    assertThat(cli.run("run", "a/b")).isEqualTo(2);
    assertThat(cli.run("run", "tick", "--follow", "-o", "json")).isEqualTo(2);
    assertThat(master.requests()).isEmpty();
  }

  @Test
  void refusalsAreTold() {
    master
        .on(
            "POST /jobs/tock/runs",
            404,
            "{\"title\":\"Unknown job\",\"status\":404,\"detail\":\"There is no job 'tock'. Known jobs: tick.\"}")
        .on(
            "POST /jobs/tick/runs",
            422,
            "{\"title\":\"Refused\",\"status\":422,\"detail\":\"1 error\",\"errors\":["
                + "{\"key\":\"parameters.A\",\"message\":\"unknown\"}]}");
    assertThat(cli.run("run", "tock")).isEqualTo(2);
    assertThat(cli.err()).isEqualTo("holdfast: There is no job 'tock'. Known jobs: tick.\n");
    assertThat(cli.run("run", "tick", "-p", "A=1")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualTo("parameters.A: unknown\nholdfast: job 'tick' was not started: 1 error\n");
  }

  @Test
  void waitExitsAsTheRunDid() {
    master.on(
        "GET /runs/tick%231",
        first(
            2,
            FakeMaster.json(200, run("active", "running", "")),
            FakeMaster.json(200, SUCCEEDED)));
    assertThat(cli.run("run", "tick", "--wait")).isZero();
    assertThat(cli.out()).isEqualTo("tick#1 succeeded: exited 0 (after 12s)\n");
    assertThat(master.requests().get(1).path()).isEqualTo("/runs/tick%231?wait=20s");
    for (String state : new String[] {"failed", "cancelled", "lost"}) {
      master.on("GET /runs/tick%231", 200, run(state, "ended", ",\"message\":\"why\""));
      assertThat(cli.run("run", "tick", "--wait")).isEqualTo(1);
      assertThat(cli.out()).isEqualTo("tick#1 " + state + ": why (after 12s)\n");
    }
    assertThat(cli.run("run", "tick", "--wait", "-o", "json")).isEqualTo(1);
    assertThat(cli.out()).startsWith("{\n  \"id\" : \"tick#1\"");
  }

  @Test
  void followWaitsForAnExecutionAndKeepsTheStreamsApart() {
    String queued = "{\"id\":\"tick#1\",\"state\":\"queued\"}";
    master
        .on(
            "GET /runs/tick%231",
            first(
                3,
                FakeMaster.json(200, queued),
                first(
                    4,
                    FakeMaster.json(200, run("active", "running", "")),
                    FakeMaster.json(200, SUCCEEDED))))
        .on(OUT, exchange -> FakeMaster.sendLog(exchange, true, "out ü\n"))
        .on(ERR, exchange -> FakeMaster.sendLog(exchange, true, "err\n"));
    assertThat(cli.run("run", "tick", "--follow")).isZero();
    assertThat(cli.out()).isEqualTo("out ü\n");
    assertThat(cli.err())
        .isEqualTo(
            "holdfast: run tick#1 is queued\nerr\nholdfast: run tick#1 succeeded: exited 0 (after 12s)\n");
  }

  @Test
  void followGoesOnWithTheNextExecution() {
    String second =
        "{\"id\":\"tick#1\",\"state\":\"%s\",\"executions\":[{\"id\":\"tick#1.1\",\"state\":\"ended\"},"
            + "{\"id\":\"tick#1.2\",\"state\":\"%s\"}]}";
    master
        .on(
            "GET /runs/tick%231",
            first(
                2,
                FakeMaster.json(200, run("active", "ended", "")),
                first(
                    4,
                    FakeMaster.json(200, second.formatted("active", "running")),
                    FakeMaster.json(200, second.formatted("succeeded", "ended")))))
        .on(OUT, exchange -> FakeMaster.sendLog(exchange, true, "one\n"))
        .on(
            "GET /executions/tick%231.2/logs/stdout",
            exchange -> FakeMaster.sendLog(exchange, true, "two\n"))
        .on(
            "GET /executions/tick%231.2/logs/stderr",
            exchange -> FakeMaster.sendLog(exchange, true, ""));
    assertThat(cli.run("run", "tick", "--follow")).isZero();
    assertThat(cli.out()).isEqualTo("one\ntwo\n");
    assertThat(cli.run("logs", "-f", "tick#1.1")).isZero();
    assertThat(cli.out()).isEqualTo("one\n");
  }

  @Test
  void aBrokenStreamIsReadOnFromWhereItBroke() {
    master
        .on(
            "GET /runs/tick%231",
            first(
                5,
                FakeMaster.json(200, run("active", "running", "")),
                FakeMaster.json(200, SUCCEEDED)))
        .on(
            OUT,
            first(
                1,
                exchange -> cutOff(exchange, "12345"),
                first(
                    1,
                    exchange -> FakeMaster.sendLog(exchange, false, "678"),
                    exchange -> FakeMaster.sendLog(exchange, true, ""))));
    assertThat(cli.run("run", "tick", "--follow")).isZero();
    assertThat(cli.out()).isEqualTo("12345678");
    assertThat(master.requests())
        .extracting(FakeMaster.Request::path)
        .contains(
            "/executions/tick%231.1/logs/stdout?offset=0&follow=true",
            "/executions/tick%231.1/logs/stdout?offset=5&follow=true",
            "/executions/tick%231.1/logs/stdout?offset=8&follow=true");
  }

  @Test
  void outputThatNeverArrivesDoesNotHoldTheCommand() {
    master
        .on("GET /runs/tick%231", 200, run("lost", "ended", ""))
        .on(OUT, 404, "{\"title\":\"no\",\"status\":404}");
    assertThat(cli.run("run", "tick", "--follow")).isEqualTo(1);
  }

  @Test
  void whenNobodyReadsTheOutputTheCommandEndsAndTheRunGoesOn() {
    master
        .on("GET /runs/tick%231", 200, run("active", "running", ""))
        .on(OUT, exchange -> FakeMaster.sendLog(exchange, false, "out\n"));
    assertThat(cli.nobodyReads().run("run", "tick", "--follow")).isEqualTo(2);
    assertThat(cli.err()).contains("nobody reads the output any more. Run tick#1 goes on.");
  }

  @Test
  void aMasterThatIsAwayForAWhileIsAwaited() {
    master.on(
        "GET /runs/tick%231",
        first(
            1,
            FakeMaster.json(200, run("active", "running", "")),
            first(3, exchange -> exchange.close(), FakeMaster.json(200, SUCCEEDED))));
    assertThat(cli.run("run", "tick", "--wait")).isZero();
    assertThat(cli.err())
        .containsOnlyOnce("lost contact with the master")
        .contains("the run goes on without this command")
        .containsOnlyOnce("in contact with the master again");
  }

  @Test
  void aMasterThatStaysAwayIsGivenUp() {
    master.on("GET /runs/tick%231", exchange -> exchange.close());
    assertThat(cli.giveUp(Duration.ofSeconds(1)).run("run", "tick", "--follow")).isEqualTo(2);
    assertThat(cli.err())
        .contains("no contact with the master at " + master.url() + " for 1s")
        .contains("Run tick#1 may go on. Look at it with 'holdfast show tick#1'");
  }

  @Test
  void aLostAnswerToTheStartIsAskedForAgainUnderTheSameId() throws IOException {
    String answer = "{\"id\":\"tick#1\",\"state\":\"queued\"}";
    master.on(
        "POST /jobs/tick/runs",
        first(2, exchange -> exchange.close(), FakeMaster.json(200, answer)));
    assertThat(cli.run("run", "tick", "-p", "A=1")).isZero();
    assertThat(cli.out()).isEqualTo("tick#1\n");
    assertThat(cli.err()).contains("the same request again starts no second run");
    assertThat(master.requests()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(master.requests())
        .extracting(FakeMaster.Request::body)
        .containsOnly(master.requests().get(0).body());
  }
}
