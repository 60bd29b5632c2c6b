package io.holdfast.persistence.postgres;

import akka.actor.AbstractExtensionId;
import akka.actor.ActorSystem;
import akka.actor.ExtendedActorSystem;
import akka.actor.Extension;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.serialization.SerializationExtension;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.persistence.Footing;
import io.holdfast.persistence.JournalBusyException;
import io.holdfast.persistence.JournalTrouble;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.postgres.WriteRequest.Append;
import io.holdfast.persistence.postgres.WriteRequest.Delete;
import io.holdfast.persistence.snapshot.SnapshotSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The journal in PostgreSQL of one actor system: the pool of connections, the writer, and the
 * threads that read. Hard state: the database. Thread-safe; nothing of it waits on the caller's
 * thread.
 */
final class PostgresStore implements Extension, AutoCloseable {
  private static final long PIECE_BYTES = 8 << 20;
  private static final Duration PROBE_EACH = Duration.ofSeconds(1);

  private final PostgresSettings settings;
  private final HikariDataSource pool;
  private final PostgresWriter writer;
  private final ScheduledExecutorService prober;
  private final ThreadPoolExecutor readers;
  private final JournalReader reader;
  private final RowCodec codec;

  private PostgresStore(PostgresSettings settings, int snapshotThreads, RowCodec codec) {
    this.settings = settings;
    this.codec = codec;
    int connections = 2 + settings.readThreads() + settings.queryThreads() + snapshotThreads;
    this.pool = new HikariDataSource(pool(settings, connections));
    this.writer = new PostgresWriter(settings, pool).start();
    this.reader = new JournalReader(settings.url(), PIECE_BYTES);
    this.readers =
        new ThreadPoolExecutor(
            settings.readThreads(),
            settings.readThreads(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(settings.maxWaitingReads()),
            task -> daemon(task, "journal-postgres-reader"));
    this.prober =
        Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "journal-postgres-probe"));
    var unused =
        prober.scheduleWithFixedDelay(
            writer::probe, PROBE_EACH.toMillis(), PROBE_EACH.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** A piece of a replay. */
  record Replayed(List<PersistentRepr> events, boolean last) {}

  private static final class Id extends AbstractExtensionId<PostgresStore> {
    private static final Id ID = new Id();

    @Override
    public PostgresStore createExtension(ExtendedActorSystem system) {
      PostgresSettings settings = PostgresSettings.of(system.settings().config());
      int snapshotThreads = SnapshotSettings.of(system.settings().config()).threads();
      RowCodec codec = new RowCodec(SerializationExtension.get(system), settings.maxEventBytes());
      PostgresStore store = new PostgresStore(settings, snapshotThreads, codec);
      system.registerOnTermination(store::close);
      return store;
    }
  }

  /** The one of an actor system. The server need not be there. */
  static PostgresStore get(ActorSystem system) {
    return Id.ID.get(system);
  }

  /** How each pool of connections to that server is made. */
  static HikariConfig pool(PostgresSettings settings, int connections) {
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("holdfast-journal");
    pool.setJdbcUrl(settings.url());
    pool.setDataSourceProperties(settings.driverProperties());
    pool.setMaximumPoolSize(connections);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(settings.connectTimeout().toMillis());
    pool.setValidationTimeout(settings.connectTimeout().toMillis());
    // A server that is away when the pool is made is one that is away later.
    pool.setInitializationFailTimeout(-1);
    return pool;
  }

  HikariDataSource pool() {
    return pool;
  }

  PostgresSettings settings() {
    return settings;
  }

  /** Completed once a write found that another process has the journal (R13). */
  CompletionStage<String> taken() {
    return writer.taken();
  }

  /** Why writes fail at the moment, if they do. */
  Optional<JournalTrouble> trouble() {
    return writer.trouble();
  }

  /**
   * Writes atomic writes of one persistence id in one transaction.
   *
   * @return for each: empty, or why it was rejected; a failure means that none is written, or that
   *     it is not known
   */
  CompletableFuture<List<Optional<Exception>>> write(Iterable<AtomicWrite> writes) {
    Append append;
    try {
      append = Append.of(writes, codec);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    writer.put(append);
    return append.done();
  }

  CompletableFuture<Void> delete(String id, long toSequenceNr) {
    Delete delete = new Delete(id, toSequenceNr, new CompletableFuture<>());
    writer.put(delete);
    return delete.done();
  }

  /** The highest number ever given; 0 for an id that was never written. */
  CompletableFuture<Long> highestSequenceNr(String id) {
    return read(connection -> reader.highestSequenceNr(connection, id));
  }

  /** The first events of a range; at least one if there is any, and at most {@code most}. */
  CompletableFuture<Replayed> replay(String id, long from, long to, long most) {
    return read(
        connection -> {
          JournalReader.Piece piece = reader.read(connection, id, from, to, most);
          return new Replayed(piece.rows().stream().map(codec::event).toList(), piece.last());
        });
  }

  /** What is at a place of the history of an id, on the caller's thread. */
  Footing footing(String id, long sequenceNr) {
    return with(connection -> reader.footing(connection, id, sequenceNr));
  }

  /**
   * Does something with a connection of the pool, on the caller's thread. It commits each statement
   * for itself, unless {@code work} says otherwise.
   *
   * @throws JournalUnavailableException when the database does not do it
   */
  <T> T with(Reading<T> work) {
    try (Connection connection = pool.getConnection()) {
      return work.read(connection);
    } catch (SQLException e) {
      throw new JournalUnavailableException(
          "It could not be read or written in " + settings.url() + ": " + e.getMessage(), e);
    }
  }

  /** What is done with a connection. */
  interface Reading<T> {
    T read(Connection connection) throws SQLException;
  }

  private <T> CompletableFuture<T> read(Reading<T> reading) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      readers.execute(
          () -> {
            try (Connection connection = pool.getConnection()) {
              done.complete(reading.read(connection));
            } catch (SQLException e) {
              done.completeExceptionally(
                  new JournalUnavailableException(
                      "It could not be read from " + settings.url() + ": " + e.getMessage(), e));
            } catch (Throwable e) {
              // A serializer may throw anything; whoever waits must hear of it.
              done.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(
          readers.isShutdown()
              ? new JournalUnavailableException("The journal in " + settings.url() + " is closed.")
              : new JournalBusyException(
                  "Too much waits to be read: %s.max-waiting-reads is %d."
                      .formatted(PostgresSettings.SECTION, settings.maxWaitingReads())));
    }
    return done;
  }

  @Override
  public void close() {
    prober.shutdownNow();
    writer.close();
    readers.shutdown();
    pool.close();
  }
}
