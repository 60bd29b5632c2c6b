package io.holdfast.persistence.postgres;

import io.holdfast.persistence.Footing;
import io.holdfast.persistence.postgres.JournalSql.Stored;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads events, and checks each against its hash and its predecessor, and the end against the head:
 * what is altered or missing is an error, never a shorter answer. Each reading sees one moment of
 * the database. Any thread may use it, with a connection of its own.
 */
final class JournalReader {
  private final String url;
  private final long mostBytes;

  /**
   * @param url how the database is named in errors
   * @param mostBytes a piece ends once it has this many bytes
   */
  JournalReader(String url, long mostBytes) {
    this.url = url;
    this.mostBytes = mostBytes;
  }

  /**
   * A piece of a range.
   *
   * @param rows in their order
   * @param last whether nothing follows in the range
   */
  record Piece(List<EventRow> rows, boolean last) {}

  /**
   * The first events of a range: {@code most} of them, or fewer when they are large or no more are
   * there.
   *
   * @throws JournalAlteredException when they are not what was written
   */
  Piece read(Connection connection, String id, long from, long to, long most) throws SQLException {
    begin(connection);
    Map<String, Head> heads = JournalSql.heads(connection, Set.of(id));
    Head head = heads.getOrDefault(id, Head.NONE);
    long[] before = JournalSql.before(connection, id, from);
    Chain chain =
        before.length == 0
            ? new Chain(url, id, head.deletedTo(), head.anchorHash())
            : new Chain(url, id, before[0], before[1]);
    List<EventRow> rows = new ArrayList<>();
    boolean last =
        JournalSql.range(
            connection,
            id,
            from,
            to,
            most,
            mostBytes,
            stored -> {
              take(chain, stored);
              rows.add(stored.row());
            });
    if (last && to >= head.highest()) {
      chain.end(head);
    }
    connection.commit();
    return new Piece(rows, last);
  }

  /**
   * The highest number ever given; 0 for an id that was never written.
   *
   * @throws JournalAlteredException when there are events behind it
   */
  long highestSequenceNr(Connection connection, String id) throws SQLException {
    begin(connection);
    Head head = JournalSql.heads(connection, Set.of(id)).getOrDefault(id, Head.NONE);
    long[] last = JournalSql.before(connection, id, Long.MAX_VALUE);
    connection.commit();
    if (last.length > 0 && last[0] > head.highest()) {
      throw Chain.behind(url, id, head);
    }
    return head.highest();
  }

  /**
   * What is at a place of an id's history; of the last event that is deleted the hash is still
   * known.
   *
   * @throws JournalAlteredException when the event there is not what was written
   */
  Footing footing(Connection connection, String id, long sequenceNr) throws SQLException {
    begin(connection);
    Head head = JournalSql.heads(connection, Set.of(id)).getOrDefault(id, Head.NONE);
    OptionalLong[] hash = {OptionalLong.empty()};
    if (sequenceNr == head.deletedTo() && sequenceNr > 0) {
      hash[0] = OptionalLong.of(head.anchorHash());
    } else if (sequenceNr > head.deletedTo()) {
      JournalSql.range(
          connection,
          id,
          sequenceNr,
          sequenceNr,
          1,
          Long.MAX_VALUE,
          stored -> {
            take(new Chain(url, id, sequenceNr - 1, stored.previousHash()), stored);
            hash[0] = OptionalLong.of(stored.hash());
          });
    }
    connection.commit();
    boolean isNewest = sequenceNr == head.highest() && hash[0].isPresent();
    if (isNewest && hash[0].getAsLong() != head.lastHash()) {
      throw Chain.behind(url, id, head);
    }
    return new Footing(head.highest(), head.deletedTo(), hash[0]);
  }

  /**
   * Reads all events of an id and checks them, without taking them apart.
   *
   * @return how many there are
   * @throws JournalAlteredException at the first that is altered or missing
   */
  long verify(Connection connection, String id) throws SQLException {
    begin(connection);
    Head head = JournalSql.heads(connection, Set.of(id)).getOrDefault(id, Head.NONE);
    Chain chain = new Chain(url, id, head.deletedTo(), head.anchorHash());
    long[] count = {0};
    JournalSql.all(
        connection,
        id,
        stored -> {
          take(chain, stored);
          count[0]++;
        });
    chain.end(head);
    connection.commit();
    return count[0];
  }

  private static void take(Chain chain, Stored stored) {
    chain.next(stored.row(), stored.previousHash(), stored.hash());
  }

  /**
   * One moment for all that is read. Said to the transaction: to tell the session, and take it
   * back, costs two journeys.
   */
  private static void begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
  }
}
