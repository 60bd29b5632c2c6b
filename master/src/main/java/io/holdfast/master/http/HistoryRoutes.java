package io.holdfast.master.http;

import static akka.http.javadsl.server.PathMatchers.segment;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import io.holdfast.master.history.History;
import io.holdfast.master.history.HistoryFilter;
import io.holdfast.master.history.HistoryKind;
import io.holdfast.master.history.HistoryUnavailableException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** The history: searched, made anew, and how far that is. */
public final class HistoryRoutes extends AllDirectives {
  private final History history;

  public HistoryRoutes(History history) {
    this.history = history;
  }

  Route create() {
    return pathPrefix(
        "history",
        () ->
            concat(
                path(
                    "rebuild",
                    () ->
                        concat(
                            get(() -> completeWithFuture(progress(StatusCodes.OK.intValue()))),
                            post(() -> completeWithFuture(rebuild())))),
                path(segment(), word -> get(() -> search(kind(word))))));
  }

  private static HistoryKind kind(String word) {
    for (HistoryKind kind : HistoryKind.values()) {
      if (kind.word().equals(word)) {
        return kind;
      }
    }
    throw Problem.notFound(
        "path", "The history has runs, executions and agents, and no '" + word + "'.");
  }

  private Route search(HistoryKind kind) {
    return parameterList(
        parameters ->
            completeWithFuture(
                told(
                    ApiRoutes.ok(
                        history.search(HistoryFilter.of(kind, List.copyOf(parameters)))))));
  }

  private CompletionStage<HttpResponse> progress(int status) {
    return told(
        history.progress().thenApply(node -> ApiRoutes.json(StatusCodes.get(status), node)));
  }

  private CompletionStage<HttpResponse> rebuild() {
    return told(
        history
            .rebuild()
            .thenCompose(
                answer -> {
                  if (answer == History.RebuildAnswer.UNDER_WAY) {
                    throw new Problem(
                        409,
                        "Already being rebuilt",
                        "The history is being made anew already: GET /history/rebuild says how far"
                            + " it is.");
                  }
                  return progress(StatusCodes.ACCEPTED.intValue());
                }));
  }

  private static CompletionStage<HttpResponse> told(CompletionStage<HttpResponse> answer) {
    return answer.exceptionally(
        failure -> {
          Throwable cause =
              failure instanceof CompletionException && failure.getCause() != null
                  ? failure.getCause()
                  : failure;
          if (cause instanceof HistoryUnavailableException unavailable) {
            throw new Problem(503, "History not available", unavailable.getMessage());
          }
          throw new CompletionException(cause);
        });
  }
}
