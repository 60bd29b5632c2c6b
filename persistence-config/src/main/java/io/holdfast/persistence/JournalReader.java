package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.iq80.leveldb.DBException;
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
    private final DBIterator iterator;
    private final String id;
    private final Head head;
    private final Sink sink;
    private boolean onPrevious;

    Walk(DBIterator iterator, String id, Head head, Sink sink) {
      this.iterator = iterator;
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
      seek(number);
      for (; number <= last && goOn; number++) {
        StoredRecord event = next(number);
        if (previousKnown && event.previousHash() != previousHash) {
          throw damaged(number, "it does not follow the event before it", null);
        }
        if (number == head.highest() && event.hash() != head.lastHash()) {
          throw damaged(number, "it is not the event that was written last", null);
        }
        previousKnown = true;
        previousHash = event.hash();
        goOn = number < first || handOver(event);
      }
      if (number > head.highest()) {
        requireEnd(number);
      }
      return number - 1;
    }

    /** An older head than the one that was written would hide the newest events. */
    private void requireEnd(long number) {
      try {
        iterator.seek(JournalKeys.event(id, number));
        if (iterator.hasNext()
            && JournalKeys.hasPrefix(iterator.peekNext().getKey(), JournalKeys.events(id))) {
          throw damaged(number, "the entry that says how many events it has is too old", null);
        }
      } catch (DBException e) {
        throw damaged(number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
      }
    }

    private void seek(long number) {
      try {
        iterator.seek(JournalKeys.event(id, number));
      } catch (RuntimeException e) {
        throw damaged(number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
      }
    }

    private StoredRecord next(long number) {
      Map.Entry<byte[], byte[]> entry;
      try {
        if (onPrevious) {
          // Only now: moving on reads the next event, and may fail over it.
          iterator.next();
        }
        onPrevious = true;
        entry = iterator.hasNext() ? iterator.peekNext() : null;
      } catch (RuntimeException e) {
        throw damaged(number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
      }
      if (entry == null || !Arrays.equals(entry.getKey(), JournalKeys.event(id, number))) {
        throw damaged(number, "the event is missing", null);
      }
      try {
        return StoredRecord.decode(id, number, entry.getValue());
      } catch (IllegalArgumentException e) {
        throw damaged(number, e.getMessage(), e);
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
