package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.WriteBatch;

/**
 * The way of a commit to the disk. A small one is durable in {@link HighWater}, and LevelDB gets it
 * with others in one write: when somebody reads, when it is closed, and before their places in the
 * ring are needed again. So a single writer waits for one sync, of a file whose size does not
 * change. A large one LevelDB gets at once, with all that waits.
 *
 * <p>When LevelDB does not take what waits, nothing is lost, and nothing more goes here: the store
 * must be opened again, which makes them up from the file.
 */
final class CarriedCommits {
  /** Fewer than there are places, so that none is needed that LevelDB has not got. */
  private static final int MOST = HighWater.SLOTS * 3 / 4;

  /** Writes to LevelDB, synced. */
  interface Sink {
    void write(Consumer<WriteBatch> filling);
  }

  private final Path directory;
  private final HighWater highWater;
  private final Sink levelDb;

  /** Held while LevelDB writes, so that it gets the commits in their order. */
  private final ReentrantLock handingOver = new ReentrantLock();

  private final ConcurrentLinkedQueue<List<Entry>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private volatile boolean broken;

  CarriedCommits(Path directory, HighWater highWater, Sink levelDb) {
    this.directory = directory;
    this.highWater = highWater;
    this.levelDb = levelDb;
  }

  boolean isBroken() {
    return broken;
  }

  /**
   * Makes a commit durable. For the committing thread; it waits for LevelDB only when it must.
   *
   * @throws JournalUnavailableException when its outcome is not known
   */
  void add(long commit, Map<String, Head> heads, List<Entry> changes) {
    HighWaterSlot slot = HighWaterSlot.of(highWater.journal(), commit, heads, changes).fitting();
    requireWhole();
    if (slot.carries()) {
      if (count.get() >= MOST) {
        handOver();
      }
      highWater.carry(slot);
      put(changes);
    } else {
      put(changes);
      handOver();
      highWater.advance(slot);
    }
  }

  private void put(List<Entry> changes) {
    waiting.add(changes);
    count.incrementAndGet();
  }

  /**
   * Hands to LevelDB what it has not got. Any thread may do that.
   *
   * @throws JournalUnavailableException when it does not take it
   */
  void handOver() {
    requireWhole();
    if (count.get() == 0) {
      return;
    }
    handingOver.lock();
    try {
      requireWhole();
      List<List<Entry>> next = List.copyOf(waiting);
      if (!next.isEmpty()) {
        write(next);
        next.forEach(written -> waiting.remove());
        count.addAndGet(-next.size());
      }
    } finally {
      handingOver.unlock();
    }
  }

  private void write(List<List<Entry>> commits) {
    try {
      levelDb.write(batch -> commits.forEach(changes -> StagedChanges.copy(changes, batch)));
    } catch (DBException | JournalException | UncheckedIOException e) {
      broken = true;
      throw new JournalUnavailableException(
          "LevelDB does not take what was committed to the journal in %s: %s. It will be opened again."
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  private void requireWhole() {
    if (broken) {
      throw new JournalUnavailableException(
          "The journal in %s is about to be opened again.".formatted(directory));
    }
  }
}
