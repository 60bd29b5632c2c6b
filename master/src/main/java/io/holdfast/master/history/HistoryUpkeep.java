package io.holdfast.master.history;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps before projections may run: opens the database, and empties it when its rows cannot be
 * those of this version and this journal. Every call waits for disks and servers. State: none.
 */
final class HistoryUpkeep {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryUpkeep.class);
  private static final long JOURNAL_SECONDS = 60;

  private static final List<String> ROWS =
      List.of("history_runs", "history_executions", "history_starts", "history_agents");

  private final HistoryStore store;
  private final HistoryEvents.Journal journal;
  private final Supplier<Instant> clock;

  HistoryUpkeep(HistoryStore store, HistoryEvents.Journal journal, Supplier<Instant> clock) {
    this.store = store;
    this.journal = journal;
    this.clock = clock;
  }

  /** What is wanted of the rows that are there. */
  enum Wish {
    KEEP,
    /** Begin anew. */
    CLEAR,
    /** As before, in a new file: the old one is damaged. */
    DISCARD
  }

  /** Projections may run. */
  record Ready(HistoryDatabase database, HistoryState state) {}

  HistoryStore store() {
    return store;
  }

  /**
   * Takes all steps.
   *
   * @param open the database, if it is open; when this fails it is closed
   * @throws SQLException or a HistoryUnavailableException: to be tried again later
   */
  Ready ready(Optional<HistoryDatabase> open, Wish wish, String why) throws SQLException {
    if (wish == Wish.DISCARD) {
      open.ifPresent(HistoryDatabase::close);
      store.setAside(why);
    }
    HistoryDatabase database = wish == Wish.DISCARD || open.isEmpty() ? store.open() : open.get();
    try {
      HistoryState state = database.transaction(HistoryState::read);
      if (state.clearing()) {
        return new Ready(database, emptied(database, state));
      }
      Optional<String> reason = wish == Wish.CLEAR ? Optional.of(why) : misfit(state);
      if (reason.isPresent()) {
        LOG.info("the history is made anew from the journal: {}", reason.get());
        return new Ready(database, cleared(database, state));
      }
      return new Ready(database, noted(database, state));
    } catch (SQLException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** Why the rows cannot be kept, if so. */
  private Optional<String> misfit(HistoryState state) {
    if (state.version() != HistoryState.VERSION) {
      return Optional.of(
          "its rows were made by version %d of the rules, and %d is needed"
              .formatted(state.version(), HistoryState.VERSION));
    }
    for (Map.Entry<HistoryStream, HistoryState.Mark> stream : state.streams().entrySet()) {
      if (!isInJournal(stream.getKey(), stream.getValue())) {
        return Optional.of(
            "the journal does not have, at %d, the event %d of %s, which was taken in last; was a copy restored, or the journal repaired?"
                .formatted(
                    stream.getValue().place(),
                    stream.getValue().sequenceNr(),
                    stream.getValue().persistenceId()));
      }
    }
    return Optional.empty();
  }

  private boolean isInJournal(HistoryStream stream, HistoryState.Mark mark) {
    try {
      return journal.has(stream, mark).toCompletableFuture().get(JOURNAL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new HistoryUnavailableException("the journal cannot be read: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new HistoryUnavailableException(
          "the journal did not answer within " + JOURNAL_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HistoryUnavailableException("interrupted", e);
    }
  }

  private static HistoryState noted(HistoryDatabase database, HistoryState state)
      throws SQLException {
    return database.transaction(
        connection -> {
          state.write(connection);
          return state;
        });
  }

  /** First it is durable that the rows count no more; then they go, which may be done twice. */
  private HistoryState cleared(HistoryDatabase database, HistoryState before) throws SQLException {
    HistoryState cleared = before.cleared(clock.get());
    database.transaction(
        connection -> {
          cleared.write(connection);
          HistorySql.update(connection, "DELETE FROM history_progress");
          HistorySql.update(connection, "DELETE FROM history_offsets");
          HistorySql.update(connection, "DELETE FROM history_management");
          return cleared;
        });
    return emptied(database, cleared);
  }

  private static HistoryState emptied(HistoryDatabase database, HistoryState cleared)
      throws SQLException {
    return database.transaction(
        connection -> {
          truncate(connection);
          HistoryState empty = cleared.empty();
          empty.write(connection);
          return empty;
        });
  }

  private static void truncate(Connection connection) throws SQLException {
    for (String table : ROWS) {
      HistorySql.execute(connection, "TRUNCATE TABLE " + table);
    }
  }

  /** A rebuild has caught up. */
  HistoryState rebuilt(HistoryDatabase database) throws SQLException {
    return database.transaction(
        connection -> {
          HistoryState state = HistoryState.read(connection).rebuilt(clock.get());
          state.write(connection);
          return state;
        });
  }
}
