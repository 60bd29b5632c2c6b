package io.holdfast.persistence.postgres;

import com.typesafe.config.Config;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.Proof;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Whose the journal in a database is: taken by one process at a time, and with the id that agents
 * know it by, whichever data directory the process has. Whoever takes it has a greater epoch than
 * all before, and those find that out when they look (R13).
 *
 * <p>Hard state: the one row of {@code journal_owner}. Thread-safe; each look waits for the server,
 * on a connection that nothing else uses.
 */
public final class PostgresOwner implements AutoCloseable {
  private static final String TAKE =
      "INSERT INTO journal_owner (master, journal_id, owner, epoch) VALUES (?, ?, ?, 1)"
          + " ON CONFLICT (one) DO UPDATE SET owner = excluded.owner,"
          + " epoch = journal_owner.epoch + 1, taken_at = now()"
          + " WHERE journal_owner.master = excluded.master"
          + " RETURNING journal_id, epoch";

  // A standby may show what was long ago.
  private static final String LOOK =
      "SELECT owner, epoch, taken_at, pg_is_in_recovery() FROM journal_owner";

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final PostgresSettings settings;
  private final String owner;
  private String journalId = "";
  private long epoch;
  private Connection connection;

  private PostgresOwner(PostgresSettings settings, String owner) {
    this.settings = settings;
    this.owner = owner;
  }

  /**
   * Takes the journal, from whoever had it. Who was stopped in the middle of a commit keeps its row
   * locked until the server ends that transaction; so long this waits, and a lock's time longer.
   *
   * @param master whose it is; another's is refused
   * @param journalId the id that it gets if it has none yet
   * @param owner who takes it: no other process is called so, now or later
   * @throws JournalException saying what is wrong and what to do
   */
  public static PostgresOwner take(Config all, String master, String journalId, String owner) {
    PostgresOwner taken = new PostgresOwner(PostgresSettings.of(all), owner);
    try {
      taken.takeWhenFree(master, journalId);
    } catch (SQLException e) {
      taken.close();
      throw new JournalUnavailableException(
          "the journal in %s could not be taken: %s"
              .formatted(taken.settings.url(), e.getMessage().strip()),
          e);
    }
    return taken;
  }

  private void takeWhenFree(String master, String idIfNew) throws SQLException {
    long longest = settings.statementTimeout().multipliedBy(2).toNanos();
    long begun = System.nanoTime();
    while (true) {
      try {
        take(master, idIfNew);
        return;
      } catch (SQLException e) {
        boolean isLocked = LOCK_NOT_AVAILABLE.equals(e.getSQLState());
        if (!isLocked || System.nanoTime() - begun >= longest) {
          throw e;
        }
      }
    }
  }

  private synchronized void take(String master, String idIfNew) throws SQLException {
    try (PreparedStatement insert = connection().prepareStatement(TAKE)) {
      insert.setString(1, master);
      insert.setString(2, idIfNew);
      insert.setString(3, owner);
      try (ResultSet row = insert.executeQuery()) {
        if (row.next()) {
          journalId = row.getString(1);
          epoch = row.getLong(2);
          return;
        }
      }
    }
    throw new JournalException(
        "the journal in %s is that of master '%s', not of '%s': give this one a database of its own"
            .formatted(settings.url(), masterThere(), master),
        null);
  }

  private String masterThere() throws SQLException {
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery("SELECT master FROM journal_owner")) {
      return row.next() ? row.getString(1) : "?";
    }
  }

  /** One life of the journal: what agents know it by. */
  public String journalId() {
    return journalId;
  }

  /** How often the journal was taken, by this process the last time. */
  public long epoch() {
    return epoch;
  }

  /** Looks whether it is still that of this process. Blocks as long as the server does. */
  public synchronized Proof prove() {
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery(LOOK)) {
      if (!row.next()) {
        return new Proof.Unknown("the owner's row in " + settings.url() + " is not there");
      }
      if (row.getBoolean(4)) {
        return new Proof.Unknown(settings.url() + " is a standby server");
      }
      if (row.getLong(2) != epoch || !row.getString(1).equals(owner)) {
        return new Proof.Rival(
            "the journal in %s has been taken over by '%s' at %s; this process is '%s'"
                .formatted(
                    settings.url(), row.getString(1), row.getTimestamp(3).toInstant(), owner));
      }
      return new Proof.Ours();
    } catch (SQLException e) {
      close();
      return new Proof.Unknown(
          "the owner's row in %s cannot be read: %s"
              .formatted(settings.url(), e.getMessage().strip()));
    }
  }

  private Connection connection() throws SQLException {
    if (connection == null) {
      connection = DriverManager.getConnection(settings.url(), settings.driverProperties());
    }
    return connection;
  }

  /** Lets go of the connection; the next look makes a new one. */
  @Override
  public synchronized void close() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        // It is of no use any more, in either case.
      }
      connection = null;
    }
  }
}
