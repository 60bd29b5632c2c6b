package io.holdfast.persistence.snapshot;

import akka.actor.ActorSystem;
import akka.dispatch.Futures;
import akka.persistence.SelectedSnapshot;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotSelectionCriteria;
import akka.persistence.snapshot.japi.SnapshotStore;
import akka.serialization.SerializationExtension;
import io.holdfast.persistence.JournalBusyException;
import io.holdfast.persistence.JournalUnavailableException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import scala.concurrent.Future;
import scala.concurrent.Promise;

/**
 * Akka's plugin for snapshots, over a shelf and the journal beside it. The actor waits for nothing:
 * one thread stores and deletes, a few load. While its snapshot is stored an entity takes no
 * command, for {@code circuit-breaker.call-timeout} at most; a snapshot that cannot be stored costs
 * nothing else.
 */
public abstract class SnapshotPlugin extends SnapshotStore {
  private final int mostWaiting;
  private final Snapshots snapshots;
  private final ThreadPoolExecutor loading;
  private final ThreadPoolExecutor storing;

  /** What a kind of store brings along. */
  public record Parts(SnapshotShelf shelf, SnapshotJournal journal) {}

  protected SnapshotPlugin() {
    ActorSystem system = context().system();
    SnapshotSettings settings = SnapshotSettings.of(system.settings().config());
    Parts parts = parts(system, settings);
    mostWaiting = settings.mostWaiting();
    snapshots =
        new Snapshots(
            parts.shelf(),
            parts.journal(),
            new SnapshotCodec(SerializationExtension.get(system), settings.mostBytes()));
    loading = pool("holdfast-snapshot-loader", settings.loadThreads());
    storing = pool("holdfast-snapshot-writer", 1);
  }

  /** Called once, while the plugin is made. */
  protected abstract Parts parts(ActorSystem system, SnapshotSettings settings);

  private ThreadPoolExecutor pool(String name, int threads) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(mostWaiting),
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  @Override
  public Future<Optional<SelectedSnapshot>> doLoadAsync(
      String persistenceId, SnapshotSelectionCriteria criteria) {
    return on(loading, () -> snapshots.newest(persistenceId, criteria));
  }

  @Override
  public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
    return on(
        storing,
        () -> {
          snapshots.save(metadata, snapshot);
          return null;
        });
  }

  @Override
  public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
    return on(
        storing,
        () -> {
          snapshots.delete(metadata);
          return null;
        });
  }

  @Override
  public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
    return on(
        storing,
        () -> {
          snapshots.delete(persistenceId, criteria);
          return null;
        });
  }

  private <T> Future<T> on(ThreadPoolExecutor pool, Callable<T> work) {
    Promise<T> promise = Futures.promise();
    try {
      pool.execute(
          () -> {
            try {
              promise.success(work.call());
            } catch (Throwable e) {
              // A serializer may throw anything; whoever waits must hear of it.
              promise.failure(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.failure(
          pool.isShutdown()
              ? new JournalUnavailableException("The snapshots are closed.")
              : new JournalBusyException(
                  "Too much waits: %s.max-waiting is %d."
                      .formatted(SnapshotSettings.SECTION, mostWaiting)));
    }
    return promise.future();
  }

  @Override
  public void postStop() throws Exception {
    loading.shutdown();
    storing.shutdown();
    super.postStop();
  }
}
