package io.holdfast.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.config.MasterEntry;
import io.holdfast.agent.session.Answer;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.WireJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent answers to whom, over a server that is really there. */
class AgentRoutesTest {
  private static final String EXCHANGE =
      "{\"session\":\"s-1\",\"epoch\":1,\"number\":1,\"anchor\":\"PT1S\",\"commands\":[]}";
  @TempDir static Path tasks;
  private static ActorTestKit kit;
  private static String base;
  private static final List<MasterSession.Message> OF_SECOND = new CopyOnWriteArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws Exception {
    kit = ActorTestKit.create("agent-routes", ConfigFactory.load());
    ActorRef<MasterSession.Message> session =
        kit.spawn(
            Behaviors.receiveMessage(
                message -> {
                  if (message instanceof MasterSession.ExchangeArrived arrived) {
                    long number = arrived.request().number();
                    arrived
                        .replyTo()
                        .tell(
                            number == 1
                                ? new Answer.Exchanged(
                                    new Exchange.Response(
                                        number, Duration.ofSeconds(2), List.of(), List.of()))
                                : new Answer.Refused(
                                    new Refusal(
                                        Refusal.Code.STALE_EXCHANGE, "seen", Optional.empty())));
                  }
                  return Behaviors.same();
                }));
    ActorRef<MasterSession.Message> second =
        kit.spawn(
            Behaviors.receiveMessage(
                message -> {
                  OF_SECOND.add(message);
                  return Behaviors.same();
                }));
    AgentRoutes routes =
        new AgentRoutes(
            kit.system(),
            Map.of(
                new MasterId("main"),
                MasterEntry.ofToken("secret"),
                new MasterId("second"),
                MasterEntry.ofToken("another")),
            Map.of(new MasterId("main"), session, new MasterId("second"), second),
            new OutputFiles(
                (master, execution) -> tasks.resolve(execution.toString()),
                kit.system().executionContext()::execute));
    ServerBinding binding =
        Http.get(kit.system())
            .newServerAt("127.0.0.1", 0)
            .bind(routes.create())
            .toCompletableFuture()
            .join();
    base = "http://127.0.0.1:" + binding.localAddress().getPort() + "/agent/v1/";
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  private HttpResponse<String> send(String path, String token, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static Refusal refusal(HttpResponse<String> response) {
    return WireJson.read(response.body().getBytes(StandardCharsets.UTF_8), Refusal.class);
  }

  @Test
  void anUnknownMasterIsForbidden() throws Exception {
    var response = send("masters/other/exchange", "secret", EXCHANGE);
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(refusal(response).code()).isEqualTo(Refusal.Code.UNKNOWN_MASTER);
  }

  @Test
  void P4_theTokenOfOneMasterOpensNothingOfAnother() throws Exception {
    Files.writeString(
        Files.createDirectories(tasks.resolve("p#1.1")).resolve("stdout"), "of second");
    String couple =
        new String(
            WireJson.write(
                new Couple.Request(
                    new AgentId("agent-1"),
                    new JournalId("mj-1"),
                    new MasterEpoch(9),
                    TimingPolicy.DEFAULT)),
            StandardCharsets.UTF_8);
    for (var response :
        List.of(
            send("masters/second/session", "secret", couple),
            send("masters/second/exchange", "secret", EXCHANGE),
            send("masters/second/executions/p%231.1/stdout", "secret", null))) {
      assertThat(response.statusCode()).as("%s", response).isEqualTo(403);
      assertThat(refusal(response).code()).isEqualTo(Refusal.Code.WRONG_TOKEN);
      assertThat(response.body()).doesNotContain("of second").doesNotContain("another");
    }
    assertThat(send("masters/main/exchange", "secret", EXCHANGE).statusCode()).isEqualTo(200);
    assertThat(OF_SECOND).isEmpty();
  }

  @Test
  void aWrongTokenOrNoneIsForbiddenBeforeAnythingIsRead() throws Exception {
    for (String token : List.of("wrong", "")) {
      var response = send("masters/main/exchange", token, "not json");
      assertThat(response.statusCode()).isEqualTo(403);
      assertThat(refusal(response).code()).isEqualTo(Refusal.Code.WRONG_TOKEN);
      assertThat(response.body()).doesNotContain("secret");
    }
  }

  @Test
  void aMalformedMessageIsRefusedWithTheField() throws Exception {
    var missing = send("masters/main/exchange", "secret", EXCHANGE.replace("\"epoch\":1,", ""));
    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(refusal(missing).message()).contains("epoch");
    var wrong = send("masters/main/exchange", "secret", EXCHANGE.replace("\"PT1S\"", "\"soon\""));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(refusal(wrong).message()).contains("anchor");
    for (String body : List.of("not json", "null", "[]", "")) {
      assertThat(send("masters/main/exchange", "secret", body).statusCode())
          .as("'%s'", body)
          .isEqualTo(400);
    }
  }

  @Test
  void anAnswerIsPassedOn() throws Exception {
    var response = send("masters/main/exchange", "secret", EXCHANGE);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).contains("\"number\":1");
  }

  @Test
  void r4ARefusalIsAConflict() throws Exception {
    var response =
        send("masters/main/exchange", "secret", EXCHANGE.replace("\"number\":1", "\"number\":2"));
    assertThat(response.statusCode()).isEqualTo(409);
    assertThat(refusal(response).code()).isEqualTo(Refusal.Code.STALE_EXCHANGE);
  }

  @Test
  void outputIsReadFromItsOffset() throws Exception {
    Path task = Files.createDirectories(tasks.resolve("a#1.1"));
    Files.writeString(task.resolve("stdout"), "0123456789");
    String path = "masters/main/executions/a%231.1/";
    assertThat(send(path + "stdout?offset=4", "secret", null).body()).isEqualTo("456789");
    assertThat(send(path + "stdout", "secret", null).body()).isEqualTo("0123456789");
    assertThat(send(path + "stdout?offset=99", "secret", null).body()).isEmpty();
    assertThat(send(path + "stderr", "secret", null).statusCode()).isEqualTo(200);
    assertThat(send(path + "stdout?offset=-1", "secret", null).statusCode()).isEqualTo(400);
    assertThat(send(path + "script", "secret", null).statusCode()).isEqualTo(400);
    assertThat(send(path + "stdout", "wrong", null).statusCode()).isEqualTo(403);
    assertThat(send("masters/main/executions/b%231.1/stdout", "secret", null).statusCode())
        .isEqualTo(404);
    assertThat(send("masters/main/executions/..%2fx/stdout", "secret", null).statusCode())
        .isEqualTo(400);
  }

  @Test
  void anybodyMayAskWhetherItLives() throws Exception {
    assertThat(send("health", "", null).statusCode()).isEqualTo(200);
  }
}
