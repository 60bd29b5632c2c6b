package io.holdfast.master.history;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An open database that holds the history's tables. Thread-safe; every call waits for the database,
 * so none belongs on a thread of an actor.
 */
final class HistoryDatabase implements AutoCloseable {
  /** Connections: one for each projection, and two for searches and upkeep each. */
  static final int CONNECTIONS = HistoryStream.values().length + HistorySearches.THREADS + 2;

  private static final Duration MOST_WAIT = Duration.ofSeconds(3);

  private final HikariDataSource pool;
  private final String place;

  /**
   * @param place how the database is named to people
   */
  HistoryDatabase(HikariDataSource pool, String place) {
    this.pool = pool;
    this.place = place;
  }

  /** What is done with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T with(Connection connection) throws SQLException;
  }

  String place() {
    return place;
  }

  /** A connection in a transaction, which whoever takes it ends and closes. */
  Connection connection() throws SQLException {
    Connection connection = pool.getConnection();
    try {
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Does all of it in one transaction, or nothing. */
  <T> T transaction(Work<T> work) throws SQLException {
    try (Connection connection = connection()) {
      try {
        T result = work.with(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    }
  }

  private static void rollBack(Connection connection, Exception because) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }

  /**
   * Waits a while for transactions under way: the pool leaves their connections alone, and H2 keeps
   * its file for as long as there is one.
   */
  @Override
  public void close() {
    long until = System.nanoTime() + MOST_WAIT.toNanos();
    try {
      while (isBusy() && System.nanoTime() < until) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pool.close();
  }

  private boolean isBusy() {
    return !pool.isClosed() && pool.getHikariPoolMXBean().getActiveConnections() > 0;
  }
}
