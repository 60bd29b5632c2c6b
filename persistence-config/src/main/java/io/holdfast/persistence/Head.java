package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the store knows of one persistence id. Written in the same batch as the events it speaks of.
 *
 * @param highest the highest sequence number ever written; survives every deletion
 * @param deletedTo events up to here are deleted
 * @param lastHash the hash of event {@code highest}: what the next event names as its predecessor
 * @param anchorHash the hash of event {@code deletedTo}: what the first remaining event names as
 *     its predecessor
 */
record Head(long highest, long deletedTo, long lastHash, long anchorHash) {
  /** Of an id that has never been written. */
  static final Head NONE = new Head(0, 0, 0, 0);

  private static final int LENGTH = 4 * Long.BYTES;

  Head {
    if (deletedTo < 0 || deletedTo > highest) {
      throw new IllegalArgumentException("deleted to " + deletedTo + " of " + highest);
    }
  }

  boolean hasEvents() {
    return deletedTo < highest;
  }

  byte[] encode(String id) {
    ByteBuffer bytes =
        ByteBuffer.allocate(LENGTH + Integer.BYTES)
            .putLong(highest)
            .putLong(deletedTo)
            .putLong(lastHash)
            .putLong(anchorHash);
    return bytes.putInt(checksum(id, bytes.array())).array();
  }

  /** Empty when the bytes are not what was written for this id. */
  static Optional<Head> decode(String id, byte[] bytes) {
    if (bytes.length != LENGTH + Integer.BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(LENGTH) != checksum(id, bytes)) {
      return Optional.empty();
    }
    return Optional.of(new Head(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
  }

  private static int checksum(String id, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.utf8(id));
    crc.update(bytes, 0, LENGTH);
    return (int) crc.getValue();
  }
}
