package io.holdfast.testing.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Damages the embedded journal of a program that is stopped, as a disk would. */
public final class DamagedLog {
  private DamagedLog() {}

  /**
   * Changes one byte of the newest log, right behind the first place where these words stand. What
   * the journal was told in an earlier life is not in it.
   */
  public static void behind(Path journal, String words) {
    byte[] sought = words.getBytes(StandardCharsets.UTF_8);
    try (Stream<Path> files = Files.list(journal)) {
      List<Path> logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
      Path log = logs.get(logs.size() - 1);
      byte[] bytes = Files.readAllBytes(log);
      int at = 0;
      while (!Arrays.equals(bytes, at, at + sought.length, sought, 0, sought.length)) {
        at++;
        if (at + sought.length >= bytes.length) {
          throw new AssertionError("'" + words + "' is not in " + log);
        }
      }
      bytes[at + sought.length] ^= 1;
      Files.write(log, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
