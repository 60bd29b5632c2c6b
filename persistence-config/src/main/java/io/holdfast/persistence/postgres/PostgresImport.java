package io.holdfast.persistence.postgres;

import io.holdfast.persistence.EventTags;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import io.holdfast.persistence.postgres.JournalSql.Addition;
import io.holdfast.persistence.postgres.JournalSql.Stored;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings a journal into the empty tables of a database, as one transaction: what is interrupted was
 * never there. A master that starts meanwhile waits for it. Holds the heads of the ids that have
 * events.
 */
public final class PostgresImport implements ImportTarget {
  private static final int ROWS_AT_ONCE = 500;
  private static final long BYTES_AT_ONCE = 8 << 20;

  private final PostgresSettings settings;
  private final Connection connection;
  private final Map<String, Head> heads = new HashMap<>();
  private final List<Addition> waiting = new ArrayList<>();
  private final List<StoredId> dead = new ArrayList<>();
  private long bytes;

  private PostgresImport(PostgresSettings settings, Connection connection) {
    this.settings = settings;
    this.connection = connection;
  }

  /**
   * Begins.
   *
   * @throws SchemaException when the database has not the schema of this version
   * @throws JournalUnavailableException when there are events already, or the server cannot be used
   */
  public static PostgresImport into(PostgresSettings settings) {
    new PostgresSchema(settings).check();
    try {
      Connection connection =
          DriverManager.getConnection(settings.url(), settings.driverProperties());
      PostgresImport begun = new PostgresImport(settings, connection);
      try {
        begun.begin();
        return begun;
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failed(settings, e);
    }
  }

  private void begin() throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
      statement.execute("LOCK TABLE journal_head, event_journal, snapshot IN EXCLUSIVE MODE");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT EXISTS (SELECT FROM journal_head) OR EXISTS (SELECT FROM event_journal) OR"
                  + " EXISTS (SELECT FROM snapshot)")) {
        row.next();
        if (row.getBoolean(1)) {
          throw new JournalUnavailableException(
              "The journal in %s is not empty: import into a database with the schema and nothing else."
                  .formatted(settings.url()));
        }
      }
    }
  }

  private static JournalUnavailableException failed(PostgresSettings settings, SQLException e) {
    return new JournalUnavailableException(
        "It could not be imported into %s, and nothing was; begin again: %s"
            .formatted(settings.url(), e.getMessage()),
        e);
  }

  @Override
  public void id(StoredId id) {
    if (id.hasEvents()) {
      heads.put(
          id.persistenceId(),
          new Head(id.highest(), id.deletedTo(), id.anchorHash(), id.anchorHash()));
    } else {
      dead.add(id);
      if (dead.size() >= ROWS_AT_ONCE) {
        flush();
      }
    }
  }

  @Override
  public void setAside(String id, long readableTo) {
    throw new JournalException(
        "A repair has set persistence id '%s' aside, and a database cannot keep that it must not be used: import into a data directory."
            .formatted(id),
        null);
  }

  @Override
  public void event(StoredEvent event) {
    EventRow row =
        new EventRow(
            event.persistenceId(),
            event.sequenceNr(),
            event.writer(),
            event.timestamp(),
            event.adapterManifest(),
            event.serializerId(),
            event.manifest(),
            event.payload(),
            EventTags.all(event.persistenceId(), Set.copyOf(event.tags())));
    Head before = heads.get(row.id());
    long own = row.hash(before.lastHash());
    Head after = before.written(before.highest(), own);
    heads.put(row.id(), after);
    waiting.add(
        new Addition(row.id(), before, after, List.of(new Stored(row, before.lastHash(), own))));
    bytes += row.payload().length;
    if (waiting.size() >= ROWS_AT_ONCE || bytes > BYTES_AT_ONCE) {
      flush();
    }
  }

  private void flush() {
    try {
      for (StoredId id : dead) {
        heads.put(
            id.persistenceId(),
            new Head(id.highest(), id.deletedTo(), id.anchorHash(), id.anchorHash()));
      }
      insertHeads(dead.stream().map(StoredId::persistenceId).toList());
      dead.forEach(id -> heads.remove(id.persistenceId()));
      JournalSql.insert(connection, waiting);
    } catch (SQLException e) {
      throw failed(settings, e);
    }
    dead.clear();
    waiting.clear();
    bytes = 0;
  }

  private void insertHeads(List<String> ids) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO journal_head (persistence_id, highest, deleted_to, last_hash, anchor_hash)"
                + " VALUES (?, ?, ?, ?, ?)")) {
      for (String id : ids) {
        Head head = heads.get(id);
        insert.setString(1, id);
        insert.setLong(2, head.highest());
        insert.setLong(3, head.deletedTo());
        insert.setLong(4, head.lastHash());
        insert.setLong(5, head.anchorHash());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  @Override
  public void commit() {
    flush();
    try {
      insertHeads(heads.keySet().stream().sorted().toList());
      connection.commit();
    } catch (SQLException e) {
      throw failed(settings, e);
    }
  }

  @Override
  public void close() {
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      connection.close();
    } catch (SQLException e) {
      throw failed(settings, e);
    }
  }
}
