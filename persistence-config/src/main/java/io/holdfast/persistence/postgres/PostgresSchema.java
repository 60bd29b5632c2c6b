package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalUnavailableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Makes and checks the schema. Each migration is one transaction under a lock that only one
 * connection of the database can have, and leaves a row in {@code holdfast_schema}; so two that
 * apply at once do each step once. Hard state: the database.
 */
public final class PostgresSchema {
  private static final long LOCK = 0x686f6c6466617374L;
  private static final String HOW =
      ": run 'holdfast schema apply --config FILE' with the settings of this master";
  private static final String TABLE =
      """
      CREATE TABLE IF NOT EXISTS holdfast_schema (
        version INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at TIMESTAMPTZ NOT NULL DEFAULT now(),
        applied_by TEXT NOT NULL DEFAULT session_user
      )\
      """;

  private final PostgresSettings settings;
  private final List<Migration> migrations;

  /** The schema of this version of Holdfast, in the database of the settings. */
  public PostgresSchema(PostgresSettings settings) {
    this(settings, Migration.ALL);
  }

  PostgresSchema(PostgresSettings settings, List<Migration> migrations) {
    this.settings = settings;
    this.migrations = List.copyOf(migrations);
  }

  /**
   * Applies what is missing.
   *
   * @param told the name of each step, once it is committed
   * @return how many steps were applied
   * @throws SchemaException when the database was made by a newer or another version
   * @throws JournalUnavailableException when the server cannot be used
   */
  public int apply(Consumer<String> told) {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      // An index over a large table takes its time.
      execute(connection, "SET statement_timeout = 0; SET lock_timeout = 0");
      int applied = 0;
      for (Migration migration : migrations) {
        if (applyOnce(connection, migration)) {
          applied++;
          told.accept(label(migration));
        }
      }
      return applied;
    } catch (SQLException e) {
      throw failed("the schema could not be applied", e);
    }
  }

  private boolean applyOnce(Connection connection, Migration migration) throws SQLException {
    execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK + ")");
    execute(connection, TABLE);
    boolean missing = migration.version() > compare(applied(connection));
    if (missing) {
      execute(connection, migration.sql());
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO holdfast_schema (version, name, checksum) VALUES (?, ?, ?)")) {
        insert.setInt(1, migration.version());
        insert.setString(2, migration.name());
        insert.setString(3, migration.checksum());
        insert.executeUpdate();
      }
    }
    connection.commit();
    return missing;
  }

  /**
   * The SQL that {@link #apply} would carry out, each step as one text; empty when nothing is
   * missing. Changes nothing.
   *
   * @throws SchemaException when the database was made by a newer or another version
   * @throws JournalUnavailableException when the server cannot be used
   */
  public List<String> pending() {
    try (Connection connection = connect()) {
      int present = compare(applied(connection));
      List<String> sql = new ArrayList<>();
      for (Migration migration : migrations) {
        if (migration.version() > present) {
          sql.add("-- " + label(migration) + "\n" + migration.sql());
        }
      }
      return sql;
    } catch (SQLException e) {
      throw failed("the schema could not be read", e);
    }
  }

  /**
   * Whether a master may write here.
   *
   * @throws SchemaException saying what is not right and what to run
   * @throws JournalUnavailableException when the server cannot be used
   */
  public void check() {
    try (Connection connection = connect()) {
      require(connection, "server_encoding", "UTF8", "make the database with ENCODING 'UTF8'");
      require(connection, "fsync", "on", "without it the server loses what it has acknowledged");
      Map<Integer, String> applied = applied(connection);
      int present = compare(applied);
      if (present == 0) {
        throw new SchemaException(settings.url() + " has no schema of Holdfast" + HOW);
      }
      if (present < migrations.size()) {
        throw new SchemaException(
            "the schema of %s has version %d, and %d is needed%s"
                .formatted(settings.url(), present, migrations.size(), HOW));
      }
    } catch (SQLException e) {
      throw failed("the schema could not be read", e);
    }
  }

  /** The version that is there. */
  private int compare(Map<Integer, String> applied) {
    int newest = applied.keySet().stream().mapToInt(v -> v).max().orElse(0);
    if (newest > migrations.size()) {
      throw new SchemaException(
          "the schema of %s has version %d, and this Holdfast knows only %d: use the newer Holdfast that made it"
              .formatted(settings.url(), newest, migrations.size()));
    }
    for (Migration migration : migrations.subList(0, newest)) {
      String checksum = applied.get(migration.version());
      if (!migration.checksum().equals(checksum)) {
        throw new SchemaException(
            "step %s of the schema of %s was applied in another form (checksum %s, here %s): use the Holdfast that made it"
                .formatted(label(migration), settings.url(), checksum, migration.checksum()));
      }
    }
    return newest;
  }

  private static Map<Integer, String> applied(Connection connection) throws SQLException {
    Map<Integer, String> applied = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet there =
          statement.executeQuery("SELECT to_regclass('holdfast_schema') IS NOT NULL")) {
        there.next();
        if (!there.getBoolean(1)) {
          return applied;
        }
      }
      try (ResultSet rows =
          statement.executeQuery("SELECT version, checksum FROM holdfast_schema")) {
        while (rows.next()) {
          applied.put(rows.getInt(1), rows.getString(2));
        }
      }
    }
    return applied;
  }

  private void require(Connection connection, String setting, String value, String why)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      if (!value.equals(row.getString(1))) {
        throw new SchemaException(
            "%s of %s is %s, and must be %s: %s"
                .formatted(setting, settings.url(), row.getString(1), value, why));
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(settings.url(), settings.driverProperties());
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private RuntimeException failed(String what, SQLException e) {
    String message =
        "%s (%s as user '%s'): %s"
            .formatted(what, settings.url(), settings.user(), e.getMessage().strip());
    boolean connection = e.getSQLState() == null || !e.getSQLState().startsWith("42");
    return connection
        ? new JournalUnavailableException(
            message + ". See holdfast.journal.postgres in the settings", e)
        : new SchemaException(message, e);
  }

  private static String label(Migration migration) {
    return migration.version() + " " + migration.name();
  }
}
