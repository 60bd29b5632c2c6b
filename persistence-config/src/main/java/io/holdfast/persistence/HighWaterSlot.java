package io.holdfast.persistence;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * One entry of the file {@link HighWater}: that a commit is on disk, and whose events it wrote.
 *
 * @param journal the journal it belongs to
 * @param commit the number of the commit; 0 when the entry was never used
 * @param ids the persistence ids in it and the highest number of each, as many as have room
 * @param unnamed how many further ids it had
 */
record HighWaterSlot(UUID journal, long commit, Map<String, Long> ids, int unnamed) {
  static final int BYTES = 1024;

  private static final int MAGIC = 0x48465731;
  private static final int CHECKED = BYTES - Integer.BYTES;

  /** Of a commit that left the ids with these heads. */
  static HighWaterSlot of(UUID journal, long commit, Map<String, Head> heads) {
    Map<String, Long> ids = new LinkedHashMap<>();
    heads.forEach((id, head) -> ids.put(id, head.highest()));
    return new HighWaterSlot(journal, commit, ids, 0);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).putInt(MAGIC);
    out.putLong(journal.getMostSignificantBits()).putLong(journal.getLeastSignificantBits());
    out.putLong(commit);
    int counts = out.position();
    out.putShort((short) 0).putInt(0);
    int named = 0;
    for (Map.Entry<String, Long> entry : ids.entrySet()) {
      byte[] id = JournalKeys.utf8(entry.getKey());
      if (out.position() + Short.BYTES + id.length + Long.BYTES > CHECKED) {
        continue;
      }
      out.putShort((short) id.length).put(id).putLong(entry.getValue());
      named++;
    }
    out.putShort(counts, (short) named).putInt(counts + Short.BYTES, unnamed + ids.size() - named);
    return out.putInt(CHECKED, checksum(out.array())).array();
  }

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
    Map<String, Long> ids = new LinkedHashMap<>();
    for (int i = 0; i < named; i++) {
      byte[] id = new byte[in.getShort()];
      in.get(id);
      ids.put(new String(id, StandardCharsets.UTF_8), in.getLong());
    }
    return Optional.of(new HighWaterSlot(journal, commit, ids, unnamed));
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, CHECKED);
    return (int) crc.getValue();
  }
}
