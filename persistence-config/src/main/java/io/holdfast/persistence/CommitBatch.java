package io.holdfast.persistence;

import io.holdfast.persistence.CommitQueue.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final CommitMarks before;
  private final StagedIndex index;
  private final Map<String, Head> heads = new HashMap<>();
  private CommitMarks marks;

  /**
   * An empty one.
   *
   * @param stored the head of an id before this commit
   * @param storedEnd where the events of a tag ended before it
   * @param before the newest mark
   */
  CommitBatch(
      Path directory,
      WriteBatch batch,
      Function<String, Head> stored,
      Function<String, Long> storedEnd,
      Reader reader,
      CommitMarks before) {
    this.directory = directory;
    this.batch = batch;
    this.stored = stored;
    this.reader = reader;
    this.before = before;
    this.index = new StagedIndex(directory, storedEnd, before.positions());
  }

  /**
   * Adds events, all or none.
   *
   * @throws WriteRefusedException when one's number is not the next of its id
   */
  void write(List<Event> events) {
    Map<String, Head> changed = new HashMap<>();
    byte[][] records = new byte[events.size()][];
    long[] positions = new long[records.length];
    long[] hashes = new long[records.length];
    long position = index.positions();
    for (int i = 0; i < records.length; i++) {
      Event event = events.get(i);
      Head head = changed.containsKey(event.id()) ? changed.get(event.id()) : head(event.id());
      boolean isNext = event.sequenceNr() == head.highest() + 1;
      if (!isNext && !(event.isCut() && event.sequenceNr() > head.highest())) {
        throw refused(event, head);
      }
      positions[i] = event.tags().isEmpty() ? 0 : ++position;
      records[i] =
          isNext
              ? StoredRecord.encode(
                  event.id(), event.sequenceNr(), head.lastHash(), positions[i], event.body())
              : StoredRecord.encodeCut(
                  event.id(),
                  event.sequenceNr(),
                  head.highest(),
                  head.lastHash(),
                  positions[i],
                  event.body());
      hashes[i] = StoredRecord.hash(event.id(), records[i]);
      changed.put(event.id(), head.written(event.sequenceNr(), hashes[i]));
    }
    for (int i = 0; i < records.length; i++) {
      Event event = events.get(i);
      batch.put(JournalKeys.event(event.id(), event.sequenceNr()), records[i]);
      if (positions[i] > 0) {
        index.add(event, positions[i], hashes[i]);
      }
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
    if (heads.containsKey(id) && last > stored.apply(id).highest()) {
      // Among them are events of this very commit, which cannot be read yet.
      return false;
    }
    Deletion done = reader.read(iterator -> takeOut(iterator, id, head, last));
    done.numbers().forEach(number -> batch.delete(JournalKeys.event(id, number)));
    if (done.to() > head.deletedTo()) {
      heads.put(id, head.deleted(done.to(), done.hash()));
    }
    return done.isAll();
  }

  /** An event that goes: where the index has it. */
  private record Gone(long sequenceNr, long position, Set<String> tags) {}

  /**
   * A deletion, or the beginning of one.
   *
   * @param numbers of the events that go; not every number has one, as behind a cut they go on far
   *     above
   * @param to the last of them
   * @param hash of that one
   * @param isAll whether no more are to go
   */
  private record Deletion(List<Long> numbers, long to, long hash, boolean isAll) {}

  /** Takes the events up to {@code last} out of the index, or the first thousand of them. */
  private Deletion takeOut(DBIterator iterator, String id, Head head, long last) {
    EventCursor cursor =
        new EventCursor(
            iterator,
            id,
            (number, what, cause) ->
                JournalDamagedException.at(directory, id, number, what, cause));
    List<Gone> all = new ArrayList<>();
    long to = head.deletedTo();
    long hash = head.anchorHash();
    boolean isAll = false;
    cursor.seek(to + 1);
    while (!isAll && all.size() < MAX_DELETES) {
      StoredRecord event = cursor.next(to + 1, true);
      if (event.sequenceNr() > last) {
        // The rest of the numbers are those that a cut passes over.
        isAll = true;
      } else {
        all.add(new Gone(event.sequenceNr(), head.positionOf(event), tags(id, event)));
        to = event.sequenceNr();
        hash = event.hash();
        isAll = to == last;
      }
    }
    StagedIndex.Removal removal = index.removal(iterator);
    for (Gone gone : all) {
      for (String tag : gone.tags()) {
        removal.remove(tag, gone.position(), id, gone.sequenceNr());
      }
    }
    removal.done();
    return new Deletion(all.stream().map(Gone::sequenceNr).toList(), to, hash, isAll);
  }

  private Set<String> tags(String id, StoredRecord event) {
    try {
      return EventCodec.tags(id, event.body());
    } catch (IOException e) {
      throw JournalDamagedException.at(
          directory, id, event.sequenceNr(), "it is not an event: " + e.getMessage(), e);
    }
  }

  /**
   * Adds the heads and the commit's mark.
   *
   * @return whether there is anything to commit
   */
  boolean seal() {
    if (heads.isEmpty()) {
      return false;
    }
    long ids = before.idsWithEvents();
    for (Map.Entry<String, Head> entry : heads.entrySet()) {
      Head old = stored.apply(entry.getKey());
      Heads.put(batch, entry.getKey(), old, entry.getValue());
      ids += (entry.getValue().hasEvents() ? 1 : 0) - (old.hasEvents() ? 1 : 0);
    }
    long tags = before.tags() + index.seal(batch);
    marks = new CommitMarks(before.newest() + 1, ids, index.positions(), tags);
    marks.put(batch);
    return true;
  }

  /** The heads as they are once this is committed. */
  Map<String, Head> heads() {
    return heads;
  }

  /** Where each tag ends that this changes. */
  Map<String, Long> tagEnds() {
    return index.ends();
  }

  /** The newest mark, once sealed. */
  CommitMarks marks() {
    return marks;
  }

  private Head head(String id) {
    Head staged = heads.get(id);
    return staged != null ? staged : stored.apply(id);
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
