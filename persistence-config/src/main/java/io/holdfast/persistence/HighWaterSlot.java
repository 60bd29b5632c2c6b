package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Batch;
import io.holdfast.persistence.leveldb.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One entry of the file {@link HighWater}: a commit, whose events it wrote, and, where there is
 * room for it, all of it.
 *
 * @param journal the journal it belongs to
 * @param commit the number of the commit; 0 when the entry was never used
 * @param ids the persistence ids in it and the highest number of each, as many as have room
 * @param unnamed how many further ids it had
 * @param changes what the commit changes in LevelDB; empty when LevelDB had it before this was
 *     written
 */
record HighWaterSlot(
    UUID journal, long commit, Map<String, Long> ids, int unnamed, List<Entry> changes) {
  /** Above every number that LevelDB gives, so that what is carried counts as newer. */
  private static final long SEQUENCES = 1L << 56;

  private static final int SEQUENCES_EACH = 1 << 12;
  private static final int MAGIC = 0x48465732;
  private static final int HEADER = 2 * Integer.BYTES + 2 * Long.BYTES + Short.BYTES + Batch.HEADER;

  /** That no more is known than that the commit is on disk. */
  static HighWaterSlot unknown(UUID journal, long commit) {
    return new HighWaterSlot(journal, commit, Map.of(), 1, List.of());
  }

  static HighWaterSlot unused(UUID journal) {
    return new HighWaterSlot(journal, 0, Map.of(), 0, List.of());
  }

  /** Of a commit that makes these changes and leaves the ids with these heads. */
  static HighWaterSlot of(UUID journal, long commit, Map<String, Head> heads, List<Entry> changes) {
    Map<String, Long> ids = new LinkedHashMap<>();
    heads.forEach((id, head) -> ids.put(id, head.highest()));
    return new HighWaterSlot(journal, commit, ids, 0, changes);
  }

  /** Whether the commit can be made from this alone. */
  boolean carries() {
    return !changes.isEmpty();
  }

  /** This, with the changes only if all of it has room. */
  HighWaterSlot fitting() {
    long length = HEADER;
    for (String id : ids.keySet()) {
      length += Short.BYTES + JournalKeys.utf8(id).length + Long.BYTES;
    }
    for (Entry entry : changes) {
      length += Batch.most(entry);
    }
    boolean fits = length <= HighWaterSectors.ROOM && changes.size() < SEQUENCES_EACH;
    return fits ? this : new HighWaterSlot(journal, commit, ids, unnamed, List.of());
  }

  /** What is written; of the ids as many as have room. */
  ByteBuffer encode() {
    byte[] carried =
        carries() ? Batch.encode(changes, SEQUENCES + commit * SEQUENCES_EACH) : new byte[0];
    ByteBuffer out = ByteBuffer.allocate(HighWaterSectors.ROOM).putInt(MAGIC);
    out.putLong(journal.getMostSignificantBits()).putLong(journal.getLeastSignificantBits());
    int counts = out.position();
    out.putShort((short) 0).putInt(0);
    int named = 0;
    for (Map.Entry<String, Long> entry : ids.entrySet()) {
      byte[] id = JournalKeys.utf8(entry.getKey());
      if (Short.BYTES + id.length + Long.BYTES > out.remaining() - carried.length) {
        continue;
      }
      out.putShort((short) id.length).put(id).putLong(entry.getValue());
      named++;
    }
    out.putShort(counts, (short) named).putInt(counts + Short.BYTES, unnamed + ids.size() - named);
    return out.put(carried).flip();
  }

  /**
   * What was written.
   *
   * @throws RuntimeException when it was not written by {@link #encode}
   */
  static HighWaterSlot decode(long commit, ByteBuffer in) {
    HighWaterSlot named = decodeNames(commit, in);
    byte[] carried = new byte[in.remaining()];
    in.get(carried);
    List<Entry> changes = carried.length == 0 ? List.of() : Batch.decode(carried);
    return new HighWaterSlot(named.journal, commit, named.ids, named.unnamed, changes);
  }

  /** The same without the changes, of an entry whose end is damaged. */
  static HighWaterSlot decodeNames(long commit, ByteBuffer in) {
    if (in.getInt() != MAGIC) {
      throw new IllegalArgumentException("not an entry of a high-water mark");
    }
    UUID journal = new UUID(in.getLong(), in.getLong());
    int named = in.getShort();
    int unnamed = in.getInt();
    Map<String, Long> ids = names(in, named);
    return new HighWaterSlot(journal, commit, ids, unnamed, List.of());
  }

  /** Ids with the highest number of each; the older form has them in the same way. */
  static Map<String, Long> names(ByteBuffer in, int count) {
    Map<String, Long> ids = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      byte[] id = new byte[in.getShort()];
      in.get(id);
      ids.put(new String(id, StandardCharsets.UTF_8), in.getLong());
    }
    return ids;
  }
}
