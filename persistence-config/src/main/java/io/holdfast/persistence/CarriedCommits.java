package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * The way of a commit to the disk. A small one is durable in {@link HighWater}, and LevelDB gets it
 * with others in one write: from a thread of its own once some wait, and when it is closed; in any
 * case before their places in the ring are needed again. So a single writer waits for one sync, of
 * a file whose size does not change. A large one LevelDB gets at once, with all that waits. Who
 * reads sees both ({@link #view}).
 *
 * <p>Where the disk has no room for LevelDB to write, they go on waiting (see {@link FreeSpace}).
 *
 * <p>When LevelDB does not take what waits, nothing is lost, and nothing more goes here: the store
 * must be opened again, which makes them up from the file.
 */
final class CarriedCommits implements AutoCloseable {
  /** Fewer than there are places, so that none is needed that LevelDB has not got. */
  private static final int MOST = HighWater.SLOTS - 2;

  /** So many are worth a write. */
  private static final int SOME = HighWater.SLOTS / 2;

  /** Writes to LevelDB, synced. */
  interface Sink {
    void write(Consumer<WriteBatch> filling);
  }

  private final Path directory;
  private final HighWater highWater;
  private final Sink levelDb;
  private final Supplier<FreeSpace> space;

  /** Held while LevelDB writes, so that it gets the commits in their order. */
  private final ReentrantLock handingOver = new ReentrantLock();

  private final ConcurrentLinkedQueue<List<Entry>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final Thread courier = new Thread(this::carryOn, "holdfast-journal-hand-over");
  private volatile boolean broken;
  private volatile boolean isClosed;
  private volatile long newest;

  /**
   * @param newest the newest commit, which LevelDB has
   * @param space how much room there is at the moment
   */
  CarriedCommits(
      Path directory, HighWater highWater, long newest, Supplier<FreeSpace> space, Sink levelDb) {
    this.directory = directory;
    this.highWater = highWater;
    this.newest = newest;
    this.space = space;
    this.levelDb = levelDb;
    courier.setDaemon(true);
    courier.start();
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
        handOver(List.of());
      }
      highWater.carry(slot);
      waiting.add(changes);
      count.incrementAndGet();
      if (count.get() >= SOME) {
        LockSupport.unpark(courier);
      }
    } else {
      handOver(changes);
      highWater.advance(slot);
    }
    newest = commit;
  }

  /**
   * Hands over what waits, for the last time, and notes that LevelDB has all: then nothing is lost
   * with the file.
   *
   * @throws JournalUnavailableException when LevelDB does not take it
   */
  void finish() {
    handOver(List.of());
    space.get().requireForUpkeep();
    byte[] mark = ByteBuffer.allocate(Long.BYTES).putLong(newest).array();
    levelDb.write(batch -> batch.put(JournalKeys.handedOver(), mark));
  }

  /**
   * What LevelDB has, with what waits. Any thread may ask.
   *
   * @param levelDb opens a view of LevelDB
   */
  DBIterator view(Supplier<DBIterator> levelDb) {
    requireWhole();
    if (count.get() == 0) {
      return levelDb.get();
    }
    // Otherwise LevelDB could have later ones by then, which the older would hide.
    handingOver.lock();
    try {
      requireWhole();
      List<List<Entry>> commits = List.copyOf(waiting);
      return new WaitingView(levelDb.get(), commits);
    } finally {
      handingOver.unlock();
    }
  }

  /**
   * Hands to LevelDB what it has not got.
   *
   * @param large a commit that does not wait, as its entry does not hold it; or none
   * @throws JournalUnavailableException when it does not take it, or the disk is full
   */
  private void handOver(List<Entry> large) {
    handingOver.lock();
    try {
      requireWhole();
      List<List<Entry>> next = new ArrayList<>(waiting);
      int waited = next.size();
      if (!large.isEmpty()) {
        next.add(large);
      }
      if (!next.isEmpty()) {
        space.get().requireForUpkeep();
        write(next);
        for (int i = 0; i < waited; i++) {
          waiting.remove();
        }
        count.addAndGet(-waited);
      }
    } finally {
      handingOver.unlock();
    }
  }

  private void carryOn() {
    boolean isFull = false;
    while (!isClosed && !broken) {
      if (count.get() < SOME || isFull) {
        isFull = false;
        LockSupport.park(this);
        continue;
      }
      try {
        handOver(List.of());
      } catch (JournalUnavailableException e) {
        // Whoever writes next says so; if it is for want of room, this is tried again then.
        isFull = true;
      }
    }
  }

  /** Ends the thread; what waits is in the file. */
  @Override
  public void close() {
    isClosed = true;
    LockSupport.unpark(courier);
    try {
      courier.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
