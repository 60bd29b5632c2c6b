package io.holdfast.persistence.leveldb;

import java.util.Arrays;

/**
 * Keys from {@code first} to {@code last}, both included.
 *
 * @param first empty: from the beginning
 * @param last empty: to the end
 */
public record Range(byte[] first, byte[] last) {
  /** Every key. */
  static final Range ALL = new Range(new byte[0], new byte[0]);

  /** Whether a key lies in it. */
  public boolean holds(byte[] key) {
    return Arrays.compareUnsigned(first, key) <= 0
        && (last.length == 0 || Arrays.compareUnsigned(last, key) >= 0);
  }

  /** Whether a key with this first byte can lie in it. */
  public boolean mayHold(byte kind) {
    return (first.length == 0 || (first[0] & 0xff) <= (kind & 0xff))
        && (last.length == 0 || (last[0] & 0xff) >= (kind & 0xff));
  }

  /** Whether a key that begins with {@code prefix} can lie in it. */
  public boolean meets(byte[] prefix) {
    return (first.length == 0 || Arrays.compareUnsigned(head(first, prefix), prefix) <= 0)
        && (last.length == 0 || Arrays.compareUnsigned(last, prefix) >= 0);
  }

  private static byte[] head(byte[] key, byte[] prefix) {
    return Arrays.copyOf(key, Math.min(key.length, prefix.length));
  }
}
