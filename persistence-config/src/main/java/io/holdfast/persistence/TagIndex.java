package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * Reads and writes the index of tags: for each tag a list of {@link IndexEntry}, linked from its
 * end to its beginning, and the position where it ends. An iterator is one consistent view.
 */
final class TagIndex {
  private static final int END_LENGTH = Long.BYTES;

  private TagIndex() {}

  /**
   * The position of the last event of a tag; 0 when it has none.
   *
   * @throws JournalDamagedException when it is not as it was written, or there are events without
   *     it
   */
  static long end(Path directory, DBIterator iterator, String tag) {
    byte[] key = JournalKeys.tag(tag);
    iterator.seek(key);
    if (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> found = iterator.peekNext();
      if (Arrays.equals(found.getKey(), key)) {
        return requireEnd(directory, tag, found.getValue());
      }
    }
    byte[] entries = JournalKeys.index(tag);
    iterator.seek(entries);
    if (iterator.hasNext() && JournalKeys.hasPrefix(iterator.peekNext().getKey(), entries)) {
      throw damaged(directory, tag, 0, "it has events, but no entry that says where they end");
    }
    return 0;
  }

  /** Writes where a tag ends; 0 says that it has no events any more. */
  static void putEnd(WriteBatch batch, String tag, long position) {
    if (position == 0) {
      batch.delete(JournalKeys.tag(tag));
    } else {
      ByteBuffer value = ByteBuffer.allocate(END_LENGTH + Integer.BYTES).putLong(position);
      batch.put(JournalKeys.tag(tag), value.putInt(checksum(tag, value.array())).array());
    }
  }

  /** Empty when the bytes are not what was written for this tag. */
  static OptionalLong decodeEnd(String tag, byte[] value) {
    return value.length == END_LENGTH + Integer.BYTES
            && ByteBuffer.wrap(value).getInt(END_LENGTH) == checksum(tag, value)
        ? OptionalLong.of(ByteBuffer.wrap(value).getLong())
        : OptionalLong.empty();
  }

  /** How many tags have events. */
  static long countTags(Path directory, DBIterator iterator) {
    long count = 0;
    iterator.seek(new byte[] {JournalKeys.TAG});
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> found = iterator.next();
      if (found.getKey()[0] != JournalKeys.TAG) {
        break;
      }
      requireEnd(directory, JournalKeys.id(found.getKey()), found.getValue());
      count++;
    }
    return count;
  }

  /** The first entry of a tag at or behind a position. */
  static Optional<IndexEntry> from(Path directory, DBIterator iterator, String tag, long position) {
    byte[] prefix = JournalKeys.index(tag);
    iterator.seek(JournalKeys.index(tag, position));
    if (!iterator.hasNext() || !JournalKeys.hasPrefix(iterator.peekNext().getKey(), prefix)) {
      return Optional.empty();
    }
    Map.Entry<byte[], byte[]> found = iterator.peekNext();
    long at = ByteBuffer.wrap(found.getKey()).getLong(prefix.length);
    return Optional.of(decode(directory, tag, at, found.getValue()));
  }

  static IndexEntry decode(Path directory, String tag, long position, byte[] value) {
    try {
      return IndexEntry.decode(tag, position, value);
    } catch (IllegalArgumentException e) {
      throw damaged(directory, tag, position, e.getMessage());
    }
  }

  private static long requireEnd(Path directory, String tag, byte[] value) {
    return decodeEnd(tag, value)
        .orElseThrow(
            () ->
                damaged(
                    directory,
                    tag,
                    0,
                    "the checksum of the entry that says where its events end does not match"));
  }

  static JournalDamagedException damaged(Path directory, String tag, long position, String what) {
    return JournalDamagedException.tag(directory, tag, position, "", 0, what, null);
  }

  private static int checksum(String tag, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.tag(tag));
    crc.update(value, 0, END_LENGTH);
    return (int) crc.getValue();
  }
}
