package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * Reads and writes the heads of persistence ids. An iterator is one consistent view, so head and
 * events read with it agree.
 */
final class Heads {
  private Heads() {}

  /**
   * The head of an id; {@link Head#NONE} when it has never been written.
   *
   * @throws JournalDamagedException when it is not as it was written, or there are events without
   *     one
   */
  static Head find(Path directory, DBIterator iterator, String id) {
    for (byte kind : new byte[] {JournalKeys.LIVE, JournalKeys.DEAD}) {
      byte[] key = JournalKeys.head(kind, id);
      iterator.seek(key);
      if (iterator.hasNext()) {
        Map.Entry<byte[], byte[]> entry = iterator.next();
        if (Arrays.equals(entry.getKey(), key)) {
          return placed(directory, iterator, id, decode(directory, id, entry.getValue()));
        }
      }
    }
    byte[] events = JournalKeys.events(id);
    iterator.seek(events);
    if (iterator.hasNext() && JournalKeys.hasPrefix(iterator.next().getKey(), events)) {
      throw JournalDamagedException.at(
          directory, id, 0, "it has events, but no entry that says how many", null);
    }
    requireNotSetAside(directory, iterator, id);
    return Head.NONE;
  }

  private static Head placed(Path directory, DBIterator iterator, String id, Head head) {
    byte[] key = JournalKeys.head(JournalKeys.PLACED, id);
    iterator.seek(key);
    return iterator.hasNext() && Arrays.equals(iterator.peekNext().getKey(), key)
        ? placed(directory, id, head, iterator.peekNext().getValue())
        : head;
  }

  /** A head with the positions of the events that carry none. */
  static Head placed(Path directory, String id, Head head, byte[] value) {
    return head.withPlaced(id, value)
        .orElseThrow(
            () ->
                JournalDamagedException.at(
                    directory,
                    id,
                    0,
                    "the checksum of the entry that says which positions its events have does not match",
                    null));
  }

  /** What was set aside must not begin anew, as if it had never been. */
  private static void requireNotSetAside(Path directory, DBIterator iterator, String id) {
    byte[] key = JournalKeys.head(JournalKeys.SET_ASIDE, id);
    iterator.seek(key);
    if (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> entry = iterator.next();
      if (Arrays.equals(entry.getKey(), key)) {
        long readableTo = ByteBuffer.wrap(entry.getValue()).getLong();
        throw JournalDamagedException.at(
            directory, id, readableTo + 1, "a repair has set its events aside", null);
      }
    }
  }

  /**
   * The ids with a prefix that have events, in the order of their bytes: the first {@code most} of
   * them behind {@code after}, an id or nothing.
   */
  static List<String> withEvents(
      Path directory, DBIterator iterator, String prefix, String after, int most) {
    List<String> ids = new ArrayList<>();
    byte[] from = JournalKeys.head(JournalKeys.LIVE, prefix);
    iterator.seek(after.isEmpty() ? from : JournalKeys.head(JournalKeys.LIVE, after + '\0'));
    while (iterator.hasNext() && ids.size() < most) {
      Map.Entry<byte[], byte[]> entry = iterator.next();
      if (!JournalKeys.hasPrefix(entry.getKey(), from)) {
        break;
      }
      String id = JournalKeys.id(entry.getKey());
      decode(directory, id, entry.getValue());
      ids.add(id);
    }
    return ids;
  }

  /** Writes a head where it belongs: ids with and without events are listed apart. */
  static void put(WriteBatch batch, String id, Head before, Head now) {
    if (before.highest() > 0 && before.hasEvents() != now.hasEvents()) {
      batch.delete(JournalKeys.head(kind(before), id));
    }
    batch.put(JournalKeys.head(kind(now), id), now.encode(id));
    if (now.unplacedTo() > 0) {
      batch.put(JournalKeys.head(JournalKeys.PLACED, id), now.encodePlaced(id));
    } else if (before.unplacedTo() > 0) {
      batch.delete(JournalKeys.head(JournalKeys.PLACED, id));
    }
  }

  static Head decode(Path directory, String id, byte[] value) {
    return Head.decode(id, value)
        .orElseThrow(
            () ->
                JournalDamagedException.at(
                    directory,
                    id,
                    0,
                    "the checksum of the entry that says how many events it has does not match",
                    null));
  }

  private static byte kind(Head head) {
    return head.hasEvents() ? JournalKeys.LIVE : JournalKeys.DEAD;
  }
}
