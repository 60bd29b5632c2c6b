package io.holdfast.persistence;

import io.holdfast.persistence.CommitQueue.Barrier;
import io.holdfast.persistence.CommitQueue.Delete;
import io.holdfast.persistence.CommitQueue.Item;
import io.holdfast.persistence.CommitQueue.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes: takes everything that waits, commits it in one synced batch, then
 * completes the futures.
 *
 * <p>A commit that fails fails everything in it, with an outcome that is unknown until the store
 * has been opened again; that happens before the next item is handled, so a disk that was full for
 * a while needs no restart. Futures are completed on this thread: what hangs on them must be short.
 */
final class GroupCommitter {
  /**
   * Heads, and ends of tags, that are kept in memory, so that a write to a busy id reads none. More
   * than the commits can have that LevelDB has not got yet: what is not here, it has.
   */
  private static final int CACHED = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);

  private final LevelDbStore store;
  private final CommitQueue queue;
  private final long maxBatchBytes;
  private final Thread thread;
  private final CommitNews news;
  private final Map<String, Head> heads = newestOf(CACHED);
  private final Map<String, Long> tagEnds = newestOf(CACHED);
  private volatile CommitMarks marks;
  private volatile boolean suspect;

  GroupCommitter(LevelDbStore store, CommitQueue queue, CommitNews news, long maxBatchBytes) {
    this.store = store;
    this.queue = queue;
    this.news = news;
    this.maxBatchBytes = maxBatchBytes;
    this.marks = store.marks();
    this.thread = new Thread(this::run, "holdfast-journal-writer");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** The newest commit that is on disk. After a {@link #barrier} it counts in what was before. */
  CommitMarks marks() {
    return marks;
  }

  /** Completed once everything that was put in before is on disk or has failed. */
  CompletableFuture<Void> barrier() {
    if (queue.isIdle() && !suspect && !store.isBroken()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> passed = new CompletableFuture<>();
    queue.put(new Barrier(passed));
    return passed;
  }

  /** Opens the store again if it is broken, soon; also when nobody writes. */
  void mend() {
    if (store.isBroken()) {
      queue.put(new Barrier(new CompletableFuture<>()));
    }
  }

  /**
   * Lets nothing more in, waits until what is in is committed, and fails what is not by then.
   *
   * @return whether the thread has ended, so that the store may be closed
   */
  boolean close(Duration atMost) {
    queue.close();
    try {
      thread.join(Math.max(1, atMost.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    queue.failRest(queue.closedException());
    return !thread.isAlive();
  }

  private void run() {
    try {
      while (true) {
        List<Item> items = queue.take(maxBatchBytes);
        if (items.isEmpty()) {
          return;
        }
        handle(items);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      queue.failRest(queue.closedException());
    }
  }

  private void handle(List<Item> items) {
    try {
      if (suspect || store.isBroken()) {
        openAgain();
      }
      commit(items);
    } catch (RuntimeException | Error e) {
      suspect = true;
      LOG.error(
          "A commit to the journal in {} failed; it will be opened again.", store.directory(), e);
      JournalException failure =
          e instanceof JournalException known
              ? known
              : new JournalException(
                  "A commit to the journal in %s failed, its outcome is not known: %s."
                      .formatted(store.directory(), e.getMessage()),
                  e);
      items.forEach(item -> item.future().completeExceptionally(failure));
    }
  }

  private void openAgain() {
    heads.clear();
    tagEnds.clear();
    store.reopen();
    marks = store.marks();
    suspect = false;
    LOG.info("The journal in {} is open again.", store.directory());
  }

  private void commit(List<Item> items) {
    List<Runnable> whenCommitted = new ArrayList<>();
    Optional<CommitBatch> written =
        store.commit(
            batch -> {
              CommitBatch commit =
                  new CommitBatch(
                      store.directory(), batch, this::head, this::tagEnd, store::read, marks);
              FreeSpace space = store.freeSpace();
              items.forEach(item -> stage(commit, space, item, whenCommitted));
              return commit.seal() ? Optional.of(commit) : Optional.empty();
            });
    written.ifPresent(
        commit -> {
          marks = commit.marks();
          heads.putAll(commit.heads());
          tagEnds.putAll(commit.tagEnds());
        });
    whenCommitted.forEach(Runnable::run);
    written.ifPresent(commit -> news.tell(commit.heads().keySet(), commit.tagEnds().keySet()));
  }

  private void stage(CommitBatch commit, FreeSpace space, Item item, List<Runnable> whenCommitted) {
    try {
      if (item instanceof Write write) {
        space.takeForEvents(write.bytes());
        commit.write(write.events());
        whenCommitted.add(() -> write.future().complete(null));
      } else if (item instanceof Delete delete) {
        space.requireForUpkeep();
        boolean finished = commit.delete(delete.id(), delete.upTo());
        whenCommitted.add(
            finished ? () -> delete.future().complete(null) : () -> queue.putBack(delete));
      } else if (item instanceof Barrier barrier) {
        whenCommitted.add(() -> barrier.future().complete(null));
      }
    } catch (WriteRefusedException | JournalDamagedException | JournalUnavailableException e) {
      LOG.error("{}", e.getMessage());
      whenCommitted.add(() -> item.future().completeExceptionally(e));
    }
  }

  private Head head(String id) {
    Head cached = heads.get(id);
    if (cached != null) {
      return cached;
    }
    Head found = store.readOlder(iterator -> Heads.find(store.directory(), iterator, id));
    heads.put(id, found);
    return found;
  }

  private long tagEnd(String tag) {
    Long cached = tagEnds.get(tag);
    if (cached != null) {
      return cached;
    }
    long found = store.readOlder(iterator -> TagIndex.end(store.directory(), iterator, tag));
    tagEnds.put(tag, found);
    return found;
  }

  /** A map that forgets what was not used for longest. */
  private static <V> Map<String, V> newestOf(int most) {
    return new LinkedHashMap<>(64, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > most;
      }
    };
  }
}
