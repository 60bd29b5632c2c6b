package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.iq80.leveldb.DBIterator;

/**
 * Reads events, and trusts none of them before it has been checked: each must be there, be as it
 * was written, and name the one before it. Any thread may use this; each call sees the store as it
 * was when the call began.
 */
final class JournalReader {
  private final LevelDbStore store;
  private final EventCodec codec;

  JournalReader(LevelDbStore store, EventCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  /** The highest sequence number that was ever written for an id, 0 for an unknown one. */
  long highestSequenceNr(String id) {
    return store.read(iterator -> Heads.find(directory(), iterator, id)).highest();
  }

  /**
   * What is at a place of an id's history; of the last event that is deleted the hash is still
   * known, of one that a repair did not keep it is not.
   *
   * @throws JournalDamagedException when the event there is not what was written
   */
  Footing footing(String id, long sequenceNr) {
    return store.read(
        iterator -> {
          Head head = Heads.find(directory(), iterator, id);
          OptionalLong hash = OptionalLong.empty();
          if (sequenceNr > head.deletedTo() && sequenceNr <= head.highest()) {
            hash =
                new Walk(iterator, id, head, (position, event, bytes) -> true).hashAt(sequenceNr);
          } else if (sequenceNr == head.deletedTo() && sequenceNr > 0) {
            hash = OptionalLong.of(head.anchorHash());
          }
          return new Footing(head.highest(), head.deletedTo(), hash);
        });
  }

  /** The ids with a prefix that have events. */
  List<String> persistenceIds(String prefix) {
    return store.read(
        iterator -> Heads.withEvents(directory(), iterator, prefix, "", Integer.MAX_VALUE));
  }

  /** The next ids behind one that have events, {@code most} of them at most. */
  List<String> persistenceIds(String after, int most) {
    return store.read(iterator -> Heads.withEvents(directory(), iterator, "", after, most));
  }

  /**
   * Hands an id's events from {@code from} to {@code to}, both included, to {@code consumer}, in
   * order, {@code max} of them at most. What is deleted or was rejected is passed over.
   *
   * @throws JournalDamagedException at the first event that is not what was written; those before
   *     it were handed over
   * @throws JournalException when an event is intact but its serializer cannot read it
   */
  void replay(String id, long from, long to, long max, Consumer<PersistentRepr> consumer) {
    long[] left = {max};
    read(
        id,
        from,
        max > 0 ? to : 0,
        (position, event, bytes) -> {
          consumer.accept(event);
          return --left[0] > 0;
        });
  }

  /**
   * A page of a query for the events of an id: those from {@code from} to {@code to}, {@code most}
   * of them at most, and no more once they have {@code enoughBytes}. Otherwise as {@link #replay}.
   */
  EventPage page(String id, long from, long to, int most, long enoughBytes) {
    List<EventPage.Found> found = new ArrayList<>();
    long[] bytes = {0};
    long[] range =
        read(
            id,
            from,
            to,
            (position, event, length) -> {
              found.add(new EventPage.Found(position, event));
              bytes[0] += length;
              return found.size() < most && bytes[0] < enoughBytes;
            });
    return new EventPage(found, Math.max(from - 1, range[0]), range[0] < range[1]);
  }

  /** What is done with one event; whether to go on. */
  private interface Sink {
    boolean take(long position, PersistentRepr event, int bytes);
  }

  /** Reads a range; the number up to which it was read, and the last one of the range. */
  private long[] read(String id, long from, long to, Sink sink) {
    return store.read(
        iterator -> {
          Head head = Heads.find(directory(), iterator, id);
          long first = Math.max(from, head.deletedTo() + 1);
          long last = Math.min(to, head.highest());
          long reached = first <= last ? new Walk(iterator, id, head, sink).go(first, last) : last;
          return new long[] {reached, last};
        });
  }

  private Path directory() {
    return store.directory();
  }

  /** One replay. */
  private final class Walk {
    private final EventCursor cursor;
    private final String id;
    private final Head head;
    private final Sink sink;

    Walk(DBIterator iterator, String id, Head head, Sink sink) {
      this.cursor = new EventCursor(iterator, id, this::damaged);
      this.id = id;
      this.head = head;
      this.sink = sink;
    }

    /** The number up to which it has read. */
    long go(long first, long last) {
      // One earlier where there is one, so that the first event's predecessor can be checked as
      // well.
      long number = Math.max(head.deletedTo() + 1, first - 1);
      boolean previousKnown = number == head.deletedTo() + 1;
      long previousHash = head.anchorHash();
      boolean goOn = true;
      cursor.seek(number);
      for (; number <= last && goOn; number++) {
        StoredRecord event = cursor.next(number, previousKnown);
        number = event.sequenceNr();
        if (number > last) {
          // Nothing is between the number that was asked for and a cut behind it.
          return last;
        }
        if (previousKnown && event.previousHash() != previousHash) {
          throw damaged(number, "it does not follow the event before it", null);
        }
        requireLast(event);
        previousKnown = true;
        previousHash = event.hash();
        goOn = number < first || handOver(event);
      }
      if (number > head.highest() && !cursor.isEnd(number)) {
        // An older head than the one that was written would hide the newest events.
        throw damaged(number, "the entry that says how many events it has is too old", null);
      }
      return number - 1;
    }

    /** The hash of one event; none when it is missing because of a cut. */
    OptionalLong hashAt(long number) {
      cursor.seek(number);
      StoredRecord event = cursor.next(number, false);
      requireLast(event);
      return event.sequenceNr() == number ? OptionalLong.of(event.hash()) : OptionalLong.empty();
    }

    private void requireLast(StoredRecord event) {
      if (event.sequenceNr() == head.highest() && event.hash() != head.lastHash()) {
        throw damaged(event.sequenceNr(), "it is not the event that was written last", null);
      }
    }

    /** Whether to go on. */
    private boolean handOver(StoredRecord event) {
      PersistentRepr decoded;
      try {
        decoded = codec.decode(id, event.sequenceNr(), event.body()).orElse(null);
      } catch (Exception e) {
        throw new JournalException(
            "Event %d of persistence id '%s' in %s is intact but cannot be deserialized: %s"
                .formatted(event.sequenceNr(), id, directory(), e.getMessage()),
            e);
      }
      return decoded == null
          || sink.take(head.positionOf(event), decoded, event.body().remaining());
    }

    private JournalDamagedException damaged(long number, String what, Throwable cause) {
      String where = JournalFiles.places(directory(), JournalKeys.event(id, number));
      return JournalDamagedException.at(directory(), id, number, what + where, cause);
    }
  }
}
