package io.holdfast.persistence.leveldb;

import java.util.Arrays;
import java.util.Comparator;

/**
 * One version of a key. A key that was written several times, or deleted, has several; the one with
 * the highest {@code sequence} counts.
 *
 * @param key as the user of LevelDB gave it
 * @param sequence LevelDB's own number, one higher with each key written
 * @param isPut false when this version says that the key was deleted
 * @param value empty for a deletion
 */
public record Entry(byte[] key, long sequence, boolean isPut, byte[] value) {
  /** LevelDB's order: by key, and of one key the newest first. */
  static final Comparator<Entry> ORDER =
      Comparator.comparing(Entry::key, Arrays::compareUnsigned)
          .thenComparing(Comparator.comparingLong(Entry::sequence).reversed());
}
