package io.holdfast.persistence.postgres;

import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.EventTags;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The journal in PostgreSQL, as it was at one moment: one transaction that only reads, so that
 * masters may run meanwhile. Rows come a few at a time.
 */
public final class PostgresAuditSource implements AuditSource {
  private static final int IDS_AT_ONCE = 1000;
  private static final int EVENTS_AT_ONCE = 20;
  private static final int MOST_HEADLESS = 100;
  private static final String HEADS =
      "SELECT persistence_id, highest, deleted_to, last_hash, anchor_hash FROM journal_head"
          + " ORDER BY persistence_id";
  private static final String EVENTS =
      "SELECT sequence_number, writer, write_timestamp, adapter_manifest, event_ser_id,"
          + " event_ser_manifest, event_payload, previous_hash, hash, ARRAY(SELECT tag FROM"
          + " event_tag WHERE event_id = ordering) FROM event_journal WHERE persistence_id = ?"
          + " ORDER BY sequence_number";

  private final PostgresSettings settings;
  private final Optional<DirectoryIdentity> owner;
  private final Connection connection;

  private PostgresAuditSource(
      PostgresSettings settings, Optional<DirectoryIdentity> owner, Connection connection) {
    this.settings = settings;
    this.owner = owner;
    this.connection = connection;
  }

  /**
   * Opens the journal in the database of the settings.
   *
   * @param owner whose it is: the database does not say
   * @throws SchemaException when it has not the schema of this version
   * @throws JournalUnavailableException when the server cannot be used
   */
  public static PostgresAuditSource open(
      PostgresSettings settings, Optional<DirectoryIdentity> owner) {
    new PostgresSchema(settings).check();
    try {
      Connection connection =
          DriverManager.getConnection(settings.url(), settings.driverProperties());
      try (Statement statement = connection.createStatement()) {
        // It may be a large journal, and whoever takes the events may take his time.
        statement.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0");
      }
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      return new PostgresAuditSource(settings, owner, connection);
    } catch (SQLException e) {
      throw unreadable(settings, e);
    }
  }

  private static JournalUnavailableException unreadable(PostgresSettings settings, SQLException e) {
    return new JournalUnavailableException(
        "The journal in %s cannot be read: %s".formatted(settings.url(), e.getMessage()), e);
  }

  @Override
  public String name() {
    return settings.url();
  }

  @Override
  public Optional<DirectoryIdentity> owner() {
    return owner;
  }

  @Override
  public long events() {
    try (Statement statement = connection.createStatement();
        ResultSet sum =
            statement.executeQuery(
                "SELECT coalesce(sum(highest - deleted_to), 0) FROM journal_head")) {
      sum.next();
      return sum.getLong(1);
    } catch (SQLException e) {
      throw unreadable(settings, e);
    }
  }

  @Override
  public Optional<String> firstId(String prefix) {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT persistence_id FROM journal_head WHERE starts_with(persistence_id, ?)"
                + " ORDER BY persistence_id LIMIT 1")) {
      select.setString(1, prefix);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw unreadable(settings, e);
    }
  }

  /** None: nothing is repaired here. */
  @Override
  public Map<String, Long> setAside() {
    return Map.of();
  }

  @Override
  public void read(Predicate<String> wanted, Visitor visitor) {
    try (Statement heads = connection.createStatement()) {
      heads.setFetchSize(IDS_AT_ONCE);
      try (ResultSet rows = heads.executeQuery(HEADS)) {
        while (rows.next()) {
          if (wanted.test(rows.getString(1))) {
            Head head =
                new Head(rows.getLong(2), rows.getLong(3), rows.getLong(4), rows.getLong(5));
            one(rows.getString(1), head, visitor);
          }
        }
      }
      for (String id : headless()) {
        if (wanted.test(id)) {
          visitor.fault(new ChainFault(id, 0, "it has events, but no head"));
        }
      }
    } catch (SQLException e) {
      throw unreadable(settings, e);
    }
  }

  private void one(String id, Head head, Visitor visitor) throws SQLException {
    StoredId begun = new StoredId(id, head.highest(), head.deletedTo(), head.anchorHash());
    visitor.begin(begun);
    Checked checked =
        new Checked(new Chain(settings.url(), id, head.deletedTo(), head.anchorHash()));
    if (begun.hasEvents()) {
      events(id, visitor, checked);
    }
    checked.check(chain -> chain.end(head));
    if (checked.fault != null) {
      visitor.fault(checked.fault);
    }
    visitor.end(begun);
  }

  private void events(String id, Visitor visitor, Checked checked) throws SQLException {
    String kind = EventTags.kind(id);
    try (PreparedStatement select = connection.prepareStatement(EVENTS)) {
      select.setString(1, id);
      select.setFetchSize(EVENTS_AT_ONCE);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          EventRow row =
              new EventRow(
                  id,
                  rows.getLong(1),
                  rows.getString(2),
                  rows.getLong(3),
                  rows.getString(4),
                  rows.getInt(5),
                  rows.getString(6),
                  rows.getBytes(7),
                  Set.of());
          long before = rows.getLong(8);
          long own = rows.getLong(9);
          checked.check(chain -> chain.next(row, before, own));
          List<String> tags = Arrays.asList((String[]) rows.getArray(10).getArray());
          visitor.event(event(row, tags));
          if (!tags.contains(kind)) {
            visitor.fault(new ChainFault(id, row.sequenceNr(), PostgresAudit.lacks(kind)));
          }
        }
      }
    }
  }

  private static StoredEvent event(EventRow row, List<String> tags) {
    return new StoredEvent(
        row.id(),
        row.sequenceNr(),
        row.timestamp(),
        row.writer(),
        row.adapterManifest(),
        row.serializerId(),
        row.manifest(),
        tags,
        row.payload());
  }

  /** A chain, until it breaks. */
  private static final class Checked {
    private final Chain chain;
    private ChainFault fault;

    Checked(Chain chain) {
      this.chain = chain;
    }

    void check(Consumer<Chain> step) {
      if (fault == null) {
        try {
          step.accept(chain);
        } catch (JournalAlteredException e) {
          fault = new ChainFault(e.persistenceId(), e.sequenceNr(), e.what());
        }
      }
    }
  }

  private List<String> headless() throws SQLException {
    List<String> ids = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT DISTINCT persistence_id FROM event_journal e WHERE NOT EXISTS (SELECT FROM"
                    + " journal_head h WHERE h.persistence_id = e.persistence_id) LIMIT "
                    + MOST_HEADLESS)) {
      while (rows.next()) {
        ids.add(rows.getString(1));
      }
    }
    return ids;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw unreadable(settings, e);
    }
  }
}
