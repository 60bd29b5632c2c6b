package io.holdfast.master;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Time that passes also while the machine is suspended: the larger of what the monotonic clock and
 * (Linux) {@code /proc/uptime} say has passed. Where there is no such file, the monotonic clock
 * alone. Thread-safe.
 */
final class AwakeClock implements Supplier<Duration> {
  private final Path file;
  private final long nanos = System.nanoTime();
  private final Duration uptime;

  AwakeClock() {
    this(Path.of("/proc/uptime"));
  }

  AwakeClock(Path file) {
    this.file = file;
    this.uptime = uptime();
  }

  @Override
  public Duration get() {
    Duration monotonic = Duration.ofNanos(System.nanoTime() - nanos);
    Duration sinceBoot = uptime().minus(uptime);
    return sinceBoot.compareTo(monotonic) > 0 ? sinceBoot : monotonic;
  }

  private Duration uptime() {
    try {
      String seconds = Files.readString(file).split(" ")[0];
      return Duration.ofMillis(Math.round(Double.parseDouble(seconds) * 1000));
    } catch (IOException | NumberFormatException e) {
      return Duration.ZERO;
    }
  }
}
