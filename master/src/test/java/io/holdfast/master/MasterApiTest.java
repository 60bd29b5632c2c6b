package io.holdfast.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.protocol.wire.WireJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The HTTP API of a whole master: its entities, its journal, its server; its agent is away. */
class MasterApiTest {
  private static final String AWAY = "http://127.0.0.1:1";
  private static String base;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws IOException {
    Path data = Files.createTempDirectory(Path.of("target"), "master");
    Config all =
        PersistenceConfig.withDefaults(
            ConfigFactory.parseString(
                    "holdfast.master { data = \""
                        + data
                        + "\", http { port = 0, token = t0ken }, agents = [{ id = agent-1, url = \""
                        + AWAY
                        + "\" }] }")
                .withFallback(ConfigFactory.parseResources("master-akka.conf")));
    base = "http://" + MasterServer.start(MasterConfig.of(all), all, why -> {}).address() + "/";
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + "api/v1/" + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer t0ken");
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).build());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return WireJson.MAPPER.readTree(response.body());
  }

  private String applied(String name) throws Exception {
    var response =
        post("jobs", "jobs:\n  " + name + ":\n    agent: agent-1\n    run: echo hello\n");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return name;
  }

  private String started(String name) throws Exception {
    var response = post("jobs/" + applied(name) + "/runs", "{}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    return json(response).path("id").asText().replace("#", "%23");
  }

  @Test
  void withoutTheTokenNothingIsSaid() throws Exception {
    HttpRequest without = HttpRequest.newBuilder(URI.create(base + "api/v1/jobs")).build();
    assertThat(send(without).statusCode()).isEqualTo(401);
    HttpRequest wrong =
        HttpRequest.newBuilder(URI.create(base + "api/v1/jobs"))
            .header("Authorization", "Bearer other")
            .build();
    assertThat(send(wrong).statusCode()).isEqualTo(401);
    for (String path : List.of("health", "health/live", "health/ready")) {
      HttpRequest health = HttpRequest.newBuilder(URI.create(base + path)).build();
      assertThat(send(health).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void aJobFileWithErrorsIsRefusedAsAWhole() throws Exception {
    var response =
        post(
            "jobs",
            "jobs:\n"
                + "  fine:\n"
                + "    agent: agent-1\n"
                + "    run: x\n"
                + "  bad:\n"
                + "    agent: agent-9\n"
                + "    runn: x\n");
    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(json(response).path("errors").size()).as(response.body()).isPositive();
    assertThat(get("jobs/fine").statusCode()).isEqualTo(404);
  }

  @Test
  void R6_confirmLostWantsWhoAndWhyAndIsShown() throws Exception {
    String path = "agents/agent-1/confirm-lost";
    assertThat(post("agents/agent-9/confirm-lost", "{\"reason\":\"x\",\"by\":\"y\"}").statusCode())
        .isEqualTo(404);
    for (String body :
        new String[] {
          "{}",
          "{\"by\":\"ann\"}",
          "{\"by\":\"ann\",\"reason\":\"  \"}",
          "{\"by\":\"ann\",\"reason\":7}",
          "{\"by\":\"ann\",\"reason\":\"" + "x".repeat(1001) + "\"}",
          "{\"reason\":\"off\"}",
          "{\"by\":\"" + "x".repeat(101) + "\",\"reason\":\"off\"}"
        }) {
      var refused = post(path, body);
      assertThat(refused.statusCode()).as(body).isEqualTo(400);
      assertThat(json(refused).path("detail").asText())
          .as(body)
          .containsAnyOf("reason", "by")
          .contains("characters");
    }
    var confirmed = post(path, "{\"by\":\"ann\",\"reason\":\" it burnt down \"}");
    assertThat(confirmed.statusCode()).as(confirmed.body()).isEqualTo(200);
    assertThat(json(confirmed).path("reason").asText()).isEqualTo("it burnt down");
    assertThat(json(confirmed).path("executions").isArray()).isTrue();
    JsonNode shown = json(get("agents/agent-1")).path("confirmations").path(0);
    assertThat(shown).isEqualTo(json(confirmed));
    assertThat(shown.path("by").asText()).isEqualTo("ann");
  }

  @Test
  void whoAsksMaySayWhoHeIsAndIsBounded() throws Exception {
    applied("asked");
    String file = "jobs:\n  asked:\n    agent: agent-1\n    run: echo more\n";
    String long101 = "x".repeat(101);
    for (String who : new String[] {"", "%20", long101}) {
      var refused = post("jobs?by=" + who, file);
      assertThat(refused.statusCode()).as(who).isEqualTo(400);
      assertThat(json(refused).path("detail").asText()).contains("by: say who asks for it");
    }
    assertThat(post("jobs?by=ann%20%C3%A4", file).statusCode()).isEqualTo(200);
    for (String who : new String[] {"7", "\"\"", "\" \"", "\"" + long101 + "\""}) {
      String body = "{\"by\":" + who + "}";
      assertThat(post("jobs/asked/runs", body).statusCode()).as(body).isEqualTo(400);
    }
    var started = post("jobs/asked/runs", "{\"by\":\"ann\"}");
    assertThat(started.statusCode()).as(started.body()).isEqualTo(201);
    String cancel = "runs/" + json(started).path("id").asText().replace("#", "%23") + "/cancel";
    assertThat(post(cancel, "{\"by\":[]}").statusCode()).isEqualTo(400);
    var cancelled = post(cancel, "{\"by\":\" bob \",\"reason\":\"enough\"}");
    assertThat(cancelled.statusCode()).as(cancelled.body()).isEqualTo(202);
    assertThat(json(cancelled).path("cancelRequestedBy").asText()).isEqualTo("bob");
  }

  @Test
  void anUnknownJobOrRunIsNotFound() throws Exception {
    for (String path : new String[] {"jobs/nobody", "runs/nobody%231", "executions/nobody%231.1"}) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(404);
    }
    assertThat(post("jobs/nobody/runs", "{}").statusCode()).isEqualTo(404);
    assertThat(post("runs/nobody%231/cancel", "{}").statusCode()).isEqualTo(404);
    assertThat(get("nothing/here").statusCode()).isEqualTo(404);
  }

  @Test
  void whatIsMalformedIsNamed() throws Exception {
    applied("strict");
    assertThat(post("jobs/strict/runs", "[1").statusCode()).isEqualTo(400);
    assertThat(post("jobs/strict/runs", "{\"requestId\":7}").body()).contains("requestId");
    assertThat(post("jobs/strict/runs", "{\"parameters\":{\"A\":\"1\"}}").statusCode())
        .isEqualTo(422);
    assertThat(get("runs/nonsense").statusCode()).isEqualTo(400);
    assertThat(get("runs?limit=0").body()).contains("limit = 0");
  }

  @Test
  void aRepeatedRequestIdLeadsToTheSameRun() throws Exception {
    applied("once");
    var first = post("jobs/once/runs", "{\"requestId\":\"r-1\"}");
    var again = post("jobs/once/runs", "{\"requestId\":\"r-1\"}");
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(json(again).path("id")).isEqualTo(json(first).path("id"));
  }

  @Test
  void aRunThatWasNeverSentIsCancelledAndThenItIsTooLate() throws Exception {
    String run = started("cancelled");
    assertThat(post("runs/" + run + "/cancel", "{}").statusCode()).isBetween(200, 299);
    var ended = get("runs/" + run + "?wait=20s");
    assertThat(json(ended).path("state").asText()).isEqualTo("cancelled");
    assertThat(post("runs/" + run + "/cancel", "{}").statusCode()).isEqualTo(409);
  }

  @Test
  void waitingForARunComesBackWithItsStateWhenTheTimeIsUp() throws Exception {
    String run = started("waiting");
    var response = get("runs/" + run + "?wait=1s");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(json(response).path("state").asText()).isNotEqualTo("cancelled");
  }

  @Test
  void theHistoryHasWhatWasAndCanBeMadeAnew() throws Exception {
    String run = started("past");
    post("runs/" + run + "/cancel", "{}");
    String path = "history/runs?job=past&state=cancelled";
    await().atMost(Duration.ofSeconds(90)).until(() -> json(get(path)).path("runs").size() == 1);
    assertThat(json(get(path)).path("runs").path(0).path("message").asText()).isNotEmpty();
    assertThat(json(get("history/executions?job=past")).path("executions").size()).isEqualTo(1);
    assertThat(get("history/agents").statusCode()).isEqualTo(200);
    assertThat(get("history/jobs").statusCode()).isEqualTo(404);
    var refused = get("history/runs?limit=0");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).path("detail").asText()).isEqualTo("limit = 0: between 1 and 1000");

    var begun = post("history/rebuild", "");
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> json(get("history/rebuild")).path("rebuild").asText().equals("done"));
    assertThat(json(get(path)).path("runs").size()).isEqualTo(1);
  }

  @Test
  void liveUpdatesBeginWithASnapshotAndGoOn() throws Exception {
    applied("seen");
    HttpResponse<InputStream> stream =
        client.send(
            request("events?snapshot=true").build(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      String first = lines.readLine();
      while (first != null && !first.startsWith("data:")) {
        first = lines.readLine();
      }
      assertThat(first).isNotNull();
      String run = started("fresh").replace("%23", "#");
      String line = lines.readLine();
      while (line != null && !line.contains(run)) {
        line = lines.readLine();
      }
      assertThat(line).contains(run);
    }
  }

  @Test
  void followedLogsEndWhenNothingMoreCanCome() throws Exception {
    String run = started("followed");
    String logs = "executions/" + run + ".1/logs/stdout";
    assertThat(get(logs).headers().firstValue("X-Holdfast-Complete")).contains("false");
    var followed =
        client.sendAsync(
            request(logs + "?follow=true").build(), HttpResponse.BodyHandlers.ofString());
    post("runs/" + run + "/cancel", "{}");
    assertThat(followed.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(get(logs).headers().firstValue("X-Holdfast-Complete")).contains("true");
    assertThat(get("executions/" + run + ".1/logs/stdin").statusCode()).isEqualTo(404);
    assertThat(get(logs + "?offset=-1").statusCode()).isEqualTo(400);
  }
}
