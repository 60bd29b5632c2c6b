package io.holdfast.persistence.leveldb;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/** Which files count, as the manifest says: the sum of the changes that are written in it. */
final class Manifest {
  private static final int COMPARATOR = 1;
  private static final int LOG_NUMBER = 2;
  private static final int NEXT_FILE = 3;
  private static final int LAST_SEQUENCE = 4;
  private static final int COMPACT_POINTER = 5;
  private static final int DELETED_FILE = 6;
  private static final int NEW_FILE = 7;
  private static final int PREVIOUS_LOG = 9;

  private final TreeMap<Long, Range> tables = new TreeMap<>();
  private long log;
  private long previousLog;

  /**
   * Adds one change.
   *
   * @throws IllegalArgumentException when it is not one
   */
  void apply(byte[] change) {
    ByteBuffer in = Bytes.wrap(change);
    while (in.hasRemaining()) {
      int tag = (int) Bytes.varint(in);
      switch (tag) {
        case COMPARATOR -> Bytes.sized(in);
        case LOG_NUMBER -> log = Bytes.varint(in);
        case NEXT_FILE, LAST_SEQUENCE -> Bytes.varint(in);
        case PREVIOUS_LOG -> previousLog = Bytes.varint(in);
        case COMPACT_POINTER -> {
          Bytes.varint(in);
          Bytes.sized(in);
        }
        case DELETED_FILE -> {
          Bytes.varint(in);
          tables.remove(Bytes.varint(in));
        }
        case NEW_FILE -> {
          Bytes.varint(in);
          long number = Bytes.varint(in);
          Bytes.varint(in);
          tables.put(number, new Range(userKey(in), userKey(in)));
        }
        default -> throw new IllegalArgumentException("an entry of the unknown kind " + tag);
      }
    }
  }

  /** The tables that count, by their numbers, and the keys that are in each. */
  TreeMap<Long, Range> tables() {
    return tables;
  }

  private static byte[] userKey(ByteBuffer in) {
    byte[] key = Bytes.sized(in);
    return Arrays.copyOf(key, Math.max(0, key.length - Long.BYTES));
  }

  /** Whether the log of this number counts. */
  boolean countsLog(long number) {
    return number >= log || number == previousLog;
  }

  /** The log that must be there; 0 when none must. */
  long log() {
    return log;
  }
}
