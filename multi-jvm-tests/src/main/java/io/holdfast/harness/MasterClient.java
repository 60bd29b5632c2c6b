package io.holdfast.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The HTTP API of a master as {@code docs/http-api.md} has it, from outside: answers are JSON as
 * they came.
 *
 * <p>A refused request throws {@link ApiException}, one without an answer {@link
 * UncheckedIOException}. Only the methods that wait ({@code await…}) bear a master that is away for
 * a while, because that is what they are for.
 */
public final class MasterClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
  private static final Duration ANSWER_MAX = Duration.ofSeconds(20);
  private static final Duration LONG_POLL_MAX = Duration.ofSeconds(20);
  private static final Duration AGAIN = Duration.ofMillis(50);
  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled", "lost");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_MAX)
          .build();
  private final URI master;
  private final String token;

  /** A client of a master without a token, at {@code http://HOST:PORT}. */
  public MasterClient(URI master) {
    this(master, null);
  }

  public MasterClient(URI master, String token) {
    this.master = master;
    this.token = token;
  }

  /** The bytes of one output that the master has, and whether that is all that there will be. */
  public record Log(byte[] bytes, boolean complete) {
    public String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** Applies a job file; answers {@code {"jobs":[{name, change}]}}. */
  public JsonNode applyJobs(String yaml) {
    return json(request("/jobs").header("Content-Type", "application/yaml").POST(body(yaml)));
  }

  public JsonNode jobs() {
    return get("/jobs");
  }

  public JsonNode job(String name) {
    return get("/jobs/" + encode(name));
  }

  public JsonNode startRun(String job) {
    return startRun(job, Map.of());
  }

  public JsonNode startRun(String job, Map<String, String> parameters) {
    return startRun(job, parameters, null);
  }

  /**
   * Starts a run, or answers the one that the same {@code requestId} has started before; null:
   * none.
   */
  public JsonNode startRun(String job, Map<String, String> parameters, String requestId) {
    ObjectNode order = JSON.createObjectNode();
    ObjectNode given = order.putObject("parameters");
    parameters.forEach(given::put);
    if (requestId != null) {
      order.put("requestId", requestId);
    }
    return post("/jobs/" + encode(job) + "/runs", order);
  }

  public JsonNode run(String id) {
    return get("/runs/" + encode(id));
  }

  /** Runs, newest first. {@code query} as in {@code job=tick&limit=10}, may be empty. */
  public JsonNode runs(String query) {
    return get("/runs?" + query);
  }

  /**
   * Waits until the run has ended, and returns it. A master that is away meanwhile is asked again.
   */
  public JsonNode awaitRun(String id, Duration timeout) {
    return awaitRun(id, run -> ENDED.contains(run.path("state").asText()), true, timeout);
  }

  /** Waits until the run, not yet ended or ended, is as wanted. */
  public JsonNode awaitRun(String id, Predicate<JsonNode> wanted, Duration timeout) {
    return awaitRun(id, wanted, false, timeout);
  }

  private JsonNode awaitRun(
      String id, Predicate<JsonNode> wanted, boolean mayPoll, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    JsonNode last = null;
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      Duration poll = mayPoll ? min(left, LONG_POLL_MAX) : Duration.ZERO;
      JsonNode run = answerOrNull(() -> longPoll(id, poll));
      last = run == null ? last : run;
      if (run != null && wanted.test(run)) {
        return run;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            id + " is not as awaited within " + timeout + ", its last state: " + last);
      }
      Await.pause(AGAIN);
    }
  }

  /** Waits until the master knows the run, which it may have to learn from an agent first. */
  public void awaitKnown(String id, Duration timeout) {
    Await.condition(
        timeout, () -> isKnown(id), () -> id + " is not known to the master within " + timeout);
  }

  private boolean isKnown(String id) {
    try {
      return answerOrNull(() -> run(id)) != null;
    } catch (ApiException e) {
      if (e.status() == 404) {
        return false;
      }
      throw e;
    }
  }

  public JsonNode cancel(String run, String reason) {
    return post("/runs/" + encode(run) + "/cancel", JSON.createObjectNode().put("reason", reason));
  }

  /** As an operator who vouches that nothing of this agent's machine can run any more. */
  public JsonNode confirmLost(String agent, String by, String reason) {
    return post(
        "/agents/" + encode(agent) + "/confirm-lost",
        JSON.createObjectNode().put("by", by).put("reason", reason));
  }

  public JsonNode agents() {
    return get("/agents");
  }

  public JsonNode agent(String id) {
    return get("/agents/" + encode(id));
  }

  /** Waits until the link to the agent is in this state, and returns the agent. */
  public JsonNode awaitLink(String agent, String link, Duration timeout) {
    return awaitAgent(
        agent, now -> now.path("link").asText().equals(link), "is not " + link, timeout);
  }

  /** Waits until no more than this is left of the lease that the master believes in. */
  public void awaitLease(String agent, Duration left, Duration timeout) {
    awaitAgent(
        agent,
        now ->
            now.hasNonNull("leaseRemaining")
                && Duration.parse(now.path("leaseRemaining").asText()).compareTo(left) <= 0,
        "has more than " + left + " of its lease",
        timeout);
  }

  private JsonNode awaitAgent(
      String agent, Predicate<JsonNode> wanted, String otherwise, Duration timeout) {
    JsonNode[] last = new JsonNode[1];
    Await.condition(
        timeout,
        () -> {
          JsonNode now = answerOrNull(() -> agent(agent));
          last[0] = now == null ? last[0] : now;
          return now != null && wanted.test(now);
        },
        () -> agent + " " + otherwise + " within " + timeout + ", its last state: " + last[0]);
    return last[0];
  }

  /** The reports, newest first. */
  public JsonNode reconciliations(String agent) {
    return get("/agents/" + encode(agent) + "/reconciliations").path("reconciliations");
  }

  /** What the master has of {@code stdout} or {@code stderr}. */
  public Log logs(String execution, String stream) {
    return logs(execution, stream, 0);
  }

  public Log logs(String execution, String stream, long offset) {
    HttpRequest.Builder request =
        request("/executions/" + encode(execution) + "/logs/" + stream + "?offset=" + offset);
    HttpResponse<byte[]> answer = send(request.GET(), ANSWER_MAX);
    return new Log(
        answer.body(),
        answer.headers().firstValue("X-Holdfast-Complete").orElse("").equals("true"));
  }

  /** Waits until the master has all of an output, and returns it. */
  public Log awaitCompleteLogs(String execution, String stream, Duration timeout) {
    Log[] last = new Log[1];
    Await.condition(
        timeout,
        () -> {
          Log now = answerOrNull(() -> logs(execution, stream));
          last[0] = now == null ? last[0] : now;
          return now != null && now.complete();
        },
        () -> stream + " of " + execution + " is not complete within " + timeout);
    return last[0];
  }

  /** What happens from now on. Close it. */
  public EventStream events() {
    return events(false);
  }

  /**
   * With {@code snapshot} the stream begins with the present state and then the event {@code
   * ready}.
   */
  public EventStream events(boolean snapshot) {
    return EventStream.open(
        http,
        request("/events" + (snapshot ? "?snapshot=true" : "")).timeout(ANSWER_MAX).GET().build());
  }

  /** Any other request of the API, path below {@code /api/v1}, encoded. */
  public JsonNode get(String path) {
    return json(request(path).GET());
  }

  public JsonNode post(String path, JsonNode json) {
    return json(
        request(path).header("Content-Type", "application/json").POST(body(json.toString())));
  }

  private JsonNode longPoll(String run, Duration wait) {
    String query =
        wait.isZero() || wait.isNegative() ? "" : "?wait=" + Math.max(1, wait.toSeconds()) + "s";
    return parse(send(request("/runs/" + encode(run) + query).GET(), wait.plus(ANSWER_MAX)).body());
  }

  /** Null when the master is away: no answer, or "try again". */
  private static <T> T answerOrNull(Supplier<T> question) {
    try {
      return question.get();
    } catch (UncheckedIOException e) {
      return null;
    } catch (ApiException e) {
      if (e.status() == 503) {
        return null;
      }
      throw e;
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(master + "/api/v1" + path));
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }

  private JsonNode json(HttpRequest.Builder request) {
    return parse(send(request, ANSWER_MAX).body());
  }

  private HttpResponse<byte[]> send(HttpRequest.Builder builder, Duration timeout) {
    HttpRequest request = builder.timeout(timeout).build();
    try {
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() / 100 != 2) {
        throw new ApiException(
            request.method() + " " + request.uri(), answer.statusCode(), parse(answer.body()));
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri() + ": " + e, e);
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  static JsonNode parse(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return JSON.getNodeFactory().textNode(text);
    }
  }

  private static HttpRequest.BodyPublisher body(String text) {
    return HttpRequest.BodyPublishers.ofString(text);
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
