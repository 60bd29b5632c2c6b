package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalTakenException;
import io.holdfast.persistence.JournalTrouble;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.WriteRefusedException;
import io.holdfast.persistence.postgres.JournalSql.Addition;
import io.holdfast.persistence.postgres.JournalSql.Stored;
import io.holdfast.persistence.postgres.WriteRequest.Append;
import io.holdfast.persistence.postgres.WriteRequest.Delete;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.sql.DataSource;

/**
 * The one thread that writes: everything that waits, of all actors, is one transaction. An event
 * must have the next number of its persistence id, and the row of the id in {@code journal_head}
 * must be as this writer knows it; together with the primary key this refuses a second writer. A
 * write that is refused spoils no other: those of its transaction are then committed each alone.
 *
 * <p>When the connection breaks at a commit it is not known whether it came to pass; the writes
 * fail, and the actors learn it when they recover.
 *
 * <p>Soft state: the heads of the ids that were written last.
 */
final class PostgresWriter implements AutoCloseable {
  private static final int MOST_HEADS = 10_000;

  private final PostgresSettings settings;
  private final DataSource connections;
  private final WriteQueue queue;
  private final WriteHealth health;
  private final CompletableFuture<String> taken = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "journal-postgres-writer");
  private final Map<String, Head> heads =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Head> eldest) {
          return size() > MOST_HEADS;
        }
      };

  PostgresWriter(PostgresSettings settings, DataSource connections) {
    this.settings = settings;
    this.connections = connections;
    this.queue = new WriteQueue(settings);
    this.health = new WriteHealth(settings.url(), System::nanoTime);
    thread.setDaemon(true);
  }

  PostgresWriter start() {
    thread.start();
    return this;
  }

  /** Completed, on the thread that writes, once a write found that another process has it. */
  CompletionStage<String> taken() {
    return taken.minimalCompletionStage();
  }

  /** Why writes fail at the moment, if they do. */
  Optional<JournalTrouble> trouble() {
    return health.trouble();
  }

  /** Tries, if writes fail, whether they would still; it writes nothing. */
  void probe() {
    if (health.trouble().isEmpty()) {
      return;
    }
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      boolean unused = JournalSql.isOwner(connection, settings.fence());
      connection.rollback();
      health.probed();
    } catch (SQLException e) {
      health.failed(e);
    }
  }

  void put(WriteRequest request) {
    queue.put(request);
  }

  private void run() {
    try {
      for (List<WriteRequest> taken = queue.take(); !taken.isEmpty(); taken = queue.take()) {
        if (taken.get(0) instanceof Delete delete) {
          perform(delete);
        } else {
          write(taken.stream().map(Append.class::cast).toList());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      queue.close();
    }
  }

  private void perform(Delete delete) {
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      requireOwner(connection);
      JournalSql.delete(connection, delete.id(), delete.toSequenceNr());
      connection.commit();
      delete.done().complete(null);
    } catch (SQLException | RuntimeException e) {
      delete.fail(failure(e));
    }
  }

  /** Commits together what can be, and answers each. */
  private void write(List<Append> writes) {
    List<Append> accepted;
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      accepted = commit(connection, writes);
      health.succeeded();
    } catch (SQLException | RuntimeException e) {
      writes.forEach(write -> heads.remove(write.id()));
      if (e instanceof SQLException sql && !isOfOneWrite(e)) {
        health.failed(sql);
      }
      if (writes.size() > 1 && isOfOneWrite(e)) {
        // Who was told already that he is refused must not be written after all.
        writes.stream()
            .filter(write -> !write.done().isDone())
            .forEach(write -> write(List.of(write)));
      } else {
        writes.forEach(write -> write.fail(failure(e)));
      }
      return;
    }
    accepted.forEach(write -> write.done().complete(write.outcomes()));
  }

  /** Those that are committed; the others have been told. */
  private List<Append> commit(Connection connection, List<Append> writes) throws SQLException {
    requireOwner(connection);
    Map<String, Head> known = known(connection, writes);
    List<Append> accepted = new ArrayList<>();
    List<Addition> additions = new ArrayList<>();
    for (Append write : writes) {
      Head head = known.getOrDefault(write.id(), Head.NONE);
      if (head.highest() + 1 != write.first()) {
        heads.remove(write.id());
        write.fail(refused(write, head));
      } else {
        accepted.add(write);
        additions.add(addition(write, head));
      }
    }
    additions.sort(Comparator.comparing(Addition::id));
    if (JournalSql.advance(connection, additions) != additions.size()) {
      connection.rollback();
      throw new WriteRefusedException(
          "Event %d of '%s' was refused: another writer of this id has been there."
              .formatted(accepted.get(0).first(), accepted.get(0).id()));
    }
    JournalSql.insert(connection, additions);
    connection.commit();
    additions.forEach(addition -> heads.put(addition.id(), addition.after()));
    return accepted;
  }

  /** R13: once another process has taken the journal, nothing of this one lands, however late. */
  private void requireOwner(Connection connection) throws SQLException {
    if (settings.fence() > 0 && !JournalSql.isOwner(connection, settings.fence())) {
      JournalTakenException e =
          new JournalTakenException(
              "the journal in " + settings.url() + " has been taken over by another process");
      taken.complete(e.getMessage());
      throw e;
    }
  }

  private Map<String, Head> known(Connection connection, List<Append> writes) throws SQLException {
    Map<String, Head> known = new HashMap<>();
    Set<String> unknown = new TreeSet<>();
    for (Append write : writes) {
      Head head = heads.get(write.id());
      if (head != null && head.highest() + 1 == write.first()) {
        known.put(write.id(), head);
      } else {
        unknown.add(write.id());
      }
    }
    if (!unknown.isEmpty()) {
      known.putAll(JournalSql.heads(connection, unknown));
    }
    return known;
  }

  private static Addition addition(Append write, Head before) {
    List<Stored> rows = new ArrayList<>();
    long hash = before.lastHash();
    for (EventRow row : write.rows()) {
      long own = row.hash(hash);
      rows.add(new Stored(row, hash, own));
      hash = own;
    }
    return new Addition(write.id(), before, before.written(write.last(), hash), rows);
  }

  /** Whether what went wrong lies in one of the writes, and the transaction surely did nothing. */
  private static boolean isOfOneWrite(Exception e) {
    if (e instanceof WriteRefusedException) {
      return true;
    }
    String state = e instanceof SQLException sql ? sql.getSQLState() : null;
    // Data, constraints, and deadlocks.
    return state != null
        && (state.startsWith("22")
            || state.startsWith("23")
            || state.equals("40001")
            || state.equals("40P01"));
  }

  private static WriteRefusedException refused(Append write, Head head) {
    return new WriteRefusedException(
        "Event %d of '%s' was refused: the next number is %d. Another writer of this id has been there, or a write before it failed."
            .formatted(write.first(), write.id(), head.highest() + 1));
  }

  private RuntimeException failure(Exception e) {
    if (e instanceof SQLException sql) {
      if ("23505".equals(sql.getSQLState())) {
        return new WriteRefusedException(
            "An event was refused, its number is taken: " + sql.getMessage());
      }
      return new JournalUnavailableException(
          "It could not be written to " + settings.url() + ": " + sql.getMessage(), sql);
    }
    return (RuntimeException) e;
  }

  /** Finishes what is being committed; what waits behind it fails. */
  @Override
  public void close() {
    queue.close();
    try {
      thread.join(settings.closeTimeout().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
