package io.holdfast.persistence.postgres;

import io.holdfast.persistence.EventTags;
import io.holdfast.persistence.JournalUnavailableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks through a whole journal for events that are altered or missing, or that queries by tag do
 * not find any more. Reads only; a master may run meanwhile.
 */
public final class PostgresAudit {
  private static final int IDS_AT_ONCE = 1000;
  private static final int MOST_FINDINGS = 100;

  private final PostgresSettings settings;

  /** Over the journal in the database of the settings. */
  public PostgresAudit(PostgresSettings settings) {
    this.settings = settings;
  }

  /**
   * What was found.
   *
   * @param events that are as they were written, in persistence ids of which none is altered or
   *     missing
   * @param findings for each persistence id that has one the first event that is altered or
   *     missing, and each event that lacks the tag of its kind; at most 100
   */
  public record Report(long ids, long events, List<JournalAlteredException> findings) {
    /** Immutable. */
    public Report {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Verifies every persistence id, in the order of their names.
   *
   * @throws JournalUnavailableException when the database cannot be read
   */
  public Report verify() {
    long ids = 0;
    long events = 0;
    List<JournalAlteredException> findings = new ArrayList<>();
    try (Connection connection =
        DriverManager.getConnection(settings.url(), settings.driverProperties())) {
      // It may be a large journal.
      try (Statement unbounded = connection.createStatement()) {
        unbounded.execute("SET statement_timeout = 0");
      }
      for (String id : headless(connection)) {
        findings.add(
            new JournalAlteredException(settings.url(), id, 0, "it has events and no head"));
      }
      List<String> some = ids(connection, "");
      while (!some.isEmpty() && findings.size() < MOST_FINDINGS) {
        for (String id : some) {
          ids++;
          events += verify(connection, id, findings);
          untagged(connection, id, findings);
        }
        some = ids(connection, some.get(some.size() - 1));
      }
      return new Report(ids, events, findings.subList(0, Math.min(findings.size(), MOST_FINDINGS)));
    } catch (SQLException e) {
      throw new JournalUnavailableException(
          "The journal in %s cannot be read: %s".formatted(settings.url(), e.getMessage()), e);
    }
  }

  private long verify(Connection connection, String id, List<JournalAlteredException> findings)
      throws SQLException {
    try {
      return new JournalReader(settings.url(), Long.MAX_VALUE).verify(connection, id);
    } catch (JournalAlteredException e) {
      connection.rollback();
      findings.add(e);
      return 0;
    }
  }

  private void untagged(Connection connection, String id, List<JournalAlteredException> findings)
      throws SQLException {
    String kind = EventTags.kind(id);
    connection.setAutoCommit(true);
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sequence_number FROM event_journal WHERE persistence_id = ? AND NOT EXISTS"
                + " (SELECT FROM event_tag WHERE event_id = ordering AND tag = ?)"
                + " ORDER BY sequence_number LIMIT "
                + MOST_FINDINGS)) {
      select.setString(1, id);
      select.setString(2, kind);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          findings.add(
              new JournalAlteredException(settings.url(), id, rows.getLong(1), lacks(kind)));
        }
      }
    }
  }

  /** What is wrong with an event that lacks the tag of its kind, as half a sentence. */
  static String lacks(String kind) {
    return "it has lost its tag '%s', so that the history and queries by tag pass over it"
        .formatted(kind);
  }

  private static List<String> ids(Connection connection, String after) throws SQLException {
    connection.setAutoCommit(true);
    return texts(
        connection,
        "SELECT persistence_id FROM journal_head WHERE persistence_id > ?"
            + " ORDER BY persistence_id LIMIT "
            + IDS_AT_ONCE,
        after);
  }

  private static List<String> headless(Connection connection) throws SQLException {
    return texts(
        connection,
        "SELECT DISTINCT persistence_id FROM event_journal e WHERE persistence_id > ? AND NOT"
            + " EXISTS (SELECT FROM journal_head h WHERE h.persistence_id = e.persistence_id) LIMIT"
            + " "
            + MOST_FINDINGS,
        "");
  }

  private static List<String> texts(Connection connection, String sql, String parameter)
      throws SQLException {
    List<String> texts = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setString(1, parameter);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
      }
    }
    return texts;
  }
}
