package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How an entry of {@link HighWater} lies on the disk: in sectors, each with its commit, its place
 * and a checksum of its own. A disk writes a sector or does not; so where the power failed while an
 * entry was written, each of its sectors is intact, and some are those of the entry before. What
 * looks otherwise was written once and is damaged.
 */
final class HighWaterSectors {
  private static final int SECTOR = 512;
  private static final int MOST = 8;
  private static final int HEADER = Long.BYTES + 2;
  private static final int CONTENT = SECTOR - HEADER - Integer.BYTES;
  private static final int PREFIX = 2 * Integer.BYTES;

  /** What one entry takes at most. */
  static final int BYTES = MOST * SECTOR;

  /** How much an entry can hold. */
  static final int ROOM = MOST * CONTENT - PREFIX;

  private HighWaterSectors() {}

  /**
   * What is read of an entry.
   *
   * @param content empty when it is not all there
   * @param torn the commit whose entry was not written to its end; 0 when that is not how it looks
   */
  record Read(long commit, Optional<ByteBuffer> content, long torn) {
    private static final Read DAMAGED = new Read(0, Optional.empty(), 0);

    private static Read torn(long commit) {
      return new Read(0, Optional.empty(), commit);
    }
  }

  /** The sectors of an entry, as many as it needs. */
  static byte[] write(long commit, ByteBuffer content) {
    return write(commit, content, sectors(content.remaining()));
  }

  /** The sectors of an entry, and behind them others that are intact and empty. */
  static byte[] writeAll(long commit, ByteBuffer content) {
    return write(commit, content, MOST);
  }

  private static int sectors(int length) {
    return (PREFIX + length + CONTENT - 1) / CONTENT;
  }

  private static byte[] write(long commit, ByteBuffer content, int sectors) {
    int used = sectors(content.remaining());
    ByteBuffer framed =
        ByteBuffer.allocate(sectors * CONTENT)
            .putInt(content.remaining())
            .putInt(checksum(content.duplicate()))
            .put(content.duplicate());
    ByteBuffer out = ByteBuffer.allocate(sectors * SECTOR);
    for (int i = 0; i < sectors; i++) {
      out.putLong(commit).put((byte) i).put((byte) used).put(framed.array(), i * CONTENT, CONTENT);
      out.putInt(checksum(out.duplicate().flip().position(i * SECTOR)));
    }
    return out.array();
  }

  /** Reads an entry from its place, or from as much of it as there is. */
  static Read read(byte[] place) {
    long[] commits = new long[MOST];
    long newest = -1;
    for (int i = 0; i < MOST; i++) {
      commits[i] = commit(place, i);
      newest = Math.max(newest, commits[i]);
    }
    if (commits[0] < 0) {
      return Read.DAMAGED;
    }
    if (commits[0] < newest) {
      return Read.torn(newest);
    }
    int used = place[Long.BYTES + 1];
    boolean isWhole = true;
    for (int i = 0; i < used; i++) {
      if (commits[i] < 0) {
        return Read.DAMAGED;
      }
      isWhole &= commits[i] == newest;
    }
    Optional<ByteBuffer> content = isWhole ? content(place, used) : Optional.empty();
    return content.isPresent() ? new Read(newest, content, 0) : Read.torn(newest);
  }

  /** The commit of a sector; -1 when it is not as it was written. */
  private static long commit(byte[] place, int sector) {
    int at = sector * SECTOR;
    if (place.length < at + SECTOR) {
      return -1;
    }
    ByteBuffer in = ByteBuffer.wrap(place, at, SECTOR);
    ByteBuffer checked = ByteBuffer.wrap(place, at, SECTOR - Integer.BYTES);
    int used = place[at + Long.BYTES + 1];
    boolean isIntact =
        in.getInt(at + SECTOR - Integer.BYTES) == checksum(checked)
            && place[at + Long.BYTES] == sector
            && used > 0
            && used <= MOST;
    return isIntact ? in.getLong() : -1;
  }

  /** Empty when the sectors are those of two attempts to write the same commit. */
  private static Optional<ByteBuffer> content(byte[] place, int used) {
    ByteBuffer framed = ByteBuffer.allocate(used * CONTENT);
    for (int i = 0; i < used; i++) {
      framed.put(place, i * SECTOR + HEADER, CONTENT);
    }
    framed.flip();
    int length = framed.getInt();
    int checksum = framed.getInt();
    if (length < 0 || length > framed.remaining()) {
      return Optional.empty();
    }
    byte[] content = Arrays.copyOfRange(framed.array(), PREFIX, PREFIX + length);
    ByteBuffer found = ByteBuffer.wrap(content);
    return checksum == checksum(found.duplicate()) ? Optional.of(found) : Optional.empty();
  }

  private static int checksum(ByteBuffer of) {
    CRC32C crc = new CRC32C();
    crc.update(of);
    return (int) crc.getValue();
  }
}
