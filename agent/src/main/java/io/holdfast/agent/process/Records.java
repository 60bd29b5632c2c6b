package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Records of one line, shared with the shell scripts. A record is written at once and ended by a
 * newline; one without its newline is not there.
 *
 * <p>Threading: stateless. Errors: {@link UncheckedIOException}, except that a missing file is an
 * absent record.
 */
final class Records {

  private Records() {}

  static Optional<String> read(Path file) {
    return lines(file, 1).filter(lines -> !lines.isEmpty()).map(lines -> lines.get(0));
  }

  /** Up to {@code most} whole lines; absent if there is no file. */
  static Optional<List<String>> lines(Path file, int most) {
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      List<String> lines = new ArrayList<>();
      int from = 0;
      for (int end = text.indexOf('\n');
          end >= 0 && lines.size() < most;
          end = text.indexOf('\n', from)) {
        lines.add(text.substring(from, end));
        from = end + 1;
      }
      return Optional.of(lines);
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Creates the record; false when the file is there already, with or without contents (O_EXCL: one
   * wins).
   */
  static boolean createOnce(Path file, String line) {
    try (WritableByteChannel out =
        Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeLine(out, line);
      return true;
    } catch (FileAlreadyExistsException lost) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Replaces the record: readers see the old one or the new one. Not synced: a boot id in it voids
   * it after a crash.
   */
  static void replace(Path file, String line) {
    replace(file, List.of(line), Optional.empty());
  }

  /** As {@link #replace(Path, String)}, with more lines, and a time of modification of our own. */
  static void replace(Path file, List<String> lines, Optional<Instant> modified) {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (WritableByteChannel out =
          Files.newByteChannel(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        for (String line : lines) {
          writeLine(out, line);
        }
      }
      if (modified.isPresent()) {
        Files.setLastModifiedTime(next, FileTime.from(modified.get()));
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeLine(WritableByteChannel out, String line) throws IOException {
    if (line.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("a record is one line");
    }
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
