package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.iq80.leveldb.DBIterator;

/**
 * Reads the events of a tag, and trusts neither index nor events before they have been checked:
 * each entry must name the one before it, and the event must be the one that the entry names. Any
 * thread may use this; each call sees the store as it was when the call began.
 */
final class TagReader {
  private final LevelDbStore store;
  private final EventCodec codec;

  TagReader(LevelDbStore store, EventCodec codec) {
    this.store = store;
    this.codec = codec;
  }

  /**
   * The events behind position {@code after}, up to {@code upTo}, that position included: {@code
   * most} of them at most, and no more once they have {@code enoughBytes}.
   *
   * @throws JournalDamagedException when an entry or an event is missing, or not what was written
   * @throws JournalException when an event is intact but its serializer cannot read it
   */
  EventPage read(String tag, long after, long upTo, int most, long enoughBytes) {
    return store.read(
        iterator -> {
          List<IndexEntry> entries = entries(iterator, tag, after, upTo, most);
          List<EventPage.Found> found = new ArrayList<>(entries.size());
          long reached = after;
          long bytes = 0;
          for (IndexEntry entry : entries) {
            if (bytes >= enoughBytes) {
              return new EventPage(found, reached, true);
            }
            byte[] record = record(iterator, entry);
            bytes += record.length;
            found.add(new EventPage.Found(entry.position(), event(entry, record)));
            reached = entry.position();
          }
          return new EventPage(found, reached, entries.size() == most);
        });
  }

  private List<IndexEntry> entries(
      DBIterator iterator, String tag, long after, long upTo, int most) {
    long end = TagIndex.end(directory(), iterator, tag);
    byte[] prefix = JournalKeys.index(tag);
    List<IndexEntry> entries = new ArrayList<>();
    long last = after;
    try {
      iterator.seek(JournalKeys.index(tag, after + 1));
      while (entries.size() < most) {
        if (!entries.isEmpty()) {
          // Only now: moving on reads the next entry, and may fail over it.
          iterator.next();
        }
        if (!iterator.hasNext() || !JournalKeys.hasPrefix(iterator.peekNext().getKey(), prefix)) {
          requireEnd(tag, end, entries.isEmpty() ? Math.min(after, end) : last);
          break;
        }
        Map.Entry<byte[], byte[]> next = iterator.peekNext();
        long position = ByteBuffer.wrap(next.getKey()).getLong(prefix.length);
        IndexEntry entry = decode(tag, position, next.getValue());
        if (entries.isEmpty() ? entry.previous() > after : entry.previous() != last) {
          throw damaged(
              tag,
              Math.max(entry.previous(), last),
              "the entry of the index is missing, or position %d does not follow it"
                  .formatted(position),
              null);
        }
        if (position > upTo) {
          break;
        }
        entries.add(entry);
        last = position;
      }
    } catch (JournalException e) {
      throw e;
    } catch (RuntimeException e) {
      throw damaged(tag, last + 1, "LevelDB cannot read it (" + e.getMessage() + ")", e);
    }
    return entries;
  }

  private IndexEntry decode(String tag, long position, byte[] value) {
    try {
      return IndexEntry.decode(tag, position, value);
    } catch (IllegalArgumentException e) {
      throw damaged(tag, position, e.getMessage(), e);
    }
  }

  private void requireEnd(String tag, long end, long last) {
    if (last != end) {
      throw damaged(
          tag,
          Math.max(end, last),
          last < end
              ? "the entry of the index is missing"
              : "the entry that says where its events end is too old",
          null);
    }
  }

  private byte[] record(DBIterator iterator, IndexEntry entry) {
    byte[] key = JournalKeys.event(entry.id(), entry.sequenceNr());
    try {
      iterator.seek(key);
      if (iterator.hasNext() && Arrays.equals(iterator.peekNext().getKey(), key)) {
        return iterator.peekNext().getValue();
      }
    } catch (RuntimeException e) {
      throw damaged(entry, "LevelDB cannot read it (" + e.getMessage() + ")", e);
    }
    throw damaged(entry, "the event is missing", null);
  }

  private PersistentRepr event(IndexEntry entry, byte[] record) {
    StoredRecord stored;
    try {
      stored = StoredRecord.decode(entry.id(), entry.sequenceNr(), record);
    } catch (IllegalArgumentException e) {
      throw damaged(entry, e.getMessage(), e);
    }
    if (stored.hash() != entry.hash()
        || (stored.position() != 0 && stored.position() != entry.position())) {
      throw damaged(entry, "it is not the event that was written there", null);
    }
    Optional<PersistentRepr> event;
    try {
      event = codec.decode(entry.id(), entry.sequenceNr(), stored.body());
    } catch (Exception e) {
      throw new JournalException(
          "Event %d of persistence id '%s' in %s, at position %d of tag '%s', is intact but cannot be deserialized: %s"
              .formatted(
                  entry.sequenceNr(),
                  entry.id(),
                  directory(),
                  entry.position(),
                  entry.tag(),
                  e.getMessage()),
          e);
    }
    return event.orElseThrow(
        () -> damaged(entry, "an event that was rejected has a position", null));
  }

  private Path directory() {
    return store.directory();
  }

  private JournalDamagedException damaged(IndexEntry entry, String what, Throwable cause) {
    String where =
        JournalFiles.places(directory(), JournalKeys.event(entry.id(), entry.sequenceNr()));
    return JournalDamagedException.tag(
        directory(),
        entry.tag(),
        entry.position(),
        entry.id(),
        entry.sequenceNr(),
        what + where,
        cause);
  }

  private JournalDamagedException damaged(String tag, long position, String what, Throwable cause) {
    String where = JournalFiles.places(directory(), JournalKeys.index(tag, position));
    return JournalDamagedException.tag(directory(), tag, position, "", 0, what + where, cause);
  }
}
