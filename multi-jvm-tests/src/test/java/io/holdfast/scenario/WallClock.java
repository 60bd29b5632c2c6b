package io.holdfast.scenario;

import io.holdfast.harness.LocalSystemBuilder;
import io.holdfast.testing.machine.Needed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A wall clock of one machine that a test sets in the middle of a run; the clock of the real
 * machine is nobody's to set. It is a library of C that is preloaded, {@code wall-clock.c}; tests
 * that use it need a C compiler.
 *
 * <p>libfaketime does not serve: it shifts the dates of all files along with the clock, so that a
 * guardian, which compares two of them, never sees a leap.
 */
final class WallClock {
  private static final String SOURCE = "wall-clock.c";

  /** More than a lease of these tests and what they wait for, less than they leap. */
  private static final Duration ABOUT = Duration.ofSeconds(200);

  private final Path library;
  private final Path offsetFile;
  private final Path programs;
  private final MappedByteBuffer offset;

  private WallClock(Path folder) throws IOException {
    library = folder.resolve("wall-clock.so");
    offsetFile = folder.resolve("offset");
    programs = folder.resolve("programs");
    Files.write(offsetFile, new byte[Long.BYTES]);
    try (FileChannel channel =
        FileChannel.open(offsetFile, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      offset = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
      offset.order(ByteOrder.nativeOrder());
    }
  }

  /** Compiles the library into {@code folder}; {@link Needed} where that cannot be done. */
  static WallClock in(Path folder) throws IOException, InterruptedException {
    WallClock clock = new WallClock(folder);
    Path source = folder.resolve(SOURCE);
    try (InputStream in = WallClock.class.getResourceAsStream(SOURCE)) {
      Files.copy(in, source);
    }
    Path log = folder.resolve("gcc.log");
    boolean compiled = false;
    try {
      Process compiler =
          new ProcessBuilder(
                  List.of(
                      "gcc",
                      "-O2",
                      "-shared",
                      "-fPIC",
                      "-o",
                      clock.library.toString(),
                      source.toString(),
                      "-ldl"))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      compiled = compiler.waitFor(60, TimeUnit.SECONDS) && compiler.exitValue() == 0;
    } catch (IOException noCompiler) {
      Files.writeString(log, noCompiler.toString());
    }
    Needed.require(
        compiled,
        "no C compiler with the headers of the C library (apt-get install gcc libc6-dev): "
            + Files.readString(log));
    clock.writeSetsid();
    return clock;
  }

  /**
   * An agent gives its guardian and its tasks an environment of their own, so that the library
   * comes to them by the program that starts both.
   */
  private void writeSetsid() throws IOException {
    Files.createDirectory(programs);
    Path script = programs.resolve("setsid");
    Files.writeString(
        script,
        """
        #!/bin/sh
        export LD_PRELOAD='%s' HOLDFAST_TEST_CLOCK='%s'
        exec /usr/bin/setsid "$@"
        """
            .formatted(library, offsetFile));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** This is the wall clock of all masters. */
  LocalSystemBuilder ofMasters(LocalSystemBuilder plan) {
    return plan.masterEnvironment("LD_PRELOAD", library.toString())
        .masterEnvironment("HOLDFAST_TEST_CLOCK", offsetFile.toString());
  }

  /** This is the wall clock of the agents' machine: of their guardians and tasks too. */
  LocalSystemBuilder ofAgents(LocalSystemBuilder plan) {
    return plan.agentEnvironment("LD_PRELOAD", library.toString())
        .agentEnvironment("HOLDFAST_TEST_CLOCK", offsetFile.toString())
        .agentEnvironment("PATH", programs + ":" + System.getenv("PATH"));
  }

  /** Sets it forward, or back. */
  void leap(Duration by) {
    offset.putLong(0, Math.addExact(offset.getLong(0), by.toNanos()));
  }

  /** Waits until the guardian of an agent has looked at this clock as it is now. */
  void awaitGuardian(Path data) {
    awaitDate(data.resolve("guardian.tick"));
  }

  /** Waits until an agent that is heard has renewed the lease of a master by this clock. */
  void awaitLease(Path data, String master) {
    awaitDate(data.resolve("masters").resolve(master).resolve("deadline"));
  }

  private void awaitDate(Path file) {
    Instant now = Instant.now().plusNanos(offset.getLong(0));
    Scenarios.eventually()
        .until(
            () ->
                Duration.between(now, Files.getLastModifiedTime(file).toInstant())
                        .abs()
                        .compareTo(ABOUT)
                    < 0);
  }

  static String guardianLog(Path data) {
    try {
      Path log = data.resolve("guardian.log");
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
