package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The agent's clock: the time since the machine booted, as {@code /proc/uptime} counts it, so that
 * shells and a later life of the agent read the same clock (R2).
 *
 * <p>It is the larger of what {@link System#nanoTime} and {@code /proc/uptime} say. The former
 * stands still while the machine is suspended, the latter does not: a lease ends early then, never
 * late. It never goes backwards. Each call reads {@code /proc/uptime} (one pread, about a
 * microsecond): a cached value would be late after a suspend.
 *
 * <p>Threading: safe. State: soft. Without {@code /proc} it counts {@code nanoTime} from an origin
 * of this JVM, and the boot id is {@code unknown}.
 */
public final class BootClock {

  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final String BOOT_ID = readBootId();

  private final FileChannel uptime;
  private final LongSupplier monotonicNanos;
  private final long originNanos;
  private final AtomicLong newest = new AtomicLong();

  /** With another file for {@code /proc/uptime}, and another monotonic clock. */
  BootClock(Path uptime, LongSupplier monotonicNanos) {
    this.uptime = openOrNull(uptime);
    this.monotonicNanos = monotonicNanos;
    this.originNanos = monotonicNanos.getAsLong() - Math.max(0, readUptimeNanos());
  }

  public static BootClock open() {
    return new BootClock(UPTIME, System::nanoTime);
  }

  private static FileChannel openOrNull(Path uptime) {
    try {
      return FileChannel.open(uptime, StandardOpenOption.READ);
    } catch (IOException withoutProc) {
      return null;
    }
  }

  /** Time since boot. */
  public Duration now() {
    long value = Math.max(readUptimeNanos(), monotonicNanos.getAsLong() - originNanos);
    return Duration.ofNanos(newest.accumulateAndGet(value, Math::max));
  }

  /** Which boot the clock counts from. */
  public String bootId() {
    return BOOT_ID;
  }

  static String currentBootId() {
    return BOOT_ID;
  }

  static long toCentis(Duration time) {
    return time.toMillis() / 10;
  }

  static Duration ofCentis(long centis) {
    return Duration.ofMillis(Math.multiplyExact(centis, 10L));
  }

  /** -1 without /proc. */
  private long readUptimeNanos() {
    if (uptime == null) {
      return -1;
    }
    try {
      ByteBuffer buffer = ByteBuffer.allocate(64);
      int length = uptime.read(buffer, 0);
      return parseUptimeNanos(
          new String(buffer.array(), 0, Math.max(0, length), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      return -1;
    }
  }

  /** {@code SECONDS.CENTISECONDS IDLE}. */
  static long parseUptimeNanos(String text) {
    int dot = text.indexOf('.');
    if (dot < 1 || text.length() < dot + 3) {
      return -1;
    }
    long seconds = Long.parseLong(text, 0, dot, 10);
    long centis = Long.parseLong(text, dot + 1, dot + 3, 10);
    return (seconds * 100 + centis) * 10_000_000L;
  }

  private static String readBootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
    } catch (IOException withoutProc) {
      return "unknown";
    }
  }
}
