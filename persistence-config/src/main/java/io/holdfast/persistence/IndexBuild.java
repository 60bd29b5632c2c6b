package io.holdfast.persistence;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;

/**
 * Makes the index of tags of a journal that has none, or none that is right: in one pass over all
 * events their entries, in a second one over these the links. Events that carry no position get
 * one, persistence id by persistence id. The heads of all ids are held in memory, events are not.
 *
 * <p>Until the batch of {@link #finish} is written the journal counts as one without an index: a
 * crash before leaves entries that the next attempt takes away.
 */
final class IndexBuild {
  private static final int BATCH_BYTES = 1 << 20;

  private final Path directory;
  private final DB db;
  private final Runnable beforeWrite;
  private final Map<String, Head> placed = new HashMap<>();
  private final Map<String, Long> ends = new HashMap<>();
  private long positions;
  private long entries;
  private WriteBatch batch;
  private int batchBytes;

  private IndexBuild(Path directory, DB db, long positions, Runnable beforeWrite) {
    this.directory = directory;
    this.db = db;
    this.beforeWrite = beforeWrite;
    this.positions = positions;
    this.batch = db.createWriteBatch();
  }

  /**
   * Writes all but what {@link #finish} adds.
   *
   * @param positions the highest position that was ever given
   * @param beforeWrite called before each write; may throw
   * @throws JournalDamagedException at the first event that is not as it was written
   */
  static IndexBuild of(Path directory, DB db, long positions, Runnable beforeWrite)
      throws IOException {
    IndexBuild build = new IndexBuild(directory, db, positions, beforeWrite);
    build.clear();
    try (DBIterator heads = build.iterator();
        DBIterator events = build.iterator()) {
      build.skipPlaced(heads);
      build.enter(heads, events);
    }
    build.flush();
    try (DBIterator iterator = build.iterator()) {
      build.link(iterator);
    }
    build.flush();
    return build;
  }

  /** How many entries there are. */
  long entries() {
    return entries;
  }

  /**
   * Adds what makes the index count: the heads that say which position an event has that carries
   * none, where each tag ends, and a mark.
   *
   * @param before the newest mark; it is written anew in its place
   * @return what it says now
   */
  CommitMarks finish(WriteBatch last, CommitMarks before) {
    placed.forEach((id, head) -> Heads.put(last, id, head, head));
    ends.forEach((tag, end) -> TagIndex.putEnd(last, tag, end));
    CommitMarks now =
        new CommitMarks(before.newest(), before.idsWithEvents(), positions, ends.size());
    if (now.newest() > 0) {
      now.put(last);
    }
    return now;
  }

  private DBIterator iterator() {
    return db.iterator(new ReadOptions().verifyChecksums(true).fillCache(false));
  }

  private void clear() throws IOException {
    try (DBIterator iterator = iterator()) {
      for (byte kind : new byte[] {JournalKeys.INDEX, JournalKeys.TAG}) {
        iterator.seek(new byte[] {kind});
        while (iterator.hasNext()) {
          byte[] key = iterator.next().getKey();
          if (key[0] != kind) {
            break;
          }
          batch.delete(key);
          flushIfFull(key.length);
        }
      }
    }
    flush();
  }

  /** Positions that follow from heads are given already. */
  private void skipPlaced(DBIterator heads) {
    heads.seek(new byte[] {JournalKeys.LIVE});
    while (heads.hasNext()) {
      Map.Entry<byte[], byte[]> entry = heads.next();
      if (entry.getKey()[0] != JournalKeys.LIVE) {
        break;
      }
      Head head = head(entry);
      positions = Math.max(positions, head.unplacedBase() + head.unplacedTo());
    }
  }

  private void enter(DBIterator heads, DBIterator events) throws IOException {
    heads.seek(new byte[] {JournalKeys.LIVE});
    while (heads.hasNext()) {
      Map.Entry<byte[], byte[]> entry = heads.next();
      if (entry.getKey()[0] != JournalKeys.LIVE) {
        break;
      }
      enter(JournalKeys.id(entry.getKey()), head(entry), events);
    }
  }

  private Head head(Map.Entry<byte[], byte[]> entry) {
    String id = JournalKeys.id(entry.getKey());
    Head head = Heads.decode(directory, id, entry.getValue());
    byte[] placed = db.get(JournalKeys.head(JournalKeys.PLACED, id));
    return placed == null ? head : Heads.placed(directory, id, head, placed);
  }

  private void enter(String id, Head stored, DBIterator events) throws IOException {
    Head head = stored;
    boolean isPlaced = stored.unplacedTo() > 0;
    long first = head.deletedTo() + 1;
    seek(events, id, first);
    for (long number = first; number <= head.highest(); number++) {
      byte[] record = record(events, id, number);
      if (!isPlaced && StoredRecord.isWithoutPosition(record)) {
        long base = number == first ? positions + 1 - first : head.unplacedBase();
        head = head.placed(number, base);
        positions = base + number;
        placed.put(id, head);
      }
      enter(id, head, number, record);
    }
  }

  private void enter(String id, Head head, long number, byte[] record) throws IOException {
    StoredRecord event;
    Set<String> tags;
    try {
      event = StoredRecord.decode(id, number, record);
      tags = EventCodec.tags(id, event.body());
    } catch (IllegalArgumentException | IOException e) {
      throw damaged(id, number, e.getMessage(), e);
    }
    long position = head.positionOf(event);
    for (String tag : tags) {
      put(new IndexEntry(tag, position, 0, id, number, event.hash()));
      entries++;
    }
  }

  private void link(DBIterator iterator) throws IOException {
    iterator.seek(new byte[] {JournalKeys.INDEX});
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> entry = iterator.next();
      Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.getKey());
      if (entry.getKey()[0] != JournalKeys.INDEX || key.isEmpty()) {
        break;
      }
      String tag = key.get().name();
      long position = key.get().number();
      long previous = ends.getOrDefault(tag, 0L);
      if (previous > 0) {
        put(TagIndex.decode(directory, tag, position, entry.getValue()).behind(previous));
      }
      ends.put(tag, position);
    }
  }

  private void seek(DBIterator events, String id, long number) {
    try {
      events.seek(JournalKeys.event(id, number));
    } catch (RuntimeException e) {
      throw damaged(id, number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
    }
  }

  private byte[] record(DBIterator events, String id, long number) {
    Map.Entry<byte[], byte[]> entry;
    try {
      entry = events.hasNext() ? events.next() : null;
    } catch (RuntimeException e) {
      throw damaged(id, number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
    }
    if (entry == null || !Arrays.equals(entry.getKey(), JournalKeys.event(id, number))) {
      throw damaged(id, number, "the event is missing", null);
    }
    return entry.getValue();
  }

  private void put(IndexEntry entry) throws IOException {
    byte[] value = entry.encode();
    batch.put(entry.key(), value);
    flushIfFull(entry.key().length + value.length);
  }

  private void flushIfFull(int added) throws IOException {
    batchBytes += added;
    if (batchBytes > BATCH_BYTES) {
      flush();
    }
  }

  private void flush() throws IOException {
    if (batchBytes > 0) {
      beforeWrite.run();
      db.write(batch, new WriteOptions().sync(true));
      batch.close();
      batch = db.createWriteBatch();
      batchBytes = 0;
    }
  }

  private JournalDamagedException damaged(String id, long number, String what, Throwable cause) {
    String where = JournalFiles.places(directory, JournalKeys.event(id, number));
    return JournalDamagedException.at(
        directory,
        id,
        number,
        what
            + where
            + "; without it there is no index of tags, which this version needs: see 'holdfast journal check' and 'holdfast journal repair'",
        cause);
  }
}
