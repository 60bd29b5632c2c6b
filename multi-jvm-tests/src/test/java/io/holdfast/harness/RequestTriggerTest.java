package io.holdfast.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.holdfast.harness.RequestTrigger.Action;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RequestTriggerTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<String> delivered = new CopyOnWriteArrayList<>();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private HttpServer server;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(Ports.loopback(), 0), 0);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String body =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            delivered.add(body);
            byte[] answer = ("got " + body).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    proxy = FaultProxy.to("trigger", server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.stop(0);
    executor.shutdownNow();
  }

  @Test
  void aRequestIsLostAndTheNextOneOfTheSameKindIsNot() throws Exception {
    assertThat(post("heartbeat 1")).isEqualTo("got heartbeat 1");
    RequestTrigger trigger = proxy.onRequest(text -> text.contains("start"), Action.LOSE_REQUEST);
    assertThat(post("heartbeat 2")).isEqualTo("got heartbeat 2");
    assertThatThrownBy(() -> post("start tick#1.1")).isInstanceOf(IOException.class);
    assertThat(trigger.awaitFired(SOON))
        .startsWith("POST / HTTP/1.1\r\n")
        .endsWith("start tick#1.1");
    assertThat(post("start tick#1.1 again")).isEqualTo("got start tick#1.1 again");
    assertThat(delivered).containsExactly("heartbeat 1", "heartbeat 2", "start tick#1.1 again");
  }

  @Test
  void aRequestIsSwallowedAndTheCallerIsLeftWaiting() throws Exception {
    RequestTrigger trigger =
        proxy.onRequest(text -> text.contains("start"), Action.SWALLOW_REQUEST);
    assertThatThrownBy(() -> post("start", Duration.ofMillis(300)))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(trigger.firings()).isEqualTo(1);
    assertThat(delivered).isEmpty();
    assertThat(post("start")).isEqualTo("got start");
  }

  @Test
  void theAnswerIsLostAfterTheRequestWasDelivered() throws Exception {
    CountDownLatch hook = new CountDownLatch(1);
    RequestTrigger trigger =
        proxy.onRequest(text -> text.contains("start"), Action.LOSE_ANSWER).then(hook::countDown);
    // The JDK's client may repeat an idempotent request whose connection is reset, but never a
    // POST.
    assertThatThrownBy(() -> post("start")).isInstanceOf(IOException.class);
    assertThat(trigger.awaitFired(SOON)).endsWith("start");
    hook.await();
    assertThat(delivered).containsExactly("start");
  }

  @Test
  void onlyAnAnswerThatMeetsItsConditionIsLost() throws Exception {
    RequestTrigger trigger =
        proxy
            .onRequest(text -> true, Action.LOSE_ANSWER)
            .whoseAnswer(text -> text.endsWith("second"));
    assertThat(post("first")).isEqualTo("got first");
    assertThat(trigger.firings()).isZero();
    assertThatThrownBy(() -> post("second")).isInstanceOf(IOException.class);
    assertThat(trigger.awaitFired(SOON)).endsWith("second");
    assertThat(post("second")).isEqualTo("got second");
    assertThat(trigger.firings()).isEqualTo(1);
  }

  @Test
  void anAnswerIsSwallowedAndTheCallerIsLeftWaiting() {
    RequestTrigger trigger = proxy.onRequest(text -> true, Action.SWALLOW_ANSWER);
    assertThatThrownBy(() -> client.send(request("start", Duration.ofSeconds(1)), ofString()))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(trigger.awaitFired(SOON)).endsWith("start");
    assertThat(delivered).containsExactly("start");
    assertThat(proxy.connections()).isNotZero();
  }

  @Test
  void aHookCutsTheLineAtThatVeryMoment() {
    RequestTrigger trigger =
        proxy.onRequest(text -> text.contains("start"), Action.LOSE_ANSWER).then(proxy::cut);
    assertThatThrownBy(() -> post("start")).isInstanceOf(IOException.class);
    trigger.awaitFired(SOON);
    assertThat(delivered).containsExactly("start");
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> post("more")).isInstanceOf(ConnectException.class));
  }

  @Test
  void aHeldRequestArrivesAfterALaterOne() throws Exception {
    RequestTrigger trigger = proxy.onRequest(text -> text.endsWith("first"), Action.HOLD);
    CompletableFuture<HttpResponse<String>> first =
        client.sendAsync(request("first", SOON), ofString());
    trigger.awaitFired(SOON);
    assertThat(post("second")).isEqualTo("got second");
    assertThat(delivered).containsExactly("second");
    trigger.release();
    assertThat(first.get().body()).isEqualTo("got first");
  }

  @Test
  void aDeliveredRequestCanBeReplayed() throws Exception {
    RequestTrigger trigger = proxy.onRequest(text -> true, Action.PASS);
    assertThat(post("start")).isEqualTo("got start");
    trigger.awaitFired(SOON);
    proxy.cut();
    assertThat(trigger.replay(SOON)).startsWith("HTTP/1.1 200").endsWith("got start");
    assertThat(delivered).containsExactly("start", "start");
  }

  @Test
  void aTriggerActsAsOftenAsToldUnlessDisarmed() throws Exception {
    RequestTrigger trigger = proxy.onRequest(text -> true, Action.LOSE_REQUEST, 3);
    assertThatThrownBy(() -> post("1")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> post("2")).isInstanceOf(IOException.class);
    trigger.close();
    assertThat(post("3")).isEqualTo("got 3");
    assertThat(trigger.firings()).isEqualTo(2);
  }

  @Test
  void largeAndChunkedBodiesAreSeenWhole() throws Exception {
    String large = "x".repeat(500_000) + "needle";
    RequestTrigger trigger = proxy.onRequest(text -> text.contains("needle"), Action.PASS, 2);
    assertThat(post(large)).hasSize(large.length() + 4);
    HttpRequest chunked =
        HttpRequest.newBuilder(proxy.uri())
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
            .build();
    assertThat(client.send(chunked, ofString()).statusCode()).isEqualTo(200);
    assertThat(trigger.firings()).isEqualTo(2);
    assertThat(trigger.request()).contains("ransfer-encoding");
  }

  private String post(String body) throws IOException, InterruptedException {
    return post(body, SOON);
  }

  private String post(String body, Duration timeout) throws IOException, InterruptedException {
    return client.send(request(body, timeout), ofString()).body();
  }

  private HttpRequest request(String body, Duration timeout) {
    return HttpRequest.newBuilder(proxy.uri())
        .timeout(timeout)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static HttpResponse.BodyHandler<String> ofString() {
    return HttpResponse.BodyHandlers.ofString();
  }
}
