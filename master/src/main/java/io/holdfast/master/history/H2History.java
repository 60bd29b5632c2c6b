package io.holdfast.master.history;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history in a file of an embedded H2, {@code <data>/history/history.mv.db}. H2 runs inside
 * this process, opens no port and asks nobody. Its file is not the truth: one that is damaged, or
 * made by another version, is set aside (the newest such file is kept) and made anew. State: the
 * file.
 *
 * @param leastFree bytes; with less on its disk nothing is written: that room is the journal's
 */
record H2History(Path folder, long leastFree) implements HistoryStore {
  private static final Logger LOG = LoggerFactory.getLogger(H2History.class);
  private static final String SCHEMA = "/io/holdfast/persistence/postgres/003-history.sql";
  private static final String FILE = "history.mv.db";
  private static final String ASIDE = "history.set-aside";

  /** H2's codes for: another process has the file, no memory, just closed. */
  private static final Set<Integer> NOT_NOW = Set.of(90020, 90108, 90098, 90121);

  /** H2's codes for: the file is corrupt; its format is another. */
  private static final Set<Integer> DAMAGED = Set.of(90030, 90048);

  @Override
  public String place() {
    return file().toString();
  }

  private Path file() {
    return folder.resolve(FILE);
  }

  @Override
  public HistoryDatabase open() throws SQLException {
    if (folder.toString().indexOf(';') >= 0) {
      throw new HistoryUnavailableException(
          "its folder "
              + folder
              + " has a ';' in its path, which H2 cannot take: move holdfast.master.data");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new HistoryUnavailableException("its folder cannot be made: " + e, e);
    }
    try {
      prepare();
    } catch (SQLException e) {
      if (!maySetAside(e)) {
        throw e;
      }
      setAside(e.getMessage());
      prepare();
    }
    return new HistoryDatabase(new HikariDataSource(pool()), place());
  }

  @Override
  public Optional<String> refusal() {
    long free = folder.toFile().getUsableSpace();
    return free >= leastFree
        ? Optional.empty()
        : Optional.of(
            "the disk of "
                + folder
                + " is nearly full: "
                + (free >> 20)
                + " MiB free, and "
                + (leastFree >> 20)
                + " MiB are left to the journal (holdfast.master.min-free-space)");
  }

  private boolean maySetAside(SQLException e) {
    return Files.exists(file())
        && Files.isReadable(file())
        && Files.isWritable(file())
        && !NOT_NOW.contains(e.getErrorCode());
  }

  private void prepare() throws SQLException {
    int version;
    try (Connection connection = DriverManager.getConnection(url(), "holdfast", "")) {
      if (!hasTables(connection)) {
        create(connection);
      }
      version = HistoryState.read(connection).version();
    }
    if (version != HistoryState.VERSION) {
      setAside("it has version " + version + ", and " + HistoryState.VERSION + " is needed");
      prepare();
    }
  }

  private static boolean hasTables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public'"
                    + " AND table_name = 'history_state'")) {
      rows.next();
      return rows.getInt(1) > 0;
    }
  }

  private static void create(Connection connection) throws SQLException {
    try (InputStream in = H2History.class.getResourceAsStream(SCHEMA)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + SCHEMA);
      }
      HistorySql.execute(connection, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("the jar cannot be read", e);
    }
  }

  private String url() {
    return "jdbc:h2:file:"
        + folder.resolve("history")
        // The same SQL and the same names as in PostgreSQL.
        + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        // Closed with the pool, not by a hook of H2's own; no file of its own beside it.
        + ";DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0"
        // Bounds: memory in KiB, statements that are kept, milliseconds to wait for a row.
        + ";CACHE_SIZE=8192;QUERY_CACHE_SIZE=40;LOCK_TIMEOUT=10000"
        // What was replaced may be written over at once: the file need not outlive a power failure.
        + ";RETENTION_TIME=0";
  }

  private HikariConfig pool() {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("holdfast-history");
    pool.setJdbcUrl(url());
    pool.setUsername("holdfast");
    pool.setPassword("");
    pool.setMaximumPoolSize(HistoryDatabase.CONNECTIONS);
    // H2 closes the file with the last connection.
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(5_000);
    return pool;
  }

  @Override
  public boolean isDamage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && DAMAGED.contains(sql.getErrorCode())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void setAside(String why) {
    Path aside = folder.resolve(ASIDE);
    try {
      if (Files.exists(file())) {
        Files.move(file(), aside, StandardCopyOption.REPLACE_EXISTING);
        LOG.warn(
            "the history's file {} cannot be used ({}): it is kept as {}, and made anew from the"
                + " journal",
            file(),
            why,
            aside.getFileName());
      }
    } catch (IOException e) {
      throw new HistoryUnavailableException("its file cannot be set aside: " + e, e);
    }
  }
}
