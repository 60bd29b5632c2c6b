package io.holdfast.persistence.leveldb;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one write of LevelDB holds: keys that are put or deleted together. */
public final class Batch {
  /** How many bytes a batch has besides its entries. */
  public static final int HEADER = Long.BYTES + Integer.BYTES;

  private Batch() {}

  /** How many bytes an entry takes at most. */
  public static int most(Entry entry) {
    return 1 + 2 * Bytes.LONGEST_VARINT + entry.key().length + entry.value().length;
  }

  /**
   * The bytes of a batch, as LevelDB has them in its log.
   *
   * @param sequence the number of its first entry; those of {@code changes} are left aside
   */
  public static byte[] encode(List<Entry> changes, long sequence) {
    int most = HEADER;
    for (Entry entry : changes) {
      most += most(entry);
    }
    ByteBuffer out = Bytes.wrap(new byte[most]).putLong(sequence).putInt(changes.size());
    for (Entry entry : changes) {
      out.put((byte) (entry.isPut() ? 1 : 0));
      Bytes.putSized(out, entry.key());
      if (entry.isPut()) {
        Bytes.putSized(out, entry.value());
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /**
   * The entries of a batch.
   *
   * @throws IllegalArgumentException when it is not one
   */
  public static List<Entry> decode(byte[] bytes) {
    if (bytes.length < 12) {
      throw new IllegalArgumentException("a batch has only " + bytes.length + " bytes");
    }
    ByteBuffer in = Bytes.wrap(bytes);
    long sequence = in.getLong();
    int count = in.getInt();
    List<Entry> entries = new ArrayList<>();
    while (in.hasRemaining()) {
      byte kind = in.get();
      if (kind != 0 && kind != 1) {
        throw new IllegalArgumentException("a batch holds an entry of the unknown kind " + kind);
      }
      byte[] key = Bytes.sized(in);
      byte[] value = kind == 1 ? Bytes.sized(in) : new byte[0];
      entries.add(new Entry(key, sequence + entries.size(), kind == 1, value));
    }
    if (entries.size() != count) {
      throw new IllegalArgumentException(
          "a batch holds %d entries, and says %d".formatted(entries.size(), count));
    }
    return entries;
  }
}
