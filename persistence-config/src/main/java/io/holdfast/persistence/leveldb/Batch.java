package io.holdfast.persistence.leveldb;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What one write of LevelDB holds: keys that are put or deleted together. */
final class Batch {
  private Batch() {}

  /**
   * The entries of a batch.
   *
   * @throws IllegalArgumentException when it is not one
   */
  static List<Entry> decode(byte[] bytes) {
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
