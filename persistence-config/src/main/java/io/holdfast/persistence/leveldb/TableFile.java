package io.holdfast.persistence.leveldb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A table of LevelDB: blocks of sorted entries with a checksum each, an index of the blocks, and a
 * footer that says where the index is. The index is held in memory, blocks are not.
 */
final class TableFile {
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final int SEQUENCE = 8;
  private static final long MAGIC = 0xdb4775248b80fb57L;

  private final Path file;
  private final List<Block> blocks;

  private TableFile(Path file, List<Block> blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  /** Where a block is, and which keys can be in it. */
  record Block(Range keys, long offset, int size) {}

  /** What cannot be read. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Damage damage;

    DamagedException(Damage damage) {
      super(damage.toString());
      this.damage = damage;
    }

    Damage damage() {
      return damage;
    }
  }

  /** Reads footer and index. */
  static TableFile open(Path file) throws DamagedException {
    try {
      long size = Files.size(file);
      if (size < FOOTER) {
        throw damaged(file, 0, "a table has at least 48 bytes, this file has " + size);
      }
      ByteBuffer footer = Bytes.wrap(Bytes.read(file, size - FOOTER, FOOTER));
      if (footer.getLong(FOOTER - Long.BYTES) != MAGIC) {
        throw damaged(file, size - Long.BYTES, "it does not end as a table does");
      }
      try {
        long unusedOffset = Bytes.varint(footer);
        long unusedSize = Bytes.varint(footer);
        TableFile itself = new TableFile(file, new ArrayList<>());
        itself.content(new Block(Range.ALL, unusedOffset, size(unusedSize)));
        long offset = Bytes.varint(footer);
        long length = Bytes.varint(footer);
        itself.index(new Block(Range.ALL, offset, size(length)), size);
        return itself;
      } catch (IllegalArgumentException e) {
        throw damaged(file, size - FOOTER, "the footer: " + e.getMessage());
      }
    } catch (IOException e) {
      throw damaged(file, 0, "it cannot be read (" + e + ")");
    }
  }

  List<Block> blocks() {
    return blocks;
  }

  /** The entries of a block. */
  List<Entry> read(Block block) throws DamagedException {
    List<Entry> entries = new ArrayList<>();
    for (Pair pair : pairs(block)) {
      if (pair.key.length < SEQUENCE) {
        throw damaged(file, block.offset, "a key of " + pair.key.length + " bytes");
      }
      int length = pair.key.length - SEQUENCE;
      long tail = Bytes.wrap(pair.key).getLong(length);
      entries.add(
          new Entry(Arrays.copyOf(pair.key, length), tail >>> 8, (tail & 0xff) == 1, pair.value));
    }
    return entries;
  }

  private void index(Block index, long fileSize) throws DamagedException {
    byte[] after = new byte[0];
    for (Pair pair : pairs(index)) {
      ByteBuffer handle = Bytes.wrap(pair.value);
      try {
        long offset = Bytes.varint(handle);
        long size = Bytes.varint(handle);
        if (pair.key.length < SEQUENCE || offset < 0 || size < 0 || offset + size > fileSize) {
          throw new IllegalArgumentException("it names a block that is not there");
        }
        byte[] last = Arrays.copyOf(pair.key, pair.key.length - SEQUENCE);
        blocks.add(new Block(new Range(after, last), offset, size(size)));
        after = last;
      } catch (IllegalArgumentException e) {
        throw damaged(file, index.offset, "the index: " + e.getMessage());
      }
    }
  }

  private record Pair(byte[] key, byte[] value) {}

  private List<Pair> pairs(Block block) throws DamagedException {
    ByteBuffer in = content(block);
    List<Pair> pairs = new ArrayList<>();
    try {
      int restarts = in.getInt(in.limit() - Integer.BYTES);
      long end = in.limit() - Integer.BYTES * (restarts + 1L);
      if (restarts < 0 || end < 0) {
        throw new IllegalArgumentException(restarts + " places to start at");
      }
      in.limit((int) end);
      byte[] key = new byte[0];
      while (in.hasRemaining()) {
        int shared = size(Bytes.varint(in));
        int own = size(Bytes.varint(in));
        int length = size(Bytes.varint(in));
        byte[] rest = Bytes.exactly(in, own);
        if (shared > key.length) {
          throw new IllegalArgumentException("a key that shares more than there is");
        }
        key = Arrays.copyOf(key, shared + own);
        System.arraycopy(rest, 0, key, shared, own);
        pairs.add(new Pair(key, Bytes.exactly(in, length)));
      }
      return pairs;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw damaged(file, block.offset, "a block: " + e.getMessage());
    }
  }

  private ByteBuffer content(Block block) throws DamagedException {
    byte[] bytes;
    try {
      bytes = Bytes.read(file, block.offset, Math.addExact(block.size, TRAILER));
    } catch (IOException | ArithmeticException e) {
      throw damaged(file, block.offset, "it cannot be read (" + e + ")");
    }
    if (bytes.length < block.size + TRAILER || bytes.length < TRAILER + Integer.BYTES) {
      throw damaged(file, block.offset, "a block of %d bytes is cut off".formatted(block.size));
    }
    ByteBuffer in = Bytes.wrap(bytes);
    if (in.getInt(block.size + 1) != Bytes.checksum(ByteBuffer.wrap(bytes, 0, block.size + 1))) {
      throw damaged(file, block.offset, "the checksum of a block does not match");
    }
    if (bytes[block.size] != 0) {
      throw damaged(file, block.offset, "a compressed block, which this journal does not write");
    }
    return in.limit(block.size);
  }

  private static int size(long number) {
    if (number < 0 || number > Integer.MAX_VALUE - FOOTER) {
      throw new IllegalArgumentException("a length of " + number);
    }
    return (int) number;
  }

  private static DamagedException damaged(Path file, long offset, String what) {
    return new DamagedException(new Damage(file, offset, what));
  }
}
