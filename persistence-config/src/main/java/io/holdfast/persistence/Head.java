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
 * @param unplacedTo events up to here were written before events carried their position; 0 when
 *     there are none
 * @param unplacedBase the position of such an event is this and its sequence number
 */
record Head(
    long highest,
    long deletedTo,
    long lastHash,
    long anchorHash,
    long unplacedTo,
    long unplacedBase) {
  /** Of an id that has never been written. */
  static final Head NONE = new Head(0, 0, 0, 0, 0, 0);

  private static final int LENGTH = 4 * Long.BYTES;
  private static final int LENGTH_UNPLACED = LENGTH + 2 * Long.BYTES;

  Head {
    if (deletedTo < 0 || deletedTo > highest) {
      throw new IllegalArgumentException("deleted to " + deletedTo + " of " + highest);
    }
  }

  /** After event {@code sequenceNr} was written. */
  Head written(long sequenceNr, long hash) {
    return new Head(sequenceNr, deletedTo, hash, anchorHash, unplacedTo, unplacedBase);
  }

  /** After everything up to {@code sequenceNr}, with that hash, was deleted. */
  Head deleted(long sequenceNr, long hash) {
    boolean isPlaced = sequenceNr >= unplacedTo;
    return new Head(
        highest,
        sequenceNr,
        lastHash,
        hash,
        isPlaced ? 0 : unplacedTo,
        isPlaced ? 0 : unplacedBase);
  }

  /** Once the events up to {@code to}, which carry no position, are given one. */
  Head placed(long to, long base) {
    return new Head(highest, deletedTo, lastHash, anchorHash, to, base);
  }

  /** Where an event of this id stands in the order of all events. */
  long positionOf(StoredRecord event) {
    return event.position() == 0 && event.sequenceNr() <= unplacedTo
        ? unplacedBase + event.sequenceNr()
        : event.position();
  }

  boolean hasEvents() {
    return deletedTo < highest;
  }

  byte[] encode(String id) {
    int length = unplacedTo > 0 ? LENGTH_UNPLACED : LENGTH;
    ByteBuffer bytes =
        ByteBuffer.allocate(length + Integer.BYTES)
            .putLong(highest)
            .putLong(deletedTo)
            .putLong(lastHash)
            .putLong(anchorHash);
    if (unplacedTo > 0) {
      bytes.putLong(unplacedTo).putLong(unplacedBase);
    }
    return bytes.putInt(checksum(id, bytes.array())).array();
  }

  /** Empty when the bytes are not what was written for this id. */
  static Optional<Head> decode(String id, byte[] bytes) {
    int length = bytes.length - Integer.BYTES;
    if (length != LENGTH && length != LENGTH_UNPLACED) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.getInt(length) != checksum(id, bytes)) {
      return Optional.empty();
    }
    boolean isPlaced = length == LENGTH;
    return Optional.of(
        new Head(
            in.getLong(),
            in.getLong(),
            in.getLong(),
            in.getLong(),
            isPlaced ? 0 : in.getLong(),
            isPlaced ? 0 : in.getLong()));
  }

  private static int checksum(String id, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.utf8(id));
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
