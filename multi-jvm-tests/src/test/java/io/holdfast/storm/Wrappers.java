package io.holdfast.storm;

import io.holdfast.harness.LocalSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes that wait for a task's end to write it down, found by their mark. */
final class Wrappers {
  private static final String MARK = "HOLDFAST_WRAPPER=";

  /** One wrapper, and whose it is. */
  record Wrapper(long pid, String execution) {}

  private Wrappers() {}

  /** All that live of the tasks of a system. */
  static List<Wrapper> of(LocalSystem system) throws IOException {
    List<Wrapper> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (text(process.resolve("cmdline")).contains(system.folder().toString())) {
          for (String variable : text(process.resolve("environ")).split("\0")) {
            if (variable.startsWith(MARK)) {
              String execution = variable.substring(variable.indexOf('/') + 1).split("@", 2)[0];
              found.add(new Wrapper(Long.parseLong(process.getFileName().toString()), execution));
            }
          }
        }
      }
    }
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
