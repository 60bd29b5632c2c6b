package io.holdfast.master.history;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.protocol.wire.WireJson;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The history as the rest of the master sees it: to be started, searched and made anew. */
public final class History {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(15);

  private final ActorSystem<?> system;
  private final HistoryView view = new HistoryView();
  private final HistorySearches searches;
  private final ActorRef<HistoryKeeper.Message> keeper;

  History(
      ActorSystem<?> system,
      HistoryStore store,
      HistoryEvents.Journal journal,
      Supplier<Instant> clock) {
    this.system = system;
    this.keeper =
        system.systemActorOf(
            HistoryKeeper.create(
                new HistoryUpkeep(store, journal, clock),
                new HistoryProjections(system, store, journal),
                view),
            "history",
            Props.empty());
    this.searches =
        new HistorySearches(
            view,
            failure -> {
              if (store.isDamage(failure)) {
                keeper.tell(new HistoryKeeper.Damaged(failure.getMessage()));
              }
            });
    var unused = system.getWhenTerminated().thenRun(searches::close);
  }

  /** The settings that akka-projection needs, in front of those of the program. */
  public static Config over(Config all, boolean postgres) {
    return ConfigFactory.parseMap(
            Map.of("akka.projection.jdbc.dialect", postgres ? "postgres-dialect" : "h2-dialect"))
        .withFallback(all);
  }

  /**
   * Starts it in a file below {@code data}, from the journal in LevelDB.
   *
   * @param leastFree bytes; with less on that disk it does not go on
   */
  public static History embedded(ActorSystem<?> system, Path data, long leastFree) {
    return new History(
        system,
        new H2History(data.resolve("history"), leastFree),
        HistoryEvents.Journal.of(system, "holdfast.journal.leveldb.query"),
        Instant::now);
  }

  /** Starts it in the database of the journal in PostgreSQL. */
  public static History inPostgres(ActorSystem<?> system) {
    return new History(
        system,
        new PostgresHistory(system.settings().config()),
        HistoryEvents.Journal.of(system, "jdbc-read-journal"),
        Instant::now);
  }

  /** One page; fails with a {@link HistoryUnavailableException}. */
  public CompletionStage<ObjectNode> search(HistoryFilter filter) {
    return searches
        .read(connection -> HistorySearch.page(connection, filter))
        .thenApply(page -> withStatus(page));
  }

  /** What came of the wish for a rebuild. */
  public enum RebuildAnswer {
    BEGUN,
    UNDER_WAY
  }

  /**
   * Throws all rows away and makes them anew.
   *
   * @return whether it has begun, or one is under way; fails with a {@link
   *     HistoryUnavailableException} when neither is possible
   */
  public CompletionStage<RebuildAnswer> rebuild() {
    return AskPattern.<HistoryKeeper.Message, HistoryKeeper.RebuildAnswer>ask(
            keeper, HistoryKeeper.Rebuild::new, ANSWER_WITHIN, system.scheduler())
        .thenApply(
            answer -> {
              if (answer instanceof HistoryKeeper.RebuildAnswer.NotNow not) {
                throw new HistoryUnavailableException(
                    "The history cannot be made anew now: " + not.why());
              }
              return answer instanceof HistoryKeeper.RebuildAnswer.Begun
                  ? RebuildAnswer.BEGUN
                  : RebuildAnswer.UNDER_WAY;
            })
        .exceptionally(
            failure -> {
              Throwable cause =
                  failure instanceof CompletionException && failure.getCause() != null
                      ? failure.getCause()
                      : failure;
              if (cause instanceof TimeoutException) {
                throw new HistoryUnavailableException(
                    "The rebuild did not begin within %d s; it may yet: look, and ask again."
                        .formatted(ANSWER_WITHIN.toSeconds()),
                    cause);
              }
              throw new CompletionException(cause);
            });
  }

  /** The newest rebuild: how far it is; fails with a {@link HistoryUnavailableException}. */
  public CompletionStage<ObjectNode> progress() {
    return searches
        .read(HistoryState::read)
        .thenApply(
            state -> {
              ObjectNode node = WireJson.MAPPER.createObjectNode();
              node.put("rebuild", word(state));
              state.rebuildBegan().ifPresent(at -> node.put("startedAt", at.toString()));
              state.rebuildEnded().ifPresent(at -> node.put("endedAt", at.toString()));
              percent(state).ifPresent(percent -> node.put("percent", percent));
              node.put("events", state.events());
              return withStatus(node);
            });
  }

  private static String word(HistoryState state) {
    if (state.rebuildBegan().isEmpty()) {
      return "never";
    }
    return state.isRebuilding() ? "running" : "done";
  }

  /** By the places of the journal that were known when it began: there may be more by now. */
  private static Optional<Integer> percent(HistoryState state) {
    if (state.rebuildBegan().isEmpty()) {
      return Optional.empty();
    }
    if (!state.isRebuilding()) {
      return Optional.of(100);
    }
    return state.goal() == 0
        ? Optional.of(0)
        : Optional.of((int) Math.min(99, 100 * state.places() / state.goal()));
  }

  private ObjectNode withStatus(ObjectNode node) {
    HistoryStatus status = view.status();
    node.put("history", status.phase().word());
    if (!status.message().isEmpty()) {
      node.put("warning", status.message());
    }
    return node;
  }
}
