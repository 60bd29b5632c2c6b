package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * One event as it lies in the store: a version byte, its sequence number, the hash of its
 * predecessor, its position in the order of all events, its body (see {@link EventCodec}), and a
 * CRC32C over all of that and the persistence id. Records of version 1 carry no position; theirs
 * follows from the {@link Head}.
 *
 * <p>The hash that the successor names is the first eight bytes of a SHA-256 over the same. It
 * finds events that were exchanged or brought back from an older copy, whose checksums are right;
 * it is no protection against somebody who forges on purpose.
 *
 * @param sequenceNr the event's number
 * @param previousHash the hash of the event before it, 0 for the first
 * @param position 0 when it carries none: it was written before there were any, or it was rejected
 * @param hash this event's own
 * @param body where the body begins
 */
record StoredRecord(long sequenceNr, long previousHash, long position, long hash, ByteBuffer body) {
  private static final byte WITHOUT_POSITION = 1;
  private static final byte VERSION = 2;
  private static final int LEAST_PREFIX = 1 + 2 * Long.BYTES;
  private static final int PREFIX = LEAST_PREFIX + Long.BYTES;

  /** Lays an event out. */
  static byte[] encode(String id, long sequenceNr, long previousHash, long position, byte[] body) {
    ByteBuffer out =
        ByteBuffer.allocate(PREFIX + body.length + Integer.BYTES)
            .put(VERSION)
            .putLong(sequenceNr)
            .putLong(previousHash)
            .putLong(position)
            .put(body);
    byte[] bytes = out.array();
    return out.putInt(checksum(id, bytes)).array();
  }

  /** Whether it was written before records carried their position. */
  static boolean isWithoutPosition(byte[] record) {
    return record.length > 0 && record[0] == WITHOUT_POSITION;
  }

  /** The hash of a record that {@link #encode} made. */
  static long hash(String id, byte[] record) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(JournalKeys.utf8(id));
      sha.update(record);
      return ByteBuffer.wrap(sha.digest()).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * Takes a record apart.
   *
   * @throws IllegalArgumentException saying in what it is not what was written under this id and
   *     number
   */
  static StoredRecord decode(String id, long expectedNr, byte[] bytes) {
    if (bytes.length < LEAST_PREFIX + Integer.BYTES) {
      throw new IllegalArgumentException("the record has only " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(bytes.length - Integer.BYTES) != checksum(id, bytes)) {
      throw new IllegalArgumentException("the checksum does not match");
    }
    byte version = in.get();
    boolean isPlaced = version == VERSION && bytes.length >= PREFIX + Integer.BYTES;
    if (!isPlaced && version != WITHOUT_POSITION) {
      throw new IllegalArgumentException("the record has the unknown version " + version);
    }
    long sequenceNr = in.getLong();
    if (sequenceNr != expectedNr) {
      throw new IllegalArgumentException("the record carries the number " + sequenceNr);
    }
    long previousHash = in.getLong();
    long position = isPlaced ? in.getLong() : 0;
    ByteBuffer body = in.limit(bytes.length - Integer.BYTES).slice();
    return new StoredRecord(sequenceNr, previousHash, position, hash(id, bytes), body);
  }

  private static int checksum(String id, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.utf8(id));
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
