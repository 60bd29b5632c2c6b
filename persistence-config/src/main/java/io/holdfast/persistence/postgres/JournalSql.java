package io.holdfast.persistence.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The statements over the tables of the schema. No state. */
final class JournalSql {
  private static final String EVENT_COLUMNS =
      "persistence_id, sequence_number, writer, write_timestamp, adapter_manifest, event_ser_id,"
          + " event_ser_manifest, event_payload, previous_hash, hash";
  private static final int ROWS_AT_ONCE = 20;

  private JournalSql() {}

  /** A row with its hashes. */
  record Stored(EventRow row, long previousHash, long hash) {}

  /** The change of one id: {@code rows} in their order, behind {@code before}. */
  record Addition(String id, Head before, Head after, List<Stored> rows) {}

  /**
   * Whether nobody has taken the journal since this epoch; nobody can until the transaction ends.
   */
  static boolean isOwner(Connection connection, long epoch) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT 1 FROM journal_owner WHERE epoch = ? FOR SHARE")) {
      select.setLong(1, epoch);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  /** The heads of those of the ids that have one. */
  static Map<String, Head> heads(Connection connection, Collection<String> ids)
      throws SQLException {
    Map<String, Head> heads = new HashMap<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT persistence_id, highest, deleted_to, last_hash, anchor_hash FROM journal_head"
                + " WHERE persistence_id = ANY (?)")) {
      select.setArray(1, connection.createArrayOf("text", ids.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          heads.put(
              rows.getString(1),
              new Head(rows.getLong(2), rows.getLong(3), rows.getLong(4), rows.getLong(5)));
        }
      }
    }
    return heads;
  }

  /**
   * Moves the heads on, each only if it is still as it was; the change of an id locks it until the
   * end of the transaction.
   *
   * @param additions in the order of their ids, so that two that do this cannot wait for each other
   * @return how many of them were still as they were
   */
  static int advance(Connection connection, List<Addition> additions) throws SQLException {
    int moved = 0;
    try (PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO journal_head (persistence_id, highest, deleted_to, last_hash,"
                    + " anchor_hash) VALUES (?, ?, 0, ?, 0) ON CONFLICT DO NOTHING");
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE journal_head SET highest = ?, last_hash = ?"
                    + " WHERE persistence_id = ? AND highest = ? AND last_hash = ?")) {
      boolean inserting = false;
      for (Addition addition : additions) {
        boolean first = addition.before().highest() == 0;
        if (first != inserting) {
          moved += run(inserting ? insert : update);
          inserting = first;
        }
        if (first) {
          insert.setString(1, addition.id());
          insert.setLong(2, addition.after().highest());
          insert.setLong(3, addition.after().lastHash());
          insert.addBatch();
        } else {
          update.setLong(1, addition.after().highest());
          update.setLong(2, addition.after().lastHash());
          update.setString(3, addition.id());
          update.setLong(4, addition.before().highest());
          update.setLong(5, addition.before().lastHash());
          update.addBatch();
        }
      }
      return moved + run(inserting ? insert : update);
    }
  }

  private static int run(PreparedStatement batch) throws SQLException {
    int changed = 0;
    for (int count : batch.executeBatch()) {
      changed += count;
    }
    return changed;
  }

  /** Writes the events of the additions, and their tags. */
  static void insert(Connection connection, List<Addition> additions) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO event_journal ("
                + EVENT_COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (Addition addition : additions) {
        for (Stored stored : addition.rows()) {
          EventRow row = stored.row();
          insert.setString(1, row.id());
          insert.setLong(2, row.sequenceNr());
          insert.setString(3, row.writer());
          insert.setLong(4, row.timestamp());
          insert.setString(5, row.adapterManifest());
          insert.setInt(6, row.serializerId());
          insert.setString(7, row.manifest());
          insert.setBytes(8, row.payload());
          insert.setLong(9, stored.previousHash());
          insert.setLong(10, stored.hash());
          insert.addBatch();
        }
      }
      insert.executeBatch();
    }
    insertTags(connection, additions);
  }

  private static void insertTags(Connection connection, List<Addition> additions)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    for (Addition addition : additions) {
      for (Stored stored : addition.rows()) {
        for (String tag : stored.row().tags()) {
          ids.add(addition.id());
          numbers.add(stored.row().sequenceNr());
          tags.add(tag);
        }
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO event_tag (event_id, tag) SELECT ordering, tag FROM unnest(?, ?, ?)"
                + " AS written (id, number, tag) JOIN event_journal"
                + " ON persistence_id = id AND sequence_number = number")) {
      insert.setArray(1, connection.createArrayOf("text", ids.toArray()));
      insert.setArray(2, connection.createArrayOf("bigint", numbers.toArray()));
      insert.setArray(3, connection.createArrayOf("text", tags.toArray()));
      insert.executeUpdate();
    }
  }

  /** Deletes the events of an id up to a number, and remembers in its head where that was. */
  static void delete(Connection connection, String id, long toSequenceNr) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            "SELECT highest, deleted_to FROM journal_head WHERE persistence_id = ? FOR UPDATE")) {
      lock.setString(1, id);
      try (ResultSet row = lock.executeQuery()) {
        if (!row.next()) {
          return;
        }
        long to = Math.min(toSequenceNr, row.getLong(1));
        if (to > row.getLong(2)) {
          deleteTo(connection, id, to);
        }
      }
    }
  }

  private static void deleteTo(Connection connection, String id, long to) throws SQLException {
    try (PreparedStatement anchor =
            connection.prepareStatement(
                "UPDATE journal_head SET deleted_to = ?, anchor_hash = coalesce("
                    + "(SELECT hash FROM event_journal WHERE persistence_id = ?"
                    + " AND sequence_number <= ? ORDER BY sequence_number DESC LIMIT 1),"
                    + " anchor_hash) WHERE persistence_id = ?");
        PreparedStatement delete =
            connection.prepareStatement(
                "DELETE FROM event_journal WHERE persistence_id = ? AND sequence_number <= ?")) {
      anchor.setLong(1, to);
      anchor.setString(2, id);
      anchor.setLong(3, to);
      anchor.setString(4, id);
      anchor.executeUpdate();
      delete.setString(1, id);
      delete.setLong(2, to);
      delete.executeUpdate();
    }
  }

  /** The number and the hash of the last event before a number, if there is one. */
  static long[] before(Connection connection, String id, long sequenceNr) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sequence_number, hash FROM event_journal WHERE persistence_id = ?"
                + " AND sequence_number < ? ORDER BY sequence_number DESC LIMIT 1")) {
      select.setString(1, id);
      select.setLong(2, sequenceNr);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? new long[] {row.getLong(1), row.getLong(2)} : new long[0];
      }
    }
  }

  /** What is done with one event. */
  interface Each {
    void take(Stored stored) throws SQLException;
  }

  /** Reads all of an id in its order, a few rows at a time; the connection is in a transaction. */
  static void all(Connection connection, String id, Each each) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + EVENT_COLUMNS
                + " FROM event_journal WHERE persistence_id = ? ORDER BY sequence_number")) {
      select.setString(1, id);
      select.setFetchSize(ROWS_AT_ONCE);
      take(select, each);
    }
  }

  /**
   * Reads the first events of a range in their order, in one answer of the server: at most {@code
   * most} of them, and none behind the one with which they have {@code mostBytes}. The server
   * counts the bytes, because the driver would hold whatever comes.
   *
   * @return whether the range has no more
   */
  static boolean range(
      Connection connection, String id, long from, long to, long most, long mostBytes, Each each)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT "
                + EVENT_COLUMNS
                + " FROM (SELECT "
                + EVENT_COLUMNS
                + ", sum(octet_length(event_payload)) OVER (ORDER BY sequence_number"
                + " ROWS UNBOUNDED PRECEDING) - octet_length(event_payload) AS bytes_before"
                + " FROM event_journal WHERE persistence_id = ?"
                + " AND sequence_number BETWEEN ? AND ? ORDER BY sequence_number LIMIT ?) piece"
                + " WHERE bytes_before < ? ORDER BY sequence_number")) {
      select.setString(1, id);
      select.setLong(2, from);
      select.setLong(3, to);
      select.setLong(4, most);
      select.setLong(5, mostBytes);
      long[] bytes = {0};
      long taken =
          take(
              select,
              stored -> {
                bytes[0] += stored.row().payload().length;
                each.take(stored);
              });
      return taken < most && bytes[0] < mostBytes;
    }
  }

  private static long take(PreparedStatement select, Each each) throws SQLException {
    long taken = 0;
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        each.take(stored(rows));
        taken++;
      }
    }
    return taken;
  }

  private static Stored stored(ResultSet row) throws SQLException {
    EventRow event =
        new EventRow(
            row.getString(1),
            row.getLong(2),
            row.getString(3),
            row.getLong(4),
            row.getString(5),
            row.getInt(6),
            row.getString(7),
            row.getBytes(8),
            Set.of());
    return new Stored(event, row.getLong(9), row.getLong(10));
  }
}
