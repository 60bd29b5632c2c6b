package io.holdfast.persistence.leveldb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A log of LevelDB, or its manifest, which has the same form: blocks of 32 KiB, in them records
 * with a checksum each; what is longer is spread over several.
 *
 * <p>A file may end in zeros (room that was reserved), or in a write that never came to its end. It
 * is for the user to tell the latter from damage: see {@link Damaged#recordsFollow}.
 */
final class LogFile {
  private static final int BLOCK = 32 << 10;
  private static final int HEADER = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;

  private final Path file;
  private final ByteBuffer in;
  private final List<Piece> pieces = new ArrayList<>();
  private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
  private long partsBegin = -1;

  private LogFile(Path file, byte[] bytes) {
    this.file = file;
    this.in = Bytes.wrap(bytes);
  }

  /** What is in the file, in its order. */
  sealed interface Piece {}

  /** What was written in one go, and where it begins. */
  record Written(long offset, byte[] bytes) implements Piece {}

  /**
   * A place where nothing can be read.
   *
   * @param recordsFollow whether something intact begins after it: then this is not how a write
   *     looks that was interrupted
   */
  record Damaged(Damage damage, boolean recordsFollow) implements Piece {}

  /** Reads the file to its end, over damaged places. */
  static List<Piece> read(Path file) throws IOException {
    LogFile log = new LogFile(file, Files.readAllBytes(file));
    log.read();
    return log.pieces;
  }

  private void read() {
    int end = in.limit();
    int at = 0;
    while (at < end) {
      int room = BLOCK - at % BLOCK;
      if (room < HEADER) {
        if (!isZero(at, Math.min(end, at + room))) {
          damaged(at, "the unused end of a block is not empty");
        }
        at += room;
        continue;
      }
      if (isZero(at, end)) {
        break;
      }
      at = readOne(at, Math.min(end, at + room));
    }
    if (partsBegin >= 0) {
      damaged(partsBegin, "the file ends in the middle of a record");
    }
  }

  /** Reads the record at {@code at}; where the next one is looked for. */
  private int readOne(int at, int blockEnd) {
    if (at + HEADER > blockEnd) {
      damaged(at, "the file ends in the middle of a record");
      return in.limit();
    }
    int length = in.getShort(at + 4) & 0xffff;
    int type = in.get(at + 6);
    int next = at + HEADER + length;
    Optional<String> wrong = check(at, length, type, blockEnd);
    if (wrong.isPresent()) {
      damaged(at, wrong.get());
      boolean placeIsKnown = type >= FULL && type <= LAST && next < blockEnd;
      return placeIsKnown ? next : blockEnd;
    }
    if (type == FULL || type == FIRST) {
      if (partsBegin >= 0) {
        damaged(partsBegin, "a record has no end");
      }
      parts.reset();
      partsBegin = at;
      markFollowed();
    } else if (partsBegin < 0) {
      damaged(at, "a record has no beginning");
      return next;
    }
    parts.write(in.array(), at + HEADER, length);
    if (type == FULL || type == LAST) {
      pieces.add(new Written(partsBegin, parts.toByteArray()));
      partsBegin = -1;
    }
    return next;
  }

  private Optional<String> check(int at, int length, int type, int blockEnd) {
    if (at + HEADER + length > blockEnd) {
      return Optional.of(
          blockEnd == in.limit() ? "the file ends in the middle of a record" : "a wrong length");
    }
    if (type < FULL || type > LAST) {
      return Optional.of("a record of the unknown kind " + type);
    }
    int stored = in.getInt(at);
    if (stored != Bytes.checksum(ByteBuffer.wrap(in.array(), at + 6, length + 1))) {
      return Optional.of("the checksum of a record does not match");
    }
    return Optional.empty();
  }

  private void damaged(long at, String what) {
    partsBegin = -1;
    pieces.add(new Damaged(new Damage(file, at, what), false));
  }

  private void markFollowed() {
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i) instanceof Damaged damaged && !damaged.recordsFollow()) {
        pieces.set(i, new Damaged(damaged.damage(), true));
      }
    }
  }

  private boolean isZero(int from, int to) {
    for (int i = from; i < to; i++) {
      if (in.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
