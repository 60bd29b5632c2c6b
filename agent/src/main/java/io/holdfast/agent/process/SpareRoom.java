package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Replaces a record also where the disk is full to the last byte, as a lease must be: otherwise a
 * full disk that lasts longer than a lease ends the tasks of every master, though they are heard.
 *
 * <p>Beside the record lies a spare file that has its place on the disk already. When there is no
 * room for a new file, the record is written over the spare, and the two change names. Only then: a
 * reader that was stopped between opening the record and reading it would see a later one come into
 * being. Where a file system copies what is written over (btrfs, ZFS), nothing is gained and
 * nothing lost.
 *
 * <p>Threading: stateless, one writer for each record. Errors: {@link UncheckedIOException}, that
 * of the ordinary way.
 */
final class SpareRoom {
  private static final String SPARE = ".spare";
  private static final String FORMER = ".former";

  private SpareRoom() {}

  /** As {@link Records#replace(Path, List, Optional)}. */
  static void replace(Path file, List<String> lines, Instant modified) {
    Path spare = file.resolveSibling(file.getFileName() + SPARE);
    try {
      Records.replace(file, lines, Optional.of(modified));
    } catch (UncheckedIOException full) {
      try {
        replaceBySpare(file, spare, lines, modified);
        return;
      } catch (IOException e) {
        full.addSuppressed(e);
        throw full;
      }
    }
    if (!Files.exists(spare)) {
      makeSpare(spare, lines);
    }
  }

  private static void makeSpare(Path spare, List<String> lines) {
    try {
      Files.write(spare, lines);
    } catch (IOException withoutSpare) {
      // An empty one would be taken for one with room.
      boolean ignored = spare.toFile().delete();
    }
  }

  /**
   * After a crash between the steps the record is whole, and the spare has one of its two names.
   */
  private static void replaceBySpare(Path file, Path spare, List<String> lines, Instant modified)
      throws IOException {
    Path former = file.resolveSibling(file.getFileName() + FORMER);
    if (Files.exists(former) && !Files.exists(spare)) {
      Files.move(former, spare, StandardCopyOption.ATOMIC_MOVE);
    }
    Files.deleteIfExists(former);
    byte[] record = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII);
    try (SeekableByteChannel out = Files.newByteChannel(spare, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(record);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.truncate(record.length);
    }
    Files.setLastModifiedTime(spare, FileTime.from(modified));
    Files.createLink(former, file);
    Files.move(spare, file, StandardCopyOption.ATOMIC_MOVE);
    Files.move(former, spare, StandardCopyOption.ATOMIC_MOVE);
  }
}
