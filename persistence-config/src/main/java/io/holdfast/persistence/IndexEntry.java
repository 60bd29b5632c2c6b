package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * An entry of the index of a tag: which event stands at a position. It names the position before
 * it, as a list that is linked, so that a missing entry is noticed by whoever reads the next one.
 *
 * @param tag of which tag
 * @param position where the event stands in the order of all events
 * @param previous the position of the entry before it, 0 for the first
 * @param id whose event it is
 * @param sequenceNr the event's number
 * @param hash the event's hash, so that another one in its place is noticed
 */
record IndexEntry(String tag, long position, long previous, String id, long sequenceNr, long hash) {
  private static final byte VERSION = 1;
  private static final int PREFIX = 1 + 3 * Long.BYTES;

  byte[] key() {
    return JournalKeys.index(tag, position);
  }

  /** The same event behind another entry. */
  IndexEntry behind(long other) {
    return new IndexEntry(tag, position, other, id, sequenceNr, hash);
  }

  byte[] encode() {
    byte[] utf8 = JournalKeys.utf8(id);
    ByteBuffer out =
        ByteBuffer.allocate(PREFIX + utf8.length + Integer.BYTES)
            .put(VERSION)
            .putLong(previous)
            .putLong(hash)
            .putLong(sequenceNr)
            .put(utf8);
    return out.putInt(checksum(tag, position, out.array())).array();
  }

  /**
   * Takes an entry apart.
   *
   * @throws IllegalArgumentException saying in what it is not what was written at this place
   */
  static IndexEntry decode(String tag, long position, byte[] bytes) {
    int length = bytes.length - Integer.BYTES;
    if (length < PREFIX) {
      throw new IllegalArgumentException("the entry of the index has only " + length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(length) != checksum(tag, position, bytes)) {
      throw new IllegalArgumentException("the checksum of the entry of the index does not match");
    }
    if (in.get() != VERSION) {
      throw new IllegalArgumentException("the entry of the index has an unknown version");
    }
    long previous = in.getLong();
    long hash = in.getLong();
    long sequenceNr = in.getLong();
    byte[] utf8 = new byte[length - PREFIX];
    in.get(utf8);
    return new IndexEntry(
        tag,
        position,
        previous,
        new String(utf8, java.nio.charset.StandardCharsets.UTF_8),
        sequenceNr,
        hash);
  }

  private static int checksum(String tag, long position, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.index(tag, position));
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
