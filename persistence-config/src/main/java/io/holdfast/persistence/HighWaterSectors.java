package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How an entry of {@link HighWater} lies on the disk: in eight sectors, each with the commit, its
 * place and a checksum of its own. A disk writes a sector or does not; so where the power failed
 * while an entry was written, each of its sectors is intact, and some are those of the entry before
 * it. What looks otherwise was written once and is damaged, and the other sectors say which commit
 * it was.
 */
final class HighWaterSectors {
  private static final int SECTOR = 512;
  private static final int MOST = 8;
  private static final int HEADER = Long.BYTES + 1;
  private static final int CONTENT = SECTOR - HEADER - Integer.BYTES;
  private static final int PREFIX = 2 * Integer.BYTES;

  /** What one entry takes at most. */
  static final int BYTES = MOST * SECTOR;

  /** How much an entry can hold. */
  static final int ROOM = MOST * CONTENT - PREFIX;

  private HighWaterSectors() {}

  /** How much of an entry can be read. */
  enum Kind {
    WHOLE,
    /** It was written to its end, and is damaged since. */
    DAMAGED,
    /** It was not written to its end. */
    TORN,
    /** Not even whose it was is known. */
    UNREADABLE
  }

  /**
   * What is read of an entry.
   *
   * @param content all of it, or what comes before the damage
   */
  record Read(Kind kind, long commit, ByteBuffer content) {
    private static Read nothing(Kind kind, long commit) {
      return new Read(kind, commit, ByteBuffer.allocate(0));
    }
  }

  /** The sectors of an entry: all of them, so that each says whose entry this is. */
  static byte[] write(long commit, ByteBuffer content) {
    ByteBuffer framed =
        ByteBuffer.allocate(MOST * CONTENT)
            .putInt(content.remaining())
            .putInt(checksum(content.duplicate()))
            .put(content.duplicate());
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    for (int i = 0; i < MOST; i++) {
      out.putLong(commit).put((byte) i).put(framed.array(), i * CONTENT, CONTENT);
      out.putInt(checksum(out.duplicate().flip().position(i * SECTOR)));
    }
    return out.array();
  }

  /** Reads an entry from its place, or from as much of it as there is. */
  static Read read(byte[] place) {
    long newest = -1;
    int intact = 0;
    int firstDamaged = MOST;
    boolean isTorn = false;
    for (int i = MOST - 1; i >= 0; i--) {
      long commit = commit(place, i);
      if (commit < 0) {
        firstDamaged = i;
        continue;
      }
      isTorn |= intact > 0 && commit != newest;
      newest = Math.max(newest, commit);
      intact++;
    }
    if (intact == 0) {
      return Read.nothing(Kind.UNREADABLE, 0);
    }
    if (isTorn) {
      return Read.nothing(Kind.TORN, newest);
    }
    ByteBuffer readable = ByteBuffer.allocate(firstDamaged * CONTENT);
    for (int i = 0; i < firstDamaged; i++) {
      readable.put(place, i * SECTOR + HEADER, CONTENT);
    }
    return read(newest, readable.flip(), intact == MOST);
  }

  private static Read read(long commit, ByteBuffer readable, boolean isIntact) {
    if (readable.remaining() < PREFIX) {
      return Read.nothing(Kind.DAMAGED, commit);
    }
    int length = readable.getInt();
    int checksum = readable.getInt();
    ByteBuffer content = readable.slice();
    if (length >= 0 && length <= content.remaining()) {
      ByteBuffer all = content.slice(0, length);
      if (checksum == checksum(all.duplicate())) {
        return new Read(Kind.WHOLE, commit, all);
      }
    }
    // Intact sectors that do not fit each other are of two attempts to write the same commit.
    return isIntact ? Read.nothing(Kind.TORN, commit) : new Read(Kind.DAMAGED, commit, content);
  }

  /** The commit of a sector; -1 when it is not as it was written. */
  private static long commit(byte[] place, int sector) {
    int at = sector * SECTOR;
    if (place.length < at + SECTOR) {
      return -1;
    }
    ByteBuffer in = ByteBuffer.wrap(place, at, SECTOR);
    ByteBuffer checked = ByteBuffer.wrap(place, at, SECTOR - Integer.BYTES);
    boolean isIntact =
        in.getInt(at + SECTOR - Integer.BYTES) == checksum(checked)
            && place[at + Long.BYTES] == sector;
    return isIntact ? in.getLong() : -1;
  }

  private static int checksum(ByteBuffer of) {
    CRC32C crc = new CRC32C();
    crc.update(of);
    return (int) crc.getValue();
  }
}
