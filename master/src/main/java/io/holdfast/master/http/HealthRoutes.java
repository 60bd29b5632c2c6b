package io.holdfast.master.http;

import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import io.holdfast.master.view.ReadModel;
import java.util.Optional;

/**
 * For who watches over processes and spreads requests, without a token: {@code live}, whether the
 * process answers at all (who does not is to be started again), and {@code ready}, whether new work
 * is taken (who does not is to be asked later, and left alone).
 */
final class HealthRoutes extends AllDirectives {
  private final ReadModel model;
  private final Admission admission;
  private final boolean isOpen;

  /**
   * @param isOpen whether anybody may know why it is not ready
   */
  HealthRoutes(ReadModel model, Admission admission, boolean isOpen) {
    this.model = model;
    this.admission = admission;
    this.isOpen = isOpen;
  }

  Route create() {
    Route ok = get(() -> complete("ok\n"));
    return pathPrefix(
        "health",
        () ->
            concat(
                pathEnd(() -> ok),
                path("live", () -> ok),
                path("ready", () -> get(() -> notReady().map(this::refuse).orElse(ok)))));
  }

  private Optional<Problem> notReady() {
    return model.whole().toCompletableFuture().isDone()
        ? admission.refusal()
        : Optional.of(Problem.stillReading());
  }

  private Route refuse(Problem why) {
    String detail = isOpen ? why.getMessage() : "No new work is taken. The log says why.";
    return complete(new Problem(503, "Not ready", detail).response());
  }
}
