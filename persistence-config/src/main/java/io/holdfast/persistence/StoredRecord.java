package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * One event as it lies in the store: a version byte, its sequence number, the hash of its
 * predecessor, its position in the order of all events, its body (see {@link EventCodec}), and a
 * CRC32C over all of that and the persistence id. Records of version 1 carry no position; theirs
 * follows from the {@link Head}. A {@link JournalCut} has the version 3, and behind its position
 * the number of its predecessor: it alone may follow another event than the one before its number.
 *
 * <p>The hash that the successor names is the first eight bytes of a SHA-256 over the same. It
 * finds events that were exchanged or brought back from an older copy, whose checksums are right;
 * it is no protection against somebody who forges on purpose.
 *
 * @param version how it is laid out
 * @param sequenceNr the event's number
 * @param follows the number of the event before it
 * @param previousHash the hash of the event before it, 0 for the first
 * @param position 0 when it carries none: it was written before there were any, or it was rejected
 * @param hash this event's own
 * @param body where the body begins
 */
record StoredRecord(
    byte version,
    long sequenceNr,
    long follows,
    long previousHash,
    long position,
    long hash,
    ByteBuffer body) {
  private static final byte WITHOUT_POSITION = 1;
  private static final byte VERSION = 2;
  private static final byte CUT_VERSION = 3;
  private static final int LEAST_PREFIX = 1 + 2 * Long.BYTES;
  private static final int PREFIX = LEAST_PREFIX + Long.BYTES;
  private static final int CUT_PREFIX = PREFIX + Long.BYTES;

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

  /** Lays out the event of a cut, which follows event {@code follows} whatever its own number. */
  static byte[] encodeCut(
      String id, long sequenceNr, long follows, long previousHash, long position, byte[] body) {
    ByteBuffer out =
        ByteBuffer.allocate(CUT_PREFIX + body.length + Integer.BYTES)
            .put(CUT_VERSION)
            .putLong(sequenceNr)
            .putLong(previousHash)
            .putLong(position)
            .putLong(follows)
            .put(body);
    byte[] bytes = out.array();
    return out.putInt(checksum(id, bytes)).array();
  }

  /** Whether it was written before records carried their position. */
  boolean isWithoutPosition() {
    return version == WITHOUT_POSITION;
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
    int prefix = prefix(version);
    if (prefix == 0) {
      throw new IllegalArgumentException("the record has the unknown version " + version);
    }
    if (bytes.length < prefix + Integer.BYTES) {
      throw new IllegalArgumentException("the record has only " + bytes.length + " bytes");
    }
    long sequenceNr = in.getLong();
    if (sequenceNr != expectedNr) {
      throw new IllegalArgumentException("the record carries the number " + sequenceNr);
    }
    long previousHash = in.getLong();
    long position = version == WITHOUT_POSITION ? 0 : in.getLong();
    long follows = version == CUT_VERSION ? in.getLong() : sequenceNr - 1;
    if (version == CUT_VERSION && (follows < 0 || follows >= sequenceNr - 1)) {
      throw new IllegalArgumentException("the record says that it follows event " + follows);
    }
    ByteBuffer body = in.limit(bytes.length - Integer.BYTES).slice();
    return new StoredRecord(
        version, sequenceNr, follows, previousHash, position, hash(id, bytes), body);
  }

  /** How many bytes stand before the body; 0 for an unknown version. */
  private static int prefix(byte version) {
    return switch (version) {
      case WITHOUT_POSITION -> LEAST_PREFIX;
      case VERSION -> PREFIX;
      case CUT_VERSION -> CUT_PREFIX;
      default -> 0;
    };
  }

  private static int checksum(String id, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.utf8(id));
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
