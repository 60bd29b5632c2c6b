package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Folders as a whole. */
final class Folders {
  private Folders() {}

  static void delete(Path folder) {
    for (Path path : below(folder).sorted(Comparator.reverseOrder()).toList()) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + path, e);
      }
    }
  }

  /** Copies the files that are wanted, with the folders they are in. */
  static void copy(Path from, Path to, Predicate<Path> wanted) {
    List<Path> files = below(from).filter(Files::isRegularFile).filter(wanted).toList();
    for (Path file : files) {
      try {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      } catch (NoSuchFileException e) {
        // A process deleted it just now.
      } catch (IOException e) {
        throw new UncheckedIOException("cannot copy " + file, e);
      }
    }
  }

  private static Stream<Path> below(Path folder) {
    if (!Files.exists(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
