package io.holdfast.persistence;

import java.util.Map;
import org.iq80.leveldb.DBIterator;

/**
 * Goes from one event of a persistence id to the next. There must be one under each number; only at
 * a cut, whose record says which event it follows, do the numbers jump. Moves the iterator that it
 * is given, which is one consistent view.
 */
final class EventCursor {
  /** How damage is told. */
  interface Damage {
    /** What is wrong, as half a sentence, at an event. */
    JournalDamagedException at(long sequenceNr, String what, Throwable cause);
  }

  private final DBIterator iterator;
  private final String id;
  private final byte[] events;
  private final Damage damage;
  private boolean onPrevious;

  EventCursor(DBIterator iterator, String id, Damage damage) {
    this.iterator = iterator;
    this.id = id;
    this.events = JournalKeys.events(id);
    this.damage = damage;
  }

  /** Goes to an event, which {@link #next} then reads. */
  void seek(long number) {
    try {
      iterator.seek(JournalKeys.event(id, number));
      onPrevious = false;
    } catch (RuntimeException e) {
      throw unreadable(number, e);
    }
  }

  /**
   * The event {@code number}, or the cut in which it is.
   *
   * @param previousKnown whether there is an event {@code number - 1}, or none at all before
   * @throws JournalDamagedException when it is missing, or is not what was written
   */
  StoredRecord next(long number, boolean previousKnown) {
    Map.Entry<byte[], byte[]> entry;
    try {
      if (onPrevious) {
        // Only now: moving on reads the next event, and may fail over it.
        iterator.next();
      }
      onPrevious = true;
      entry = iterator.hasNext() ? iterator.peekNext() : null;
    } catch (RuntimeException e) {
      throw unreadable(number, e);
    }
    long found = entry == null ? -1 : numberOf(entry.getKey());
    if (found < number) {
      throw damage.at(number, "the event is missing", null);
    }
    StoredRecord record;
    try {
      record = StoredRecord.decode(id, found, entry.getValue());
    } catch (IllegalArgumentException e) {
      throw found == number
          ? damage.at(number, e.getMessage(), e)
          : damage.at(number, "the event is missing", e);
    }
    boolean isNext = previousKnown ? record.follows() == number - 1 : record.follows() < number;
    if (!isNext) {
      throw damage.at(number, "the event is missing", null);
    }
    return record;
  }

  /** Whether there are no events from {@code number} on. */
  boolean isEnd(long number) {
    seek(number);
    try {
      return !iterator.hasNext() || !JournalKeys.hasPrefix(iterator.peekNext().getKey(), events);
    } catch (RuntimeException e) {
      throw unreadable(number, e);
    }
  }

  /** The number in the key of an event of this id; -1 for any other key. */
  private long numberOf(byte[] key) {
    boolean isOurs = key.length == events.length + Long.BYTES && JournalKeys.hasPrefix(key, events);
    return isOurs ? JournalKeys.number(key) : -1;
  }

  private JournalDamagedException unreadable(long number, RuntimeException e) {
    return damage.at(number, "LevelDB cannot read it (" + e.getMessage() + ")", e);
  }
}
