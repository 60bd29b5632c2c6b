package io.holdfast.master.history;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.persistence.query.EventEnvelope;
import akka.projection.HandlerRecoveryStrategy;
import akka.projection.Projection;
import akka.projection.ProjectionId;
import akka.projection.StatusObserver;
import akka.projection.jdbc.javadsl.JdbcProjection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the projections of the history. No state. */
final class HistoryProjections {
  /** Events of one transaction, at most; and the longest that one of them waits for others. */
  private static final int GROUP = 500;

  private static final Duration GROUP_WITHIN = Duration.ofMillis(200);

  private final ActorSystem<?> system;
  private final HistoryStore store;
  private final HistoryEvents.Journal journal;

  HistoryProjections(ActorSystem<?> system, HistoryStore store, HistoryEvents.Journal journal) {
    this.system = system;
    this.store = store;
    this.journal = journal;
  }

  /**
   * The projection of one stream.
   *
   * @param life told with each message, so that those of an earlier projection are known
   */
  Projection<EventEnvelope> create(
      HistoryStream stream,
      HistoryDatabase database,
      long life,
      ActorRef<HistoryKeeper.Message> keeper) {
    AtomicLong taken = new AtomicLong();
    HistoryEvents events =
        new HistoryEvents(
            journal,
            stream,
            taken,
            place -> keeper.tell(new HistoryKeeper.EndSeen(stream, life, place)));
    return JdbcProjection.groupedWithin(
            ProjectionId.of("history", stream.tag()),
            events,
            () -> session(database),
            () -> new HistoryHandler(stream, taken),
            system)
        .withGroup(GROUP, GROUP_WITHIN)
        .withRecoveryStrategy(HandlerRecoveryStrategy.fail())
        .withRestartBackoff(HistoryKeeper.SHORTEST_PAUSE, HistoryKeeper.LONGEST_PAUSE, 0.2)
        .withStatusObserver(new Observer(stream, life, keeper));
  }

  private HistorySession session(HistoryDatabase database) {
    store
        .refusal()
        .ifPresent(
            why -> {
              throw new HistoryUnavailableException(why);
            });
    try {
      return new HistorySession(database.connection());
    } catch (SQLException e) {
      throw new HistoryUnavailableException(database.place() + ": " + e.getMessage(), e);
    }
  }

  /** Tells the keeper how it goes. */
  private static final class Observer extends StatusObserver<EventEnvelope> {
    private final HistoryStream stream;
    private final long life;
    private final ActorRef<HistoryKeeper.Message> keeper;

    Observer(HistoryStream stream, long life, ActorRef<HistoryKeeper.Message> keeper) {
      this.stream = stream;
      this.life = life;
      this.keeper = keeper;
    }

    @Override
    public void started(ProjectionId id) {}

    @Override
    public void failed(ProjectionId id, Throwable cause) {
      keeper.tell(new HistoryKeeper.Faulted(stream, life, cause));
    }

    @Override
    public void stopped(ProjectionId id) {}

    @Override
    public void beforeProcess(ProjectionId id, EventEnvelope event) {}

    @Override
    public void afterProcess(ProjectionId id, EventEnvelope event) {}

    @Override
    public void offsetProgress(ProjectionId id, EventEnvelope event) {
      keeper.tell(new HistoryKeeper.Taken(stream, life, HistoryHandler.place(event)));
    }

    @Override
    public void error(
        ProjectionId id, EventEnvelope event, Throwable cause, HandlerRecoveryStrategy recovery) {}
  }
}
