package io.holdfast.persistence;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The file {@value #FILE} beside LevelDB's: which commit is the newest. A log whose end is gone
 * looks to LevelDB as if the commits there had never been completed; by this file they are missed.
 *
 * <p>It is a ring of {@value #SLOTS} entries (see {@link HighWaterSlot}) of fixed size and place,
 * so that writing one changes no metadata. After LevelDB has synced a commit its entry is written,
 * and then the commit is acknowledged: the end of the process loses nothing. A thread of its own
 * forces it to disk meanwhile; a commit is not acknowledged before the entry of the one before it
 * is forced. So the loss of a commit goes unnoticed only if the power fails right after it was
 * acknowledged, and what LevelDB had synced of that very commit is lost as well.
 *
 * <p>{@link #advance} is for the committing thread; one at a time.
 */
final class HighWater implements AutoCloseable {
  static final String FILE = "high-water";
  static final int SLOTS = 64;

  private final Path file;
  private final FileChannel channel;
  private final UUID journal;
  private final Thread forcing;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long written;
  private long forced;
  private IOException failure;
  private boolean closed;

  private HighWater(Path file, FileChannel channel, UUID journal, long commit) {
    this.file = file;
    this.channel = channel;
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
   * Opens the file for writing. When there is none, it is another journal's, or not all of it can
   * be read, it is made anew first; whether that may be is for the caller to know.
   *
   * @param commit the newest commit of the journal
   */
  static HighWater open(Path directory, UUID journal, long commit) {
    Path file = directory.resolve(FILE);
    try {
      HighWaterReading before = HighWaterReading.of(directory);
      if (before.unreadable() > 0
          || before.newest() != commit
          || !before.journal().equals(java.util.Optional.of(journal))) {
        make(file, before, journal, commit);
      }
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
      HighWater opened = new HighWater(file, channel, journal, commit);
      opened.forcing.start();
      return opened;
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The file %s cannot be written: %s.".formatted(file, e), e);
    }
  }

  private static void make(Path file, HighWaterReading before, UUID journal, long commit)
      throws IOException {
    ByteBuffer all = ByteBuffer.allocate(SLOTS * HighWaterSlot.BYTES);
    for (int i = 0; i < SLOTS; i++) {
      all.put(new HighWaterSlot(journal, 0, Map.of(), 0).encode());
    }
    before.slots().headMap(commit, true).values().stream()
        .filter(slot -> slot.journal().equals(journal))
        .forEach(slot -> put(all, slot));
    if (commit > 0 && !isIn(before, journal, commit)) {
      // Which ids it had is not known.
      put(all, new HighWaterSlot(journal, commit, Map.of(), 1));
    }
    Path fresh = file.resolveSibling(FILE + ".new");
    try (FileChannel out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeFully(out, all.clear(), 0);
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel directory = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static boolean isIn(HighWaterReading before, UUID journal, long commit) {
    HighWaterSlot slot = before.slots().get(commit);
    return slot != null && slot.journal().equals(journal);
  }

  private static void put(ByteBuffer all, HighWaterSlot slot) {
    all.position(slot(slot.commit()) * HighWaterSlot.BYTES).put(slot.encode());
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes, long at) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes, at + bytes.position());
    }
  }

  /**
   * Writes the entry of a commit that LevelDB has synced, and waits until the one before it is on
   * disk.
   *
   * @throws JournalUnavailableException when that fails: the outcome of the commit is not known
   */
  void advance(long commit, Map<String, Head> heads) {
    ByteBuffer entry = ByteBuffer.wrap(HighWaterSlot.of(journal, commit, heads).encode());
    lock.lock();
    try {
      writeFully(channel, entry, (long) slot(commit) * HighWaterSlot.BYTES);
      while (forced < written && failure == null) {
        changed.awaitUninterruptibly();
      }
      if (failure != null) {
        throw failure;
      }
      written = commit;
      changed.signalAll();
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The file %s cannot be written: %s.".formatted(file, e), e);
    } finally {
      lock.unlock();
    }
  }

  private void force() {
    lock.lock();
    try {
      while (!closed) {
        long target = written;
        if (target == forced) {
          changed.awaitUninterruptibly();
          continue;
        }
        lock.unlock();
        try {
          channel.force(false);
        } finally {
          lock.lock();
        }
        forced = target;
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
    try (channel) {
      forcing.join();
      if (forced < written) {
        channel.force(false);
      }
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The file %s did not close cleanly: %s.".formatted(file, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
