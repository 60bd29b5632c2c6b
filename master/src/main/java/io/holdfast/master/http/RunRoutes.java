package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import akka.http.javadsl.unmarshalling.Unmarshaller;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.master.job.Durations;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.RunRecord;
import io.holdfast.master.view.ReadModel;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Runs and executions: list, show, wait, cancel. */
public final class RunRoutes extends AllDirectives {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
  private static final int MOST_LISTED = 1000;
  private static final int MOST_REASON = 1000;

  private final ReadModel model;
  private final Entities entities;

  public RunRoutes(ReadModel model, Entities entities) {
    this.model = model;
    this.entities = entities;
  }

  Route create() {
    return concat(
        pathPrefix(
            "runs",
            () ->
                concat(
                    pathEnd(() -> get(this::list)),
                    path(segment(), id -> get(() -> show(RunId.parse(id)))),
                    path(segment().slash("cancel"), id -> post(() -> cancel(RunId.parse(id)))))),
        path(
            segment("executions").slash(segment()),
            id ->
                get(
                    () ->
                        complete(
                            ApiRoutes.ok(
                                model
                                    .json()
                                    .execution(execution(model, ExecutionId.parse(id))))))));
  }

  private Route list() {
    return parameterOptional(
        "job",
        job ->
            parameterOptional(
                "agent",
                agent ->
                    parameterOptional(
                        "state",
                        state ->
                            parameterOptional(
                                "limit",
                                limit -> {
                                  int most = limit(limit);
                                  List<? extends JsonNode> runs =
                                      model.runs().stream()
                                          .filter(run -> matches(run, job, agent, state))
                                          .limit(most)
                                          .map(run -> model.json().run(run, false))
                                          .toList();
                                  return complete(ApiRoutes.ok(model.json().list("runs", runs)));
                                }))));
  }

  private boolean matches(
      RunRecord run, Optional<String> job, Optional<String> agent, Optional<String> state) {
    return job.filter(name -> !name.equals(run.id().job().value())).isEmpty()
        && state.filter(word -> !word.equals(model.json().state(run))).isEmpty()
        && (agent.isEmpty()
            || run.executions().stream().anyMatch(e -> e.agent().value().equals(agent.get())));
  }

  private static int limit(Optional<String> text) {
    if (text.isEmpty()) {
      return 50;
    }
    try {
      int limit = Integer.parseInt(text.get());
      if (limit >= 1 && limit <= MOST_LISTED) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of bounds.
    }
    throw new Problem(
        400, "Malformed request", "limit = " + text.get() + ": between 1 and " + MOST_LISTED);
  }

  private Route show(RunId id) {
    return parameterOptional(
        "wait",
        wait -> {
          known(id);
          if (wait.isEmpty()) {
            return complete(ApiRoutes.ok(model.json().run(known(id), true)));
          }
          // Not by the wall clock: somebody may set it meanwhile.
          long until = System.nanoTime() + waitFor(wait.get()).toNanos();
          return completeWithFuture(
              awaitEnd(id, until)
                  .thenApply(done -> ApiRoutes.ok(model.json().run(known(id), true))));
        });
  }

  private static Duration waitFor(String text) {
    Duration wait;
    try {
      wait = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Problem(400, "Malformed request", "wait = " + text + ": " + e.getMessage());
    }
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private CompletionStage<Void> awaitEnd(RunId id, long until) {
    CompletionStage<Void> change = model.nextChange(id);
    Duration left = Duration.ofNanos(until - System.nanoTime());
    if (known(id).end().isPresent() || left.isNegative() || left.isZero()) {
      return CompletableFuture.completedFuture(null);
    }
    // A copy: others wait for the same change, and for other times.
    return change
        .toCompletableFuture()
        .copy()
        .completeOnTimeout(null, left.toMillis() + 1, TimeUnit.MILLISECONDS)
        .thenCompose(done -> awaitEnd(id, until));
  }

  private RunRecord known(RunId id) {
    return model
        .run(id)
        .orElseThrow(
            () ->
                Problem.notFound(
                    "run",
                    "There is no run '"
                        + id
                        + "' at hand. See 'holdfast runs', and 'holdfast history' for older ones."));
  }

  static ExecutionRecord execution(ReadModel model, ExecutionId id) {
    return model
        .execution(id)
        .orElseThrow(
            () ->
                Problem.notFound(
                    "execution",
                    "There is no execution '"
                        + id
                        + "' at hand. See 'holdfast show "
                        + id.run()
                        + "'."));
  }

  private Route cancel(RunId id) {
    return entity(
        Unmarshaller.entityToByteArray(),
        bytes -> {
          JsonNode body = JobRoutes.object(bytes);
          String reason = body.path("reason").asText("asked for");
          Optional<String> by = Asker.of(body);
          if (reason.length() > MOST_REASON) {
            throw new Problem(
                400, "Malformed request", "reason: at most " + MOST_REASON + " characters");
          }
          RunRecord run = known(id);
          if (run.end().isPresent()) {
            throw new Problem(
                409,
                "Already ended",
                "Run " + id + " has ended: " + run.end().get().result().word() + ".");
          }
          return completeWithFuture(cancelled(id, reason, by));
        });
  }

  private CompletionStage<HttpResponse> cancelled(RunId id, String reason, Optional<String> by) {
    return entities
        .job(id.job(), new JobCommand.Cancel(id, reason, by))
        .thenApply(
            state ->
                ApiRoutes.json(
                    StatusCodes.ACCEPTED,
                    model.json().run(state.run(id).orElseGet(() -> known(id)), true)));
  }
}
