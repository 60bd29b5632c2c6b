package io.holdfast.persistence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open LevelDB that is ours alone, and has been looked through for lost commits (see {@link
 * CommitMarks}).
 *
 * <p>Any thread may use it. Closing waits for whoever is using it: the native library would take
 * the process down with it if an iterator outlived its store.
 */
final class LevelDbStore implements AutoCloseable {
  /** The format before there was a high-water mark; it becomes the newest one when it is opened. */
  static final String FORMAT_1 = "holdfast-journal/1";

  /** The format before there was an index of tags; likewise. */
  static final String FORMAT_2 = "holdfast-journal/2";

  /** The format before commits lay in {@link HighWater} for a while; likewise. */
  static final String FORMAT_3 = "holdfast-journal/3";

  static final String FORMAT = "holdfast-journal/4";

  private static final Set<String> KNOWN = Set.of(FORMAT_1, FORMAT_2, FORMAT_3, FORMAT);
  private static final Logger LOG = LoggerFactory.getLogger(LevelDbStore.class);

  private final LevelDbOpener opener;
  private final Disk disk;
  private final JournalLock lock;
  private final long minFreeSpace;
  private final ReentrantReadWriteLock usage = new ReentrantReadWriteLock();
  private DB db;
  private CommitMarks marks;
  private HighWater highWater;
  private CarriedCommits carried;

  private LevelDbStore(LevelDbOpener opener, Disk disk, JournalLock lock, long minFreeSpace) {
    this.minFreeSpace = minFreeSpace;
    this.opener = opener;
    this.disk = disk;
    this.lock = lock;
  }

  /**
   * Locks and opens the directory.
   *
   * @throws JournalUnavailableException when it is in use, not writable, full, or LevelDB refuses
   *     it
   * @throws JournalDamagedException when commits are missing
   */
  static LevelDbStore open(Path directory, LevelDbOpener opener, long minFreeSpace) {
    return open(directory, opener, Disk.REAL, minFreeSpace);
  }

  /** The same, with another disk for the high-water mark. */
  static LevelDbStore open(Path directory, LevelDbOpener opener, Disk disk, long minFreeSpace) {
    JournalLock lock = JournalLock.acquire(directory);
    try {
      LevelDbStore store = new LevelDbStore(opener, disk, lock, minFreeSpace);
      store.openDb();
      return store;
    } catch (RuntimeException | Error e) {
      lock.close();
      throw e;
    }
  }

  Path directory() {
    return lock.directory();
  }

  /** How much room there is now. */
  FreeSpace freeSpace() {
    return FreeSpace.measure(directory(), minFreeSpace);
  }

  /** What the marks said when the store was last opened. */
  CommitMarks marks() {
    return inUse(open -> marks);
  }

  /**
   * Runs {@code reading} on the store, which stays open until it has returned. It sees every commit
   * that was made before.
   */
  <T> T read(Function<DBIterator, T> reading) {
    return inUse(open -> read(() -> carried.view(() -> iterator(open)), reading));
  }

  /** The same, for who knows that none of what he reads is in one of the newest commits. */
  <T> T readOlder(Function<DBIterator, T> reading) {
    return inUse(open -> read(() -> iterator(open), reading));
  }

  private static DBIterator iterator(DB open) {
    return open.iterator(new ReadOptions().verifyChecksums(true).fillCache(false));
  }

  private <T> T read(Supplier<DBIterator> view, Function<DBIterator, T> reading) {
    try (DBIterator iterator = view.get()) {
      return reading.apply(iterator);
    } catch (JournalException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new JournalException(
          "The journal in %s cannot be read: %s.".formatted(directory(), e.getMessage()), e);
    }
  }

  /**
   * Fills a batch and makes it durable. For the committing thread, as {@link #write} is.
   *
   * @param filling what is committed; empty when there is nothing to commit
   */
  Optional<CommitBatch> commit(Function<WriteBatch, Optional<CommitBatch>> filling) {
    return inUse(
        open -> {
          StagedChanges changes = new StagedChanges();
          Optional<CommitBatch> commit = filling.apply(changes);
          commit.ifPresent(
              made -> carried.add(made.marks().newest(), made.heads(), changes.entries()));
          return commit;
        });
  }

  /** Writes something beside the commits, synced. */
  void write(Consumer<WriteBatch> filling) {
    inUse(
        open -> {
          write(open, filling);
          return null;
        });
  }

  private static void write(DB open, Consumer<WriteBatch> filling) {
    try (WriteBatch batch = open.createWriteBatch()) {
      filling.accept(batch);
      open.write(batch, new WriteOptions().sync(true));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether nothing goes before the store was opened again. */
  boolean isBroken() {
    usage.readLock().lock();
    try {
      return carried != null && carried.isBroken();
    } finally {
      usage.readLock().unlock();
    }
  }

  /**
   * Closes and opens again, after a commit failed: LevelDB's log may end in half a record by then,
   * and what is written behind that would be lost with it. When this fails the store stays closed,
   * and this may be tried again.
   */
  void reopen() {
    usage.writeLock().lock();
    try {
      closeDb();
      openDb();
    } finally {
      usage.writeLock().unlock();
    }
  }

  /** Waits for whoever uses the store, closes it and gives the directory up. */
  @Override
  public void close() {
    usage.writeLock().lock();
    try {
      handOver();
      closeDb();
    } finally {
      usage.writeLock().unlock();
      lock.close();
    }
  }

  private <T> T inUse(Function<DB, T> work) {
    usage.readLock().lock();
    try {
      if (db == null) {
        throw new JournalUnavailableException(
            "The journal in %s is closed.".formatted(directory()));
      }
      return work.apply(db);
    } finally {
      usage.readLock().unlock();
    }
  }

  private void openDb() {
    freeSpace().requireForUpkeep();
    JournalFiles files = JournalFiles.read(directory());
    files.requireSound();
    DB opened;
    try {
      opened = opener.open(directory().toFile());
    } catch (IOException | RuntimeException e) {
      throw new JournalUnavailableException(
          "LevelDB cannot open the journal directory %s: %s."
              .formatted(directory(), e.getMessage()),
          e);
    }
    try {
      takeCarried(files, opened);
      CommitMarks found = check(opened);
      if (found.newest() < files.highWater().newest()) {
        throw JournalDamagedException.store(
            directory(),
            "LevelDB shows %d of %d commits".formatted(found.newest(), files.highWater().newest()),
            null);
      }
      UUID identity = files.identity().orElseGet(UUID::randomUUID);
      highWater = HighWater.open(directory(), identity, found.newest(), disk);
      if (!FORMAT.equals(files.format().orElse(""))) {
        // After the file: a journal of this format that has commits has the file as well.
        found = renew(opened, identity, found, files.format().orElse(""));
      }
      if (opened.get(JournalKeys.handedOver()) != null) {
        write(opened, batch -> batch.delete(JournalKeys.handedOver()));
      }
      marks = found;
      carried =
          new CarriedCommits(
              directory(),
              highWater,
              found.newest(),
              this::freeSpace,
              filling -> write(opened, filling));
      db = opened;
    } catch (IOException | RuntimeException e) {
      closeHighWater();
      closing(opened);
      if (e instanceof JournalException known) {
        throw known;
      }
      throw JournalDamagedException.store(
          directory(), "it cannot be read through (" + e.getMessage() + ")", e);
    }
  }

  /** What is durable and LevelDB has not got yet, or has lost, it gets now. */
  private void takeCarried(JournalFiles files, DB opened) {
    List<HighWaterSlot> waiting = files.carried();
    if (waiting.isEmpty()) {
      return;
    }
    write(opened, batch -> waiting.forEach(slot -> StagedChanges.copy(slot.changes(), batch)));
    LOG.info(
        "The last {} commits of the journal in {} were only in the file {}; LevelDB has them now.",
        waiting.size(),
        directory(),
        HighWater.FILE);
  }

  private CommitMarks check(DB opened) throws IOException {
    byte[] format = opened.get(JournalKeys.format());
    try (DBIterator iterator = opened.iterator(new ReadOptions().verifyChecksums(true))) {
      CommitMarks found = CommitMarks.verify(directory(), iterator);
      if (format == null) {
        iterator.seekToFirst();
        if (iterator.hasNext()) {
          throw new JournalUnavailableException(
              "The directory %s holds a LevelDB that is not a Holdfast journal; it is left alone."
                  .formatted(directory()));
        }
      } else if (!isKnown(format)) {
        throw new JournalUnavailableException(
            "The journal in %s has the format '%s'; this version reads only '%s'."
                .formatted(directory(), new String(format, StandardCharsets.UTF_8), FORMAT));
      }
      return found;
    }
  }

  /** Whether journals of a format have an index of tags. */
  static boolean isIndexed(String format) {
    return FORMAT.equals(format) || FORMAT_3.equals(format);
  }

  private static boolean isKnown(byte[] format) {
    String name = new String(format, StandardCharsets.UTF_8);
    return KNOWN.contains(name);
  }

  /** Gives a journal that is new, or of an older format, what is missing in it. */
  private CommitMarks renew(DB opened, UUID identity, CommitMarks found, String from)
      throws IOException {
    if (FORMAT_3.equals(from)) {
      write(opened, batch -> sign(batch, identity));
      return found;
    }
    if (found.newest() > 0) {
      LOG.info("The journal in {} gets an index of tags, this once.", directory());
    }
    IndexBuild index = IndexBuild.of(directory(), opened, 0, () -> freeSpace().requireForUpkeep());
    try (WriteBatch last = opened.createWriteBatch()) {
      CommitMarks marked = index.finish(last, found);
      sign(last, identity);
      freeSpace().requireForUpkeep();
      opened.write(last, new WriteOptions().sync(true));
      if (found.newest() > 0) {
        LOG.info("The journal in {} has an index of {} entries.", directory(), index.entries());
      }
      return marked;
    }
  }

  static void sign(WriteBatch batch, UUID identity) {
    byte[] id =
        ByteBuffer.allocate(16)
            .putLong(identity.getMostSignificantBits())
            .putLong(identity.getLeastSignificantBits())
            .array();
    batch.put(JournalKeys.format(), FORMAT.getBytes(StandardCharsets.US_ASCII));
    batch.put(JournalKeys.identity(), id);
  }

  private void closeHighWater() {
    if (highWater != null) {
      HighWater closing = highWater;
      highWater = null;
      closing.close();
    }
  }

  private void handOver() {
    try {
      if (db != null) {
        carried.finish();
      }
    } catch (JournalException | DBException | UncheckedIOException e) {
      LOG.warn("{} The newest commits are in {}.", e.getMessage(), HighWater.FILE);
    }
  }

  private void closeDb() {
    try {
      if (carried != null) {
        carried.close();
      }
      closeHighWater();
    } finally {
      if (db != null) {
        DB closing = db;
        db = null;
        closing(closing);
      }
    }
  }

  private void closing(DB open) {
    try {
      open.close();
    } catch (IOException | DBException e) {
      throw new JournalUnavailableException(
          "The journal in %s did not close cleanly: %s.".formatted(directory(), e), e);
    }
  }
}
