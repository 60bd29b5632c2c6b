package io.holdfast.agent.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Until when the tasks of one master may run: {@code <data>/masters/<masterId>/deadline}, a line
 * {@code DEADLINE GRACE BOOT_ID} and a line {@code PROVEN_AT}, in centiseconds of {@link BootClock}
 * (R2, R12). The guardian, and each job before it begins, read it. A release that knows only the
 * first line reads only that.
 *
 * <p>The file's time of modification lies ahead: it is what the wall clock will show when the
 * deadline has passed by {@link #WALL_MARGIN}. A shell can compare that with the time of a file
 * that it touches, without starting a process. A wall clock beyond it before the deadline has
 * passed means that the lease is in doubt.
 *
 * <p>It is renamed into place, so nobody reads half of it, and not synced: a crash of the machine
 * changes the boot id, and then the lease is over whatever the file says. It is rounded down: a
 * lease may end early, never late.
 *
 * <p>Threading: one writer. Hard state: the file. Errors: {@link UncheckedIOException}; the caller
 * must not rely on a deadline that it could not write.
 */
public final class LeaseFile {

  /** How much later than the deadline a wall clock may be without anybody wondering. */
  static final Duration WALL_MARGIN = Duration.ofSeconds(2);

  private static final BootClock CLOCK = BootClock.open();

  /**
   * As read; of another boot it is over.
   *
   * @param provenAt the newest anchor by which the master surely heard this agent, and what it then
   *     wanted stopped is being stopped
   */
  public record Lease(Duration deadline, Duration grace, String bootId, Duration provenAt) {
    public boolean isOver(Duration now) {
      return !bootId.equals(BootClock.currentBootId()) || now.compareTo(deadline) >= 0;
    }
  }

  private final Path file;

  public LeaseFile(Path data, String masterId) {
    this.file = data.toAbsolutePath().resolve("masters").resolve(masterId).resolve("deadline");
  }

  /** Writes a lease that was proven just now, by a wall clock that nobody doubts. */
  public void write(Duration deadline, Duration grace) {
    Duration now = CLOCK.now();
    write(deadline, grace, now, Instant.now().plus(deadline).minus(now));
  }

  /**
   * @param provenAt as of {@link Lease}
   * @param wallDeadline what the wall clock will show at the deadline; see {@link WallOffset}
   */
  public void write(Duration deadline, Duration grace, Duration provenAt, Instant wallDeadline) {
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
    SpareRoom.replace(
        file,
        List.of(line, Long.toString(BootClock.toCentis(provenAt))),
        wallDeadline.plus(WALL_MARGIN));
  }

  public Optional<Lease> read() {
    return Records.lines(file, 2).filter(lines -> !lines.isEmpty()).flatMap(LeaseFile::parse);
  }

  private static Optional<Lease> parse(List<String> lines) {
    Duration proven =
        lines.size() > 1 ? BootClock.ofCentis(Long.parseLong(lines.get(1))) : Duration.ZERO;
    return Optional.of(lines.get(0).split(" "))
        .filter(words -> words.length == 3)
        .map(
            words ->
                new Lease(
                    BootClock.ofCentis(Long.parseLong(words[0])),
                    BootClock.ofCentis(Long.parseLong(words[1])),
                    words[2],
                    proven));
  }
}
