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
  private static final int LENGTH_PLACED = 2 * Long.BYTES;

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

  /** Without what {@link #encodePlaced} holds: older versions read this, and then the format. */
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
    if (!isOf(id, bytes, LENGTH)) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return Optional.of(new Head(in.getLong(), in.getLong(), in.getLong(), in.getLong(), 0, 0));
  }

  /** Which positions the events have that carry none, if there are such. */
  byte[] encodePlaced(String id) {
    ByteBuffer bytes =
        ByteBuffer.allocate(LENGTH_PLACED + Integer.BYTES)
            .putLong(unplacedTo)
            .putLong(unplacedBase);
    return bytes.putInt(checksum(id, bytes.array())).array();
  }

  /** This, with what {@link #encodePlaced} wrote; empty when the bytes are not that. */
  Optional<Head> withPlaced(String id, byte[] bytes) {
    if (!isOf(id, bytes, LENGTH_PLACED)) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return Optional.of(placed(in.getLong(), in.getLong()));
  }

  private static boolean isOf(String id, byte[] bytes, int length) {
    return bytes.length == length + Integer.BYTES
        && ByteBuffer.wrap(bytes).getInt(length) == checksum(id, bytes);
  }

  private static int checksum(String id, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(JournalKeys.utf8(id));
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
