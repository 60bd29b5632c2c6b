package io.holdfast.master.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the history knows of itself, in the same database as its rows.
 *
 * @param version the rules by which the rows were made
 * @param clearing the rows are being thrown away: until that is done nothing may be added
 * @param goal places of the journal that a rebuild has to come through, of all streams together
 * @param rebuildBegan when the newest rebuild began
 * @param rebuildEnded when it had caught up; empty while it is under way
 * @param streams how far each stream is
 */
record HistoryState(
    int version,
    boolean clearing,
    long goal,
    Optional<Instant> rebuildBegan,
    Optional<Instant> rebuildEnded,
    Map<HistoryStream, Mark> streams) {
  /** To be raised when the same events lead to other rows: then they are made anew. */
  static final int VERSION = 1;

  /**
   * The last event that a stream has taken in.
   *
   * @param place its number in the journal's order
   * @param upTo when it happened
   * @param events how many were taken in since the last rebuild
   */
  record Mark(long place, String persistenceId, long sequenceNr, Instant upTo, long events) {}

  boolean isRebuilding() {
    return rebuildBegan.isPresent() && rebuildEnded.isEmpty();
  }

  /** How many events were taken in. */
  long events() {
    return streams.values().stream().mapToLong(Mark::events).sum();
  }

  /** How many places of the journal the streams have come through, together. */
  long places() {
    return streams.values().stream().mapToLong(Mark::place).sum();
  }

  /** Reads it; what was never written is new. */
  static HistoryState read(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement("SELECT * FROM history_state");
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return new HistoryState(
            VERSION, false, 0, Optional.empty(), Optional.empty(), marks(connection));
      }
      return new HistoryState(
          row.getInt("version"),
          row.getBoolean("clearing"),
          row.getLong("goal"),
          HistorySql.instant(row, "rebuild_began_at"),
          HistorySql.instant(row, "rebuild_ended_at"),
          marks(connection));
    }
  }

  private static Map<HistoryStream, Mark> marks(Connection connection) throws SQLException {
    Map<HistoryStream, Mark> marks = new EnumMap<>(HistoryStream.class);
    for (HistoryStream stream : HistoryStream.values()) {
      mark(connection, stream).ifPresent(mark -> marks.put(stream, mark));
    }
    return marks;
  }

  /** How far one stream is, if it has begun. */
  static Optional<Mark> mark(Connection connection, HistoryStream stream) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT * FROM history_progress WHERE stream = ?")) {
      select.setString(1, stream.tag());
      try (ResultSet row = select.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Mark(
                    row.getLong("place"),
                    row.getString("persistence_id"),
                    row.getLong("sequence_number"),
                    HistorySql.instant(row, "up_to").orElseThrow(),
                    row.getLong("events")))
            : Optional.empty();
      }
    }
  }

  /**
   * Moves a stream on; {@code mark.events()} are those that are new.
   *
   * @param behind where it must be until now; 0: nowhere yet
   * @throws HistoryUnavailableException when it is not there
   */
  static void advance(Connection connection, HistoryStream stream, long behind, Mark mark)
      throws SQLException {
    int moved =
        behind == 0
            ? HistorySql.update(
                connection,
                "INSERT INTO history_progress"
                    + " (stream, place, persistence_id, sequence_number, up_to, events)"
                    + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                stream.tag(),
                mark.place(),
                mark.persistenceId(),
                mark.sequenceNr(),
                mark.upTo(),
                mark.events())
            : HistorySql.update(
                connection,
                "UPDATE history_progress SET place = ?, persistence_id = ?, sequence_number = ?,"
                    + " up_to = ?, events = events + ? WHERE stream = ? AND place = ?",
                mark.place(),
                mark.persistenceId(),
                mark.sequenceNr(),
                mark.upTo(),
                mark.events(),
                stream.tag(),
                behind);
    if (moved == 0) {
      throw new HistoryUnavailableException(
          "the rows of '%s' do not end at %d any more: was the database restored, or did it crash? They are taken up where they end"
              .formatted(stream.tag(), behind));
    }
  }

  /** Writes all of it but the streams. */
  void write(Connection connection) throws SQLException {
    HistorySql.update(connection, "DELETE FROM history_state");
    HistorySql.update(
        connection,
        "INSERT INTO history_state (version, clearing, goal, rebuild_began_at, rebuild_ended_at)"
            + " VALUES (?, ?, ?, ?, ?)",
        version,
        clearing,
        goal,
        rebuildBegan,
        rebuildEnded);
  }

  /** A rebuild begins: the rows are to be thrown away. */
  HistoryState cleared(Instant now) {
    return new HistoryState(VERSION, true, places(), Optional.of(now), Optional.empty(), Map.of());
  }

  /** The rows are gone. */
  HistoryState empty() {
    return new HistoryState(version, false, goal, rebuildBegan, rebuildEnded, streams);
  }

  /** The rebuild has caught up. */
  HistoryState rebuilt(Instant now) {
    return new HistoryState(version, clearing, goal, rebuildBegan, Optional.of(now), streams);
  }
}
