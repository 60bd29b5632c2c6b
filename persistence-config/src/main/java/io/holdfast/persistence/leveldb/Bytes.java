package io.holdfast.persistence.leveldb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/** How numbers, texts and checksums lie in LevelDB's files. */
final class Bytes {
  /** How many bytes a length takes at most. */
  static final int LONGEST_VARINT = 5;

  private static final int MASK_DELTA = 0xa282ead8;

  private Bytes() {}

  static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a part of a file; less than {@code length} bytes only when it ends before. */
  static byte[] read(Path file, long offset, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int there = (int) Math.max(0, Math.min(length, channel.size() - offset));
      ByteBuffer in = ByteBuffer.allocate(there);
      while (in.hasRemaining() && channel.read(in, offset + in.position()) >= 0) {
        // Until it is full.
      }
      return in.array();
    }
  }

  /** The checksum as LevelDB stores it. */
  static int checksum(ByteBuffer of) {
    CRC32C crc = new CRC32C();
    crc.update(of);
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + MASK_DELTA;
  }

  /**
   * A number of variable length.
   *
   * @throws IllegalArgumentException when there is none
   */
  static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 64 && in.hasRemaining(); shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number has no end");
  }

  /**
   * Bytes with their length before them.
   *
   * @throws IllegalArgumentException when there are fewer
   */
  static byte[] sized(ByteBuffer in) {
    return exactly(in, varint(in));
  }

  /** Puts bytes with their length before them. */
  static void putSized(ByteBuffer out, byte[] bytes) {
    int left = bytes.length;
    for (; left > 0x7f; left >>>= 7) {
      out.put((byte) (left | 0x80));
    }
    out.put((byte) left).put(bytes);
  }

  static byte[] exactly(ByteBuffer in, long length) {
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(
          length + " bytes should follow, there are " + in.remaining());
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }
}
