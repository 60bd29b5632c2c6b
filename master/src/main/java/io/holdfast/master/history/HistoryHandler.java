package io.holdfast.master.history;

import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Sequence;
import akka.projection.jdbc.javadsl.JdbcHandler;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes in a group of events of one stream, in one transaction with the projection's offset. It
 * makes sure that the rows end where this projection believes: a server that crashed, or was
 * replaced by a copy, may have lost the newest of them, and a projection that went on would leave a
 * gap. It fails then, and begins again where the rows end. Soft state: the place of the last event.
 */
final class HistoryHandler extends JdbcHandler<List<EventEnvelope>, HistorySession> {
  private final HistoryStream stream;
  private final AtomicLong taken;

  /**
   * @param taken the place of the last event that the rows know of; 0 for none
   */
  HistoryHandler(HistoryStream stream, AtomicLong taken) {
    this.stream = stream;
    this.taken = taken;
  }

  @Override
  public void process(HistorySession session, List<EventEnvelope> events) throws SQLException {
    take(session.connection(), stream, taken.get(), events);
    taken.set(place(events.get(events.size() - 1)));
  }

  /**
   * Performs what the events change, and notes how far the stream is.
   *
   * @param behind the place of the event before them
   */
  static void take(
      Connection connection, HistoryStream stream, long behind, List<EventEnvelope> events)
      throws SQLException {
    for (EventEnvelope event : events) {
      for (HistoryChange change :
          HistoryRules.changes(event.persistenceId(), event.sequenceNr(), event.event())) {
        HistoryRows.perform(connection, change);
      }
    }
    EventEnvelope last = events.get(events.size() - 1);
    HistoryState.advance(
        connection,
        stream,
        behind,
        new HistoryState.Mark(
            place(last),
            last.persistenceId(),
            last.sequenceNr(),
            HistoryRules.at(last.event()),
            events.size()));
  }

  /** Where an event stands in the journal. */
  static long place(EventEnvelope event) {
    return ((Sequence) event.offset()).value();
  }
}
