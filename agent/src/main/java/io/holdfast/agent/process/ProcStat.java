package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code /proc/PID/stat} says of one process at one moment (Linux; elsewhere there is never
 * one).
 *
 * <p>Threading: immutable. Errors: a process that cannot be read is absent.
 */
record ProcStat(
    long pid, char state, long parent, long group, long session, long flags, long startTicks) {

  private static final long KERNEL_THREAD = 0x0020_0000;
  static final Path PROC = Path.of("/proc");

  static final boolean AVAILABLE = Files.isReadable(PROC.resolve("self/stat"));

  static Optional<ProcStat> read(long pid) {
    try {
      return parse(Files.readAllBytes(PROC.resolve(pid + "/stat")));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /**
   * The command's name, field 2, may hold spaces and parentheses: what counts follows the last one.
   */
  static Optional<ProcStat> parse(byte[] bytes) {
    String line = new String(bytes, StandardCharsets.ISO_8859_1);
    int open = line.indexOf(" (");
    int close = line.lastIndexOf(") ");
    if (open < 0 || close < open) {
      return Optional.empty();
    }
    String[] fields = line.substring(close + 2).split(" ", 21);
    if (fields.length < 21) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcStat(
            Long.parseLong(line.substring(0, open)),
            fields[0].charAt(0),
            Long.parseLong(fields[1]),
            Long.parseLong(fields[2]),
            Long.parseLong(fields[3]),
            Long.parseLong(fields[6]),
            Long.parseLong(fields[19])));
  }

  /** A zombie has ended; only its parent has not looked yet. */
  boolean alive() {
    return state != 'Z' && state != 'X';
  }

  boolean kernelThread() {
    return (flags & KERNEL_THREAD) != 0;
  }
}
