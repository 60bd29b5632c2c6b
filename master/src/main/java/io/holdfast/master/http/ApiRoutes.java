package io.holdfast.master.http;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.HttpCredentials;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.Rejection;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.wire.WireJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API as a whole: who may, what is there, and how errors look (docs/http-api.md). */
public final class ApiRoutes extends AllDirectives {
  private static final Logger LOG = LoggerFactory.getLogger(ApiRoutes.class);

  /** How long a request waits for a master that has just been started. */
  private static final Duration READ_WITHIN = Duration.ofSeconds(10);

  private final String token;
  private final ReadModel model;
  private final HealthRoutes health;
  private final Route api;

  public ApiRoutes(
      String token,
      ReadModel model,
      Entities entities,
      JobRoutes jobs,
      RunRoutes runs,
      LiveRoutes live,
      HistoryRoutes history) {
    this.token = token;
    this.model = model;
    this.health = new HealthRoutes(model, entities.admission(), token.isEmpty());
    this.api =
        concat(
            jobs.create(),
            runs.create(),
            live.create(),
            history.create(),
            new LinkRoutes(model, entities).create());
  }

  /** All routes. */
  public Route create() {
    RejectionHandler rejections =
        RejectionHandler.newBuilder()
            .handleNotFound(
                complete(
                    Problem.notFound("path", "There is nothing here. See docs/http-api.md.")
                        .response()))
            .handleAll(
                Rejection.class,
                all ->
                    complete(
                        new Problem(400, "Malformed request", "Not understood: " + all.get(0))
                            .response()))
            .build();
    return handleExceptions(
        exceptions(),
        () ->
            handleRejections(
                rejections,
                () ->
                    concat(
                        health.create(),
                        pathPrefix(
                            "api", () -> pathPrefix("v1", () -> authenticated(whole(api)))))));
  }

  /** After a restart: "there is no such run" would be a lie while the journals are being read. */
  private Route whole(Route inner) {
    return extractRequestContext(
        context ->
            model.whole().toCompletableFuture().isDone()
                ? inner
                : onComplete(
                    model
                        .whole()
                        .toCompletableFuture()
                        .copy()
                        .orTimeout(READ_WITHIN.toMillis(), TimeUnit.MILLISECONDS),
                    read ->
                        read.isSuccess() ? inner : complete(Problem.stillReading().response())));
  }

  private Route authenticated(Route inner) {
    if (token.isEmpty()) {
      return inner;
    }
    return extractCredentials(
        credentials -> {
          String given = credentials.map(HttpCredentials::token).orElse("");
          boolean right =
              MessageDigest.isEqual(
                  given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
          return right
              ? inner
              : complete(
                  new Problem(
                          401,
                          "Not authenticated",
                          "This master wants its API token: Authorization: Bearer TOKEN.")
                      .response());
        });
  }

  private ExceptionHandler exceptions() {
    return ExceptionHandler.newBuilder()
        .matchAny(failure -> complete(problem(failure).response()))
        .build();
  }

  private static Problem problem(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof Problem problem) {
      return problem;
    }
    if (cause instanceof akka.http.scaladsl.model.IllegalRequestException
        || cause instanceof IllegalArgumentException) {
      return new Problem(400, "Malformed request", String.valueOf(cause.getMessage()));
    }
    if (cause instanceof akka.http.scaladsl.model.EntityStreamSizeException) {
      return new Problem(413, "Too large", "The body is larger than this master takes.");
    }
    LOG.error("request failed", cause);
    return new Problem(500, "Fault", "The master failed at this request: " + cause);
  }

  static HttpResponse json(StatusCode status, JsonNode node) {
    return HttpResponse.create()
        .withStatus(status)
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, WireJson.write(node)));
  }

  static HttpResponse ok(JsonNode node) {
    return json(StatusCodes.OK, node);
  }

  static CompletionStage<HttpResponse> ok(CompletionStage<? extends JsonNode> node) {
    return node.thenApply(ApiRoutes::ok);
  }
}
