package io.holdfast.persistence;

import io.holdfast.persistence.CommitQueue.Event;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * One commit while it is put together. Later items see what earlier ones of the same commit did. An
 * item that is refused leaves no trace. Used by the committing thread only.
 */
final class CommitBatch {
  /** A long deletion is spread over several commits, so that writes need not wait for it. */
  private static final int MAX_DELETES = 1000;

  /** Reads with an iterator of the store. */
  interface Reader {
    <T> T read(Function<DBIterator, T> reading);
  }

  private final Path directory;
  private final WriteBatch batch;
  private final Function<String, Head> stored;
  private final Reader reader;
  private final Map<String, Head> heads = new HashMap<>();
  private CommitMarks marks;

  CommitBatch(Path directory, WriteBatch batch, Function<String, Head> stored, Reader reader) {
    this.directory = directory;
    this.batch = batch;
    this.stored = stored;
    this.reader = reader;
  }

  /**
   * Adds events, all or none.
   *
   * @throws WriteRefusedException when one's number is not the next of its id
   */
  void write(List<Event> events) {
    Map<String, Head> changed = new HashMap<>();
    byte[][] records = new byte[events.size()][];
    for (int i = 0; i < records.length; i++) {
      Event event = events.get(i);
      Head head = changed.containsKey(event.id()) ? changed.get(event.id()) : head(event.id());
      if (event.sequenceNr() != head.highest() + 1) {
        throw refused(event, head);
      }
      byte[] record =
          StoredRecord.encode(event.id(), event.sequenceNr(), head.lastHash(), event.body());
      records[i] = record;
      changed.put(
          event.id(),
          new Head(
              event.sequenceNr(),
              head.deletedTo(),
              StoredRecord.hash(event.id(), record),
              head.anchorHash()));
    }
    for (int i = 0; i < records.length; i++) {
      batch.put(JournalKeys.event(events.get(i).id(), events.get(i).sequenceNr()), records[i]);
    }
    heads.putAll(changed);
  }

  /** Adds an id all of whose events are deleted, as another store has it. */
  void adopt(String id, Head head) {
    heads.put(id, head);
  }

  /**
   * Adds the deletion of an id's events up to {@code upTo}, or of the first thousand of them.
   *
   * @return whether that was all
   */
  boolean delete(String id, long upTo) {
    Head head = head(id);
    long last = Math.min(upTo, head.highest());
    if (last <= head.deletedTo()) {
      return true;
    }
    long end = last - head.deletedTo() > MAX_DELETES ? head.deletedTo() + MAX_DELETES : last;
    if (heads.containsKey(id) && end > stored.apply(id).highest()) {
      // Among them are events of this very commit, which cannot be read yet.
      return false;
    }
    long anchor = end == head.highest() ? head.lastHash() : hashOf(id, end);
    for (long number = head.deletedTo() + 1; number <= end; number++) {
      batch.delete(JournalKeys.event(id, number));
    }
    heads.put(id, new Head(head.highest(), end, head.lastHash(), anchor));
    return end == last;
  }

  /**
   * Adds the heads and the commit's mark.
   *
   * @return whether there is anything to commit
   */
  boolean seal(CommitMarks before) {
    if (heads.isEmpty()) {
      return false;
    }
    long ids = before.idsWithEvents();
    for (Map.Entry<String, Head> entry : heads.entrySet()) {
      Head old = stored.apply(entry.getKey());
      Heads.put(batch, entry.getKey(), old, entry.getValue());
      ids += (entry.getValue().hasEvents() ? 1 : 0) - (old.hasEvents() ? 1 : 0);
    }
    marks = before.next(batch, ids);
    return true;
  }

  /** The heads as they are once this is committed. */
  Map<String, Head> heads() {
    return heads;
  }

  /** The newest mark, once sealed. */
  CommitMarks marks() {
    return marks;
  }

  private Head head(String id) {
    Head staged = heads.get(id);
    return staged != null ? staged : stored.apply(id);
  }

  private long hashOf(String id, long sequenceNr) {
    byte[] key = JournalKeys.event(id, sequenceNr);
    return reader.read(
        iterator -> {
          iterator.seek(key);
          if (iterator.hasNext()) {
            Map.Entry<byte[], byte[]> entry = iterator.next();
            if (Arrays.equals(entry.getKey(), key)) {
              return StoredRecord.hash(id, entry.getValue());
            }
          }
          throw JournalDamagedException.at(directory, id, sequenceNr, "the event is missing", null);
        });
  }

  private WriteRefusedException refused(Event event, Head head) {
    return new WriteRefusedException(
        "Event %d of persistence id '%s' was refused by the journal in %s: the next number is %d. %s"
            .formatted(
                event.sequenceNr(),
                event.id(),
                directory,
                head.highest() + 1,
                event.sequenceNr() <= head.highest()
                    ? "Another writer of this id has been there."
                    : "A write before it has failed."));
  }
}
