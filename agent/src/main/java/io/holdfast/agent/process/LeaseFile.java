package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Until when the tasks of one master may run: {@code <data>/masters/<masterId>/deadline}, a line
 * {@code DEADLINE GRACE BOOT_ID} in centiseconds of {@link BootClock} (R2, R12). The guardian, and
 * each job before it begins, read it.
 *
 * <p>It is renamed into place, so nobody reads half of it, and not synced: a crash of the machine
 * changes the boot id, and then the lease is over whatever the file says. It is rounded down: a
 * lease may end early, never late.
 *
 * <p>Threading: one writer. Hard state: the file. Errors: {@link UncheckedIOException}; the caller
 * must not rely on a deadline that it could not write.
 */
public final class LeaseFile {

  /** As read; of another boot it is over. */
  public record Lease(Duration deadline, Duration grace, String bootId) {
    public boolean isOver(Duration now) {
      return !bootId.equals(BootClock.currentBootId()) || now.compareTo(deadline) >= 0;
    }
  }

  private final Path file;

  public LeaseFile(Path data, String masterId) {
    this.file = data.toAbsolutePath().resolve("masters").resolve(masterId).resolve("deadline");
  }

  public void write(Duration deadline, Duration grace) {
    String line =
        BootClock.toCentis(deadline)
            + (" " + BootClock.toCentis(grace) + " " + BootClock.currentBootId());
    try {
      if (!Files.isDirectory(file.getParent())) {
        Files.createDirectories(file.getParent(), TaskDirectory.PRIVATE);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Records.replace(file, line);
  }

  public Optional<Lease> read() {
    return Records.read(file)
        .map(line -> line.split(" "))
        .filter(words -> words.length == 3)
        .map(
            words ->
                new Lease(
                    BootClock.ofCentis(Long.parseLong(words[0])),
                    BootClock.ofCentis(Long.parseLong(words[1])),
                    words[2]));
  }
}
