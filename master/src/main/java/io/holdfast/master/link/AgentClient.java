package io.holdfast.master.link;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.headers.HttpCredentials;
import akka.http.javadsl.settings.ClientConnectionSettings;
import akka.http.javadsl.settings.ConnectionPoolSettings;
import akka.util.ByteString;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.WireJson;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * The HTTP client of one agent. The exchange and the output have a pool each, so that neither can
 * starve the other; nothing is retried here, because who asks knows better; answers are bounded in
 * size and time.
 */
final class AgentClient {
  private static final long MOST_BYTES = 16L * 1024 * 1024;

  private final ActorSystem<?> system;
  private final MasterId master;
  private final AgentAddress agent;
  private final ConnectionPoolSettings exchangePool;
  private final ConnectionPoolSettings outputPool;
  private final Duration bodyWithin;

  AgentClient(ActorSystem<?> system, MasterId master, AgentAddress agent, TimingPolicy timing) {
    this.system = system;
    this.master = master;
    this.agent = agent;
    this.bodyWithin = timing.disconnectAfter();
    Duration idle = timing.heartbeatPeriod().multipliedBy(3);
    // Different limits make them different pools.
    this.exchangePool = pool(idle, 16, 32);
    this.outputPool = pool(idle.plusSeconds(10), 4, 64);
  }

  private ConnectionPoolSettings pool(Duration idle, int connections, int waiting) {
    ConnectionPoolSettings defaults = ConnectionPoolSettings.create(system.classicSystem());
    ClientConnectionSettings connection =
        defaults
            .getConnectionSettings()
            .withConnectingTimeout(scala(Duration.ofSeconds(2)))
            .withIdleTimeout(scala(idle));
    return defaults
        .withConnectionSettings(connection)
        .withMaxConnections(connections)
        .withMaxOpenRequests(waiting)
        .withMaxRetries(0)
        .withPipeliningLimit(1)
        .withIdleTimeout(scala(idle.multipliedBy(4)))
        .withBaseConnectionBackoff(scala(Duration.ofMillis(20)))
        .withMaxConnectionBackoff(scala(Duration.ofMillis(200)));
  }

  private static scala.concurrent.duration.FiniteDuration scala(Duration duration) {
    return scala.concurrent.duration.Duration.fromNanos(duration.toNanos());
  }

  CompletionStage<AgentAnswer<Couple.Response>> couple(Couple.Request request) {
    return post("session", request, Couple.Response.class);
  }

  CompletionStage<AgentAnswer<Exchange.Response>> exchange(Exchange.Request request) {
    return post("exchange", request, Exchange.Response.class);
  }

  /** The output from {@code offset}, as much of it as the agent gives at once. */
  CompletionStage<ByteString> output(ExecutionId execution, String stream, long offset) {
    HttpRequest request =
        HttpRequest.GET(
            base()
                + "/executions/"
                + execution.toString().replace("#", "%23")
                + "/"
                + stream
                + "?offset="
                + offset);
    return send(request, outputPool)
        .thenCompose(
            response ->
                body(response)
                    .thenApply(
                        bytes -> {
                          if (response.status().isFailure()) {
                            throw new CompletionException(
                                new IllegalStateException(
                                    "output: " + response.status() + " " + bytes.utf8String()));
                          }
                          return bytes;
                        }));
  }

  private <T> CompletionStage<AgentAnswer<T>> post(String path, Object message, Class<T> type) {
    HttpRequest request =
        HttpRequest.POST(base() + "/" + path)
            .withEntity(
                HttpEntities.create(ContentTypes.APPLICATION_JSON, WireJson.write(message)));
    return send(request, exchangePool)
        .thenCompose(response -> body(response).thenApply(bytes -> read(response, bytes, type)))
        .exceptionally(failure -> new AgentAnswer.Failed<>(words(failure)));
  }

  private static <T> AgentAnswer<T> read(HttpResponse response, ByteString bytes, Class<T> type) {
    if (response.status().isSuccess()) {
      return new AgentAnswer.Ok<>(WireJson.read(bytes.toArray(), type));
    }
    try {
      return new AgentAnswer.Refused<>(WireJson.read(bytes.toArray(), Refusal.class));
    } catch (IllegalArgumentException e) {
      return new AgentAnswer.Failed<>(
          "it answers " + response.status() + " and does not look like a Holdfast agent");
    }
  }

  private CompletionStage<HttpResponse> send(HttpRequest request, ConnectionPoolSettings pool) {
    HttpRequest withToken =
        agent.token().isEmpty()
            ? request
            : request.addCredentials(HttpCredentials.createOAuth2BearerToken(agent.token()));
    return Http.get(system)
        .singleRequest(
            withToken,
            Http.get(system).defaultClientHttpsContext(),
            pool,
            system.classicSystem().log());
  }

  private CompletionStage<ByteString> body(HttpResponse response) {
    return response
        .entity()
        .withSizeLimit(MOST_BYTES)
        .toStrict(bodyWithin.toMillis(), system)
        .thenApply(strict -> strict.getData());
  }

  private String base() {
    return agent.url() + "/agent/v1/masters/" + master;
  }

  private static String words(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    if (message.contains("Connection refused") || message.contains("Tcp command [Connect")) {
      return "connection refused";
    }
    return message;
  }
}
