package io.holdfast.master.history;

import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Sequence;
import akka.projection.jdbc.javadsl.JdbcHandler;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Takes in a group of events of one stream, in one transaction with the projection's offset. No
 * state.
 */
final class HistoryHandler extends JdbcHandler<List<EventEnvelope>, HistorySession> {
  private final HistoryStream stream;

  HistoryHandler(HistoryStream stream) {
    this.stream = stream;
  }

  @Override
  public void process(HistorySession session, List<EventEnvelope> events) throws SQLException {
    take(session.connection(), stream, events);
  }

  /** Performs what the events change, and notes how far the stream is. */
  static void take(Connection connection, HistoryStream stream, List<EventEnvelope> events)
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
