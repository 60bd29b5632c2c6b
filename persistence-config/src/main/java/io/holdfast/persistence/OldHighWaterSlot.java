package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/** An entry of the file {@link HighWater} as the formats 2 and 3 of the journal had it. */
final class OldHighWaterSlot {
  static final int BYTES = 1024;
  static final int SLOTS = 64;

  private static final int MAGIC = 0x48465731;
  private static final int CHECKED = BYTES - Integer.BYTES;

  private OldHighWaterSlot() {}

  /** Empty when the bytes are not what was written. */
  static Optional<HighWaterSlot> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length != BYTES || in.getInt(CHECKED) != checksum(bytes) || in.getInt() != MAGIC) {
      return Optional.empty();
    }
    UUID journal = new UUID(in.getLong(), in.getLong());
    long commit = in.getLong();
    int named = in.getShort();
    int unnamed = in.getInt();
    Map<String, Long> ids = HighWaterSlot.names(in, named);
    return Optional.of(new HighWaterSlot(journal, commit, ids, unnamed, List.of()));
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CHECKED);
    return (int) crc.getValue();
  }
}
