package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import java.nio.file.Path;
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
    return store.read(iterator -> Heads.withEvents(directory(), iterator, prefix));
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
    store.read(
        iterator -> {
          Head head = Heads.find(directory(), iterator, id);
          long first = Math.max(from, head.deletedTo() + 1);
          long last = Math.min(to, head.highest());
          if (max > 0 && first <= last) {
            new Walk(iterator, id, head, consumer).go(first, last, max);
          }
          return null;
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
    private final Consumer<PersistentRepr> consumer;
    private final byte[] events;
    private boolean onPrevious;

    Walk(DBIterator iterator, String id, Head head, Consumer<PersistentRepr> consumer) {
      this.iterator = iterator;
      this.id = id;
      this.head = head;
      this.consumer = consumer;
      this.events = JournalKeys.events(id);
    }

    void go(long first, long last, long max) {
      // One earlier where there is one, so that the first event's predecessor can be checked as
      // well.
      long number = Math.max(head.deletedTo() + 1, first - 1);
      boolean previousKnown = number == head.deletedTo() + 1;
      long previousHash = head.anchorHash();
      long handedOver = 0;
      seek(number);
      for (; number <= last && handedOver < max; number++) {
        StoredRecord event = next(number, previousKnown);
        number = event.sequenceNr();
        if (number > last) {
          // Nothing is between the number that was asked for and a cut behind it.
          return;
        }
        if (previousKnown && event.previousHash() != previousHash) {
          throw damaged(number, "it does not follow the event before it", null);
        }
        if (number == head.highest() && event.hash() != head.lastHash()) {
          throw damaged(number, "it is not the event that was written last", null);
        }
        previousKnown = true;
        previousHash = event.hash();
        if (number >= first && handOver(event)) {
          handedOver++;
        }
      }
      if (number > head.highest()) {
        requireEnd(number);
      }
    }

    /** An older head than the one that was written would hide the newest events. */
    private void requireEnd(long number) {
      try {
        iterator.seek(JournalKeys.event(id, number));
        if (iterator.hasNext() && JournalKeys.hasPrefix(iterator.peekNext().getKey(), events)) {
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

    /** The event {@code number}, or the cut in which it is. */
    private StoredRecord next(long number, boolean previousKnown) {
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
      long found = entry == null ? -1 : numberOf(entry.getKey());
      if (found < number) {
        throw damaged(number, "the event is missing", null);
      }
      StoredRecord record;
      try {
        record = StoredRecord.decode(id, found, entry.getValue());
      } catch (IllegalArgumentException e) {
        throw found == number
            ? damaged(number, e.getMessage(), e)
            : damaged(number, "the event is missing", e);
      }
      boolean isNext = previousKnown ? record.follows() == number - 1 : record.follows() < number;
      if (!isNext) {
        throw damaged(number, "the event is missing", null);
      }
      return record;
    }

    /** The number in the key of an event of this id; -1 for any other key. */
    private long numberOf(byte[] key) {
      boolean isOurs =
          key.length == events.length + Long.BYTES && JournalKeys.hasPrefix(key, events);
      return isOurs ? JournalKeys.number(key) : -1;
    }

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
      if (decoded == null) {
        return false;
      }
      consumer.accept(decoded);
      return true;
    }

    private JournalDamagedException damaged(long number, String what, Throwable cause) {
      String where = JournalFiles.places(directory(), JournalKeys.event(id, number));
      return JournalDamagedException.at(directory(), id, number, what + where, cause);
    }
  }
}
