package io.holdfast.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MasterClientTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Map<String, HttpHandler> routes = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final CountDownLatch over = new CountDownLatch(1);
  private HttpServer server;
  private MasterClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(Ports.loopback(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/api/v1/", this::handle);
    server.start();
    client =
        new MasterClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "secret");
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    executor.shutdownNow();
  }

  @Test
  void requestsAreOfTheFormThatTheApiHas() {
    route("POST /jobs", 200, "{\"jobs\":[{\"name\":\"tick\",\"change\":\"created\"}]}");
    route("POST /jobs/tick/runs", 201, "{\"id\":\"tick#1\"}");
    route("POST /runs/tick%231/cancel", 202, "{\"state\":\"active\"}");
    route(
        "GET /agents/agent-1/reconciliations",
        200,
        "{\"reconciliations\":[{\"agent\":\"agent-1\"}]}");
    assertThat(client.applyJobs("jobs: {}").at("/jobs/0/change").asText()).isEqualTo("created");
    assertThat(client.startRun("tick", Map.of("NAME", "x"), "r1").path("id").asText())
        .isEqualTo("tick#1");
    assertThat(client.cancel("tick#1", "enough").path("state").asText()).isEqualTo("active");
    assertThat(client.reconciliations("agent-1")).hasSize(1);
    assertThat(requests)
        .containsExactly(
            "POST /jobs Bearer secret application/yaml jobs: {}",
            "POST /jobs/tick/runs Bearer secret application/json {\"parameters\":{\"NAME\":\"x\"},\"requestId\":\"r1\"}",
            "POST /runs/tick%231/cancel Bearer secret application/json {\"reason\":\"enough\"}",
            "GET /agents/agent-1/reconciliations Bearer secret null ");
  }

  @Test
  void aRefusalCarriesTheProblemDocument() {
    route(
        "GET /jobs/tock",
        404,
        "{\"title\":\"Unknown job\",\"status\":404,\"detail\":\"There is no job 'tock'.\"}");
    assertThatThrownBy(() -> client.job("tock"))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(404);
              assertThat(refusal.problem().path("detail").asText())
                  .isEqualTo("There is no job 'tock'.");
            })
        .hasMessageContaining("Unknown job");
  }

  @Test
  void waitingForARunPollsLongAndBearsAMasterThatIsAway() {
    AtomicInteger count = new AtomicInteger();
    routes.put(
        "GET /runs/tick%231",
        exchange -> {
          switch (count.incrementAndGet()) {
            case 1 -> answer(exchange, 503, "{\"title\":\"Journal not available\"}");
            case 2 -> exchange.close();
            case 3 -> answer(exchange, 200, "{\"state\":\"active\"}");
            default -> answer(exchange, 200, "{\"state\":\"succeeded\"}");
          }
        });
    assertThat(client.awaitRun("tick#1", SOON).path("state").asText()).isEqualTo("succeeded");
    assertThat(requests.get(0)).startsWith("GET /runs/tick%231?wait=1");
  }

  @Test
  void aRunThatDoesNotEndFailsWithItsLastState() {
    route("GET /runs/tick%231", 200, "{\"state\":\"active\"}");
    assertThatThrownBy(() -> client.awaitRun("tick#1", Duration.ofMillis(200)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("\"active\"");
  }

  @Test
  void logsAreBytesAndSayWhetherTheyAreComplete() {
    AtomicInteger count = new AtomicInteger();
    routes.put(
        "GET /executions/tick%231.1/logs/stdout",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("X-Holdfast-Complete", count.incrementAndGet() > 1 ? "true" : "false");
          answer(exchange, 200, "output");
        });
    assertThat(client.logs("tick#1.1", "stdout", 3).complete()).isFalse();
    assertThat(client.awaitCompleteLogs("tick#1.1", "stdout", SOON).text()).isEqualTo("output");
    assertThat(requests.get(0)).startsWith("GET /executions/tick%231.1/logs/stdout?offset=3");
  }

  @Test
  void eventsAreKeptUntilSomebodyAsksAndTheEndIsNoticed() {
    CountDownLatch goOn = new CountDownLatch(1);
    routes.put(
        "GET /events",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
          exchange.sendResponseHeaders(200, 0);
          try (exchange) {
            write(exchange, ": hello\n\nevent: ready\nid: 1\ndata: {}\n\n");
            write(exchange, "event: run\nid: 2\ndata: {\"id\":\"tick#1\",\n");
            goOn.await();
            write(exchange, "data: \"state\":\"active\"}\n\n");
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try (EventStream events = client.events(true)) {
      assertThat(events.awaitEvent(event -> event.kind().equals("ready"), SOON).id())
          .isEqualTo("1");
      assertThatThrownBy(
              () -> events.awaitEvent(event -> event.kind().equals("run"), Duration.ofMillis(100)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("no such event");
      goOn.countDown();
      EventStream.Event run = events.awaitEvent(event -> event.kind().equals("run"), SOON);
      assertThat(run.data().path("state").asText()).isEqualTo("active");
      assertThat(events.awaitEvent(event -> event.kind().equals("ready"), SOON)).isNotNull();
      assertThatThrownBy(() -> events.awaitEvent(event -> event.kind().equals("job"), SOON))
          .hasMessageContaining("the stream has ended");
      assertThat(events.events()).hasSize(2);
    }
  }

  @Test
  void closingEndsAStreamThatTheMasterKeepsOpen() {
    routes.put(
        "GET /events",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          write(exchange, "event: ready\nid: 1\ndata: {}\n\n");
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    EventStream events = client.events();
    assertThat(events.awaitEvent(event -> true, SOON).kind()).isEqualTo("ready");
    events.close();
    org.awaitility.Awaitility.await().until(events::hasEnded);
  }

  private void route(String request, int status, String json) {
    routes.put(request, exchange -> answer(exchange, status, json));
  }

  private void handle(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    String path = uri.toString().substring("/api/v1".length());
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var headers = exchange.getRequestHeaders();
    requests.add(
        String.join(
            " ",
            exchange.getRequestMethod(),
            path,
            headers.getFirst("Authorization"),
            headers.getFirst("Content-Type"),
            body));
    routes
        .getOrDefault(
            exchange.getRequestMethod() + " " + path.replaceAll("\\?.*", ""),
            other -> answer(other, 500, "{}"))
        .handle(exchange);
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    try (exchange) {
      byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static void write(HttpExchange exchange, String text) throws IOException {
    OutputStream out = exchange.getResponseBody();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
