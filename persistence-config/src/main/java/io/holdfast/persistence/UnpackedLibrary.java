package io.holdfast.persistence;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The file into which leveldbjni unpacks its library, a megabyte in the folder for temporary files.
 * It is deleted at the end of the process, which one that is killed does not reach: so it is
 * deleted as soon as it is loaded, which needs it no more. Any thread may use this.
 */
final class UnpackedLibrary {
  private static final Path MAPPED = Path.of("/proc/self/maps");

  private UnpackedLibrary() {}

  /** Where it is; empty when it was not unpacked, or nobody can tell. */
  static List<Path> files() {
    String unpacked = Path.of(System.getProperty("java.io.tmpdir"), "libleveldbjni-").toString();
    try (Stream<String> mapped = Files.lines(MAPPED)) {
      return mapped
          .filter(line -> line.contains(unpacked) && !line.endsWith(" (deleted)"))
          .map(line -> Path.of(line.substring(line.indexOf(unpacked))))
          .distinct()
          .toList();
    } catch (IOException | RuntimeException noSuchSystem) {
      return List.of();
    }
  }

  /** Deletes it; a failure costs room, and nothing else. */
  static void delete() {
    for (Path file : files()) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LoggerFactory.getLogger(UnpackedLibrary.class).debug("{} stays: {}", file, e.toString());
      }
    }
  }
}
