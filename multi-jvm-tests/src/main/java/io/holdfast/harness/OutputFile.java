package io.holdfast.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The output of one process in a file that may already hold that of others before it. */
final class OutputFile {
  private static final int TAIL_LINES = 40;
  private static final int TAIL_BYTES_MAX = 16 << 10;
  private static final int READ_BYTES_MAX = 64 << 10;

  private final Path path;
  private final long start;

  private OutputFile(Path path, long start) {
    this.path = path;
    this.start = start;
  }

  /** What is going to be appended. */
  static OutputFile endOf(Path path) throws IOException {
    return new OutputFile(path, Files.exists(path) ? Files.size(path) : 0);
  }

  Path path() {
    return path;
  }

  Cursor fromStart() {
    return new Cursor();
  }

  String tail() {
    byte[] bytes = read(Math.max(start, sizeOrStart() - TAIL_BYTES_MAX), TAIL_BYTES_MAX);
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    StringBuilder tail = new StringBuilder();
    for (int i = Math.max(0, lines.length - TAIL_LINES); i < lines.length; i++) {
      tail.append("  | ").append(lines[i]).append('\n');
    }
    return tail.toString();
  }

  /** Goes through the lines once, as they come. */
  final class Cursor {
    private long position = start;

    /** The next whole line in which {@code pattern} is found, if there is one by now. */
    Optional<Matcher> find(Pattern pattern) {
      while (true) {
        byte[] bytes = read(position, READ_BYTES_MAX);
        int begin = 0;
        for (int i = 0; i < bytes.length; i++) {
          if (bytes[i] == '\n') {
            Matcher line =
                pattern.matcher(new String(bytes, begin, i - begin, StandardCharsets.UTF_8));
            begin = i + 1;
            if (line.find()) {
              position += begin;
              return Optional.of(line);
            }
          }
        }
        position += begin == 0 && bytes.length == READ_BYTES_MAX ? bytes.length : begin;
        if (bytes.length < READ_BYTES_MAX) {
          return Optional.empty();
        }
      }
    }
  }

  private long sizeOrStart() {
    try {
      return Files.exists(path) ? Files.size(path) : start;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] read(long from, int bytesMax) {
    if (sizeOrStart() <= from) {
      return new byte[0];
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(bytesMax, file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
