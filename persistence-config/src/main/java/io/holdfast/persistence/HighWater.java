package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The file {@value #FILE} beside LevelDB's: which commit is the newest, and what the newest small
 * ones are. A log whose end is gone looks to LevelDB as if the commits there had never been
 * completed; by this file they are missed, or made again.
 *
 * <p>It is a ring of {@value #SLOTS} entries (see {@link HighWaterSlot}) of fixed size and place,
 * so that writing one changes no metadata. A commit that fits into an entry is durable as soon as
 * that is on disk ({@link #carry}); LevelDB gets it later, before its place is needed again. Of a
 * larger one the entry is written after LevelDB has synced it, and then it is acknowledged ({@link
 * #advance}): a thread of its own forces the entry meanwhile, and the next commit is not
 * acknowledged before it is. So the loss of a large commit goes unnoticed only if the power fails
 * right after it was acknowledged, and what LevelDB had synced of that very commit is lost as well.
 *
 * <p>Both are for the committing thread; one at a time.
 */
final class HighWater implements AutoCloseable {
  static final String FILE = "high-water";
  static final int SLOTS = 32;

  private final Path file;
  private final Disk.File entries;
  private final UUID journal;
  private final Thread forcing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long written;
  private long forced;
  private IOException failure;
  private boolean closed;

  private HighWater(Path file, Disk.File entries, UUID journal, long commit) {
    this.file = file;
    this.entries = entries;
    this.journal = journal;
    this.written = commit;
    this.forced = commit;
    this.forcing = new Thread(this::force, "holdfast-journal-high-water");
    forcing.setDaemon(true);
  }

  /** Where the entry of a commit lies in the ring. */
  static int slot(long commit) {
    return (int) (commit % SLOTS);
  }

  /**
   * Opens the file for writing. When there is none, it is another journal's, of an older form, or
   * not all of it can be read, it is made anew first; whether that may be is for the caller to
   * know.
   *
   * @param commit the newest commit of the journal
   */
  static HighWater open(Path directory, UUID journal, long commit) {
    return open(directory, journal, commit, Disk.REAL);
  }

  /** The same, on another disk. */
  static HighWater open(Path directory, UUID journal, long commit, Disk disk) {
    Path file = directory.resolve(FILE);
    try {
      HighWaterReading before = HighWaterReading.of(directory);
      if (!before.isClean()
          || before.newest() != commit
          || !before.journal().equals(Optional.of(journal))) {
        make(disk, file, before, journal, commit);
      }
      HighWater opened = new HighWater(file, disk.open(file), journal, commit);
      opened.forcing.start();
      return opened;
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The file %s cannot be written: %s.".formatted(file, e), e);
    }
  }

  private static void make(Disk disk, Path file, HighWaterReading before, UUID journal, long commit)
      throws IOException {
    ByteBuffer all = ByteBuffer.allocate(SLOTS * HighWaterSectors.BYTES);
    for (int i = 0; i < SLOTS; i++) {
      all.put(HighWaterSectors.write(0, HighWaterSlot.unused(journal).encode()));
    }
    before.slots().headMap(commit, true).values().stream()
        .filter(slot -> slot.journal().equals(journal))
        .forEach(slot -> put(all, slot));
    if (commit > 0 && !isIn(before, journal, commit)) {
      put(all, HighWaterSlot.unknown(journal, commit));
    }
    disk.replace(file, file.resolveSibling(FILE + ".new"), all.clear());
  }

  private static boolean isIn(HighWaterReading before, UUID journal, long commit) {
    HighWaterSlot slot = before.slots().get(commit);
    return slot != null && slot.journal().equals(journal);
  }

  private static void put(ByteBuffer all, HighWaterSlot slot) {
    all.position(slot(slot.commit()) * HighWaterSectors.BYTES)
        .put(HighWaterSectors.write(slot.commit(), slot.encode()));
  }

  UUID journal() {
    return journal;
  }

  /**
   * Makes a commit durable that fits into its entry.
   *
   * @throws JournalUnavailableException when that fails: the outcome of the commit is not known
   */
  void carry(HighWaterSlot slot) {
    try {
      write(slot);
      entries.force();
    } catch (IOException e) {
      throw failed(e);
    }
    lock.lock();
    try {
      requireSound();
      written = slot.commit();
      forced = slot.commit();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the entry of a commit that LevelDB has synced, and waits until the one before it is on
   * disk.
   *
   * @throws JournalUnavailableException when that fails: the outcome of the commit is not known
   */
  void advance(HighWaterSlot slot) {
    lock.lock();
    try {
      write(slot);
      while (forced < written && failure == null) {
        changed.awaitUninterruptibly();
      }
      requireSound();
      written = slot.commit();
      changed.signalAll();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      lock.unlock();
    }
  }

  private void write(HighWaterSlot slot) throws IOException {
    byte[] entry = HighWaterSectors.write(slot.commit(), slot.encode());
    entries.write((long) slot(slot.commit()) * HighWaterSectors.BYTES, ByteBuffer.wrap(entry));
  }

  private void requireSound() {
    if (failure != null) {
      throw failed(failure);
    }
  }

  private JournalUnavailableException failed(IOException e) {
    return new JournalUnavailableException(
        "The file %s cannot be written: %s.".formatted(file, e), e);
  }

  private void force() {
    lock.lock();
    try {
      while (!closed) {
        long target = written;
        if (target <= forced) {
          changed.awaitUninterruptibly();
          continue;
        }
        lock.unlock();
        try {
          entries.force();
        } finally {
          lock.lock();
        }
        forced = Math.max(forced, target);
        changed.signalAll();
      }
    } catch (IOException e) {
      failure = e;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Forces what is not on disk yet, and ends the thread. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try (entries) {
      forcing.join();
      if (forced < written) {
        entries.force();
      }
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The file %s did not close cleanly: %s.".formatted(file, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
