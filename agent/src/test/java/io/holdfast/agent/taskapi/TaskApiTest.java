package io.holdfast.agent.taskapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.model.headers.Authorization;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.agent.session.Standing;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a task is answered, over a server that is really there. */
class TaskApiTest {
  private static final MasterId MASTER = new MasterId("main");
  private static final ExecutionId A = ExecutionId.parse("a#1.1");
  private static final ExecutionId ENDED = ExecutionId.parse("ended#1.1");

  @TempDir Path data;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<MasterSession.TaskCalled> calls = new CopyOnWriteArrayList<>();
  private ActorTestKit kit;
  private TaskApi api;
  private String token;

  @BeforeEach
  void start() throws IOException {
    kit = ActorTestKit.create("task-api", ConfigFactory.load());
    api = TaskApi.bind(kit.system(), data, 0);
    api.serve(Map.of(MASTER, session()));
    token = api.environment(MASTER, A).get("HOLDFAST_TASK_TOKEN");
  }

  private ActorRef<MasterSession.Message> session() {
    return kit.spawn(
        Behaviors.receiveMessage(
            message -> {
              if (message instanceof MasterSession.TaskCalled called) {
                calls.add(called);
                called.reply().complete(answer(called));
              } else if (message instanceof MasterSession.StandingAsked asked) {
                boolean mine = asked.execution().equals(A);
                asked
                    .reply()
                    .complete(
                        Optional.of(
                            new Standing(
                                asked.execution(),
                                mine,
                                Optional.of(new FencingToken(7)),
                                Optional.of(Duration.ofMillis(41_500)))));
              }
              return Behaviors.same();
            }));
  }

  private static TaskAnswer answer(MasterSession.TaskCalled called) {
    if (called.execution().equals(ENDED)) {
      return new TaskAnswer.Refused(TaskAnswer.Code.ENDED, "execution", "it has ended");
    }
    if (called.ask() instanceof TaskCall.GetVariable get) {
      return get.name().equals("x")
          ? new TaskAnswer.Value("ä b\n", new FencingToken(3))
          : new TaskAnswer.Refused(TaskAnswer.Code.UNKNOWN, "name", "no such variable");
    }
    return new TaskAnswer.Done();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private HttpResponse<String> send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    String base = api.environment(MASTER, A).get("HOLDFAST_TASK_API");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(method, path, body.getBytes(java.nio.charset.StandardCharsets.UTF_8), headers);
  }

  private TaskCall.Ask asked() {
    return calls.get(calls.size() - 1).ask();
  }

  @Test
  void eachRouteAsksWhatItSays() throws Exception {
    assertThat(send("PUT", "/task/v1/variables/x", "ä b\n", "Idempotency-Key", "k-1").statusCode())
        .isEqualTo(204);
    assertThat(asked()).isEqualTo(new TaskCall.PutVariable("x", "ä b\n"));
    assertThat(calls.get(0).key()).contains("k-1");
    assertThat(calls.get(0).execution()).isEqualTo(A);

    var value = send("GET", "/task/v1/variables/x", "");
    assertThat(value.statusCode()).isEqualTo(200);
    assertThat(value.body()).isEqualTo("ä b\n");
    assertThat(value.headers().firstValue("Holdfast-Fencing-Token")).contains("3");
    assertThat(send("GET", "/task/v1/variables/y", "").statusCode()).isEqualTo(404);

    assertThat(send("POST", "/task/v1/note", "half of it\n").statusCode()).isEqualTo(204);
    assertThat(asked()).isEqualTo(new TaskCall.Note("half of it"));

    String json = "{\"percent\":40,\"text\":\"a & b\"}";
    send("POST", "/task/v1/progress", json, "Content-Type", "application/json");
    assertThat(asked()).isEqualTo(new TaskCall.Progress(40, "a & b"));
    String form = "percent=41&text=a+%26%20b";
    send("POST", "/task/v1/progress", form, "Content-Type", "application/x-www-form-urlencoded");
    assertThat(asked()).isEqualTo(new TaskCall.Progress(41, "a & b"));

    assertThat(send("GET", "/task/v1/still-mine", "").body())
        .isEqualTo(
            "{\"execution\":\"a#1.1\",\"fencingToken\":7,\"leaseRemaining\":\"PT41.5S\","
                + "\"leaseRemainingSeconds\":41}");
  }

  @Test
  void whoHasNoTokenIsNotHeard() throws Exception {
    String right = token;
    for (String wrong :
        List.of("", "x", right + "x", right.substring(0, right.indexOf('.')) + ".", "..", "ä")) {
      token = wrong.equals("ä") ? "%C3%A4" : wrong;
      var response = send("PUT", "/task/v1/variables/x", "1");
      assertThat(response.statusCode()).as(wrong).isEqualTo(401);
      assertThat(response.headers().firstValue("Content-Type"))
          .contains("application/problem+json");
      assertThat(response.body()).contains("HOLDFAST_TASK_TOKEN");
      assertThat(send("GET", "/nothing", "").statusCode()).isEqualTo(401);
    }
    // Somebody else's signature under this task's name.
    String other = api.environment(MASTER, ExecutionId.parse("b#1.1")).get("HOLDFAST_TASK_TOKEN");
    token = right.substring(0, right.indexOf('.')) + other.substring(other.indexOf('.'));
    assertThat(send("PUT", "/task/v1/variables/x", "1").statusCode()).isEqualTo(401);
    assertThat(calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /nothing                | 404 | path",
        "GET    | /task/v1/variables/     | 404 | path",
        "GET    | /task/v1/variables/a/b  | 404 | path",
        "DELETE | /task/v1/variables/a    | 405 | method",
        "PUT    | /task/v1/still-mine     | 405 | method",
        "GET    | /task/v1/note           | 405 | method",
        "GET    | /task/v1/variables/.a   | 400 | name",
        "PUT    | /task/v1/variables/a%20 | 400 | name",
        "POST   | /task/v1/note           | 400 | text",
        "POST   | /task/v1/progress       | 400 | percent",
      })
  void whatIsWrongIsNamed(String method, String path, int status, String field) throws Exception {
    var response = send(method, path, "");
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).contains("\"key\":\"" + field + "\"");
    assertThat(calls).isEmpty();
  }

  @Test
  void whatIsTooLargeOrNoTextIsNamed() throws Exception {
    byte[] fits = new byte[TaskCall.MOST_VALUE];
    java.util.Arrays.fill(fits, (byte) 'v');
    assertThat(send("PUT", "/task/v1/variables/x", fits).statusCode()).isEqualTo(204);
    var large = send("PUT", "/task/v1/variables/x", new byte[TaskCall.MOST_VALUE + 1]);
    assertThat(large.statusCode()).isEqualTo(413);
    assertThat(large.body()).contains("\"key\":\"value\"");
    assertThat(send("POST", "/task/v1/note", new byte[TaskCall.MOST_NOTE + 1]).statusCode())
        .isEqualTo(413);
    assertThat(send("PUT", "/task/v1/variables/x", new byte[] {(byte) 0xff}).statusCode())
        .isEqualTo(400);
    assertThat(send("POST", "/task/v1/progress", "percent=101").statusCode()).isEqualTo(400);
    assertThat(
            send("POST", "/task/v1/progress", "{", "Content-Type", "application/json").statusCode())
        .isEqualTo(400);
    assertThat(send("POST", "/task/v1/note", "n", "Idempotency-Key", "a b").body())
        .contains("\"key\":\"Idempotency-Key\"");
    assertThat(calls).hasSize(1);
  }

  @Test
  void aTaskThatHasEndedIsToldSo() throws Exception {
    token = api.environment(MASTER, ENDED).get("HOLDFAST_TASK_TOKEN");
    assertThat(send("POST", "/task/v1/note", "n").statusCode()).isEqualTo(410);
    assertThat(send("GET", "/task/v1/still-mine", "").statusCode()).isEqualTo(410);
  }

  @Test
  void addressAndTokensHoldOverARestart() throws Exception {
    Map<String, String> before = api.environment(MASTER, A);
    kit.shutdownTestKit();
    kit = ActorTestKit.create("task-api", ConfigFactory.load());
    api = TaskApi.bind(kit.system(), data, 0);
    assertThat(api.environment(MASTER, A)).isEqualTo(before);

    var early = send("GET", "/task/v1/variables/x", "");
    assertThat(early.statusCode()).isEqualTo(503);
    assertThat(early.headers().firstValue("Retry-After")).contains("1");
    api.serve(Map.of(MASTER, session()));
    assertThat(send("GET", "/task/v1/variables/x", "").statusCode()).isEqualTo(200);
  }

  @Test
  void aKeptPortThatIsTakenDoesNotKeepTheAgentFromItsTasks() throws Exception {
    kit.shutdownTestKit();
    kit = ActorTestKit.create("task-api", ConfigFactory.load());
    try (ServerSocket taken = new ServerSocket(0)) {
      Files.writeString(data.resolve("task-api-port"), taken.getLocalPort() + "\n");
      api = TaskApi.bind(kit.system(), data, 0);
      assertThat(api.environment(MASTER, A).get("HOLDFAST_TASK_API"))
          .doesNotEndWith(":" + taken.getLocalPort());
      assertThatThrownBy(() -> TaskApi.bind(kit.system(), data, taken.getLocalPort()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("holdfast.agent.task-api.port");
    }
  }

  /** The masters' server gives up after a while; who waits for a master must not. */
  @Test
  void aCallOutlivesTheTimeoutsOfTheMastersServer() throws Exception {
    kit.shutdownTestKit();
    kit =
        ActorTestKit.create(
            "task-api",
            ConfigFactory.parseString(
                    "akka.http.server { idle-timeout = 200ms, request-timeout = 200ms }")
                .withFallback(ConfigFactory.load()));
    api = TaskApi.bind(kit.system(), data, 0);
    ActorRef<MasterSession.Message> slow =
        kit.spawn(
            Behaviors.withTimers(
                timers ->
                    Behaviors.receiveMessage(
                        message -> {
                          var called = (MasterSession.TaskCalled) message;
                          if (calls.isEmpty()) {
                            calls.add(called);
                            timers.startSingleTimer(called, Duration.ofSeconds(1));
                          } else {
                            called.reply().complete(answer(called));
                          }
                          return Behaviors.same();
                        })));
    api.serve(Map.of(MASTER, slow));
    assertThat(send("GET", "/task/v1/variables/x", "").statusCode()).isEqualTo(200);
  }

  @Test
  void theRequestsThatWaitAreBoundedAndStillMineIsNotAmongThem() throws Exception {
    ActorRef<MasterSession.Message> session = session();
    ActorRef<MasterSession.Message> silent =
        kit.spawn(
            Behaviors.receiveMessage(
                message -> {
                  if (message instanceof MasterSession.TaskCalled called) {
                    calls.add(called);
                  } else {
                    session.tell(message);
                  }
                  return Behaviors.same();
                }));
    TaskRequests requests =
        new TaskRequests(kit.system(), TaskTokens.open(data), () -> Map.of(MASTER, silent));
    List<CompletableFuture<akka.http.javadsl.model.HttpResponse>> waiting = new ArrayList<>();
    for (int i = 0; i < TaskRequests.MOST_WAITING; i++) {
      waiting.add(get(requests, "/task/v1/variables/x"));
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    assertThat(status(get(requests, "/task/v1/variables/x"))).isEqualTo(429);
    assertThat(status(get(requests, "/task/v1/still-mine"))).isEqualTo(200);

    await().until(() -> calls.size() == TaskRequests.MOST_WAITING);
    calls.get(0).reply().complete(new TaskAnswer.Done());
    assertThat(get(requests, "/task/v1/variables/x")).isNotDone();
  }

  private CompletableFuture<akka.http.javadsl.model.HttpResponse> get(
      TaskRequests requests, String path) {
    return requests
        .handle(
            akka.http.javadsl.model.HttpRequest.GET(path).addHeader(Authorization.oauth2(token)))
        .toCompletableFuture();
  }

  private static int status(CompletableFuture<akka.http.javadsl.model.HttpResponse> response)
      throws Exception {
    return response.get(20, TimeUnit.SECONDS).status().intValue();
  }

  @Test
  void theSecretIsForTheAgentsUserAlone() throws Exception {
    Path secret = data.resolve("task-api-secret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
        .isEqualTo("rw-------");
    Files.writeString(secret, "short\n");
    assertThatThrownBy(() -> TaskTokens.open(data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("task-api-secret");
  }
}
