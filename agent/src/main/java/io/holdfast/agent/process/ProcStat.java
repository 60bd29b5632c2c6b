package io.holdfast.agent.process;

import java.io.FileInputStream;
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
    long pid,
    char state,
    long parent,
    long group,
    long session,
    long flags,
    long startTicks,
    Image image) {

  /**
   * What only an exec changes: the program's name, and where its stack and its environment lie. All
   * zero where the kernel does not tell, as of another user's process.
   */
  record Image(String name, long stack, long environment, long environmentEnd) {
    /** Whether it says anything: a process in the middle of an exec has no environment yet. */
    boolean isKnown() {
      return environmentEnd != 0;
    }

    boolean isWithoutEnvironment() {
      return isKnown() && environment == environmentEnd;
    }
  }

  private static final long KERNEL_THREAD = 0x0020_0000;
  private static final long EXITING = 0x0000_0004;
  static final Path PROC = Path.of("/proc");

  static final boolean AVAILABLE = Files.isReadable(PROC.resolve("self/stat"));

  /** Where the fields of the kernel's table are, counted from the first after the name. */
  private static final int PARENT = 1;

  private static final int GROUP = 2;
  private static final int SESSION = 3;
  private static final int FLAGS = 6;
  private static final int START = 19;
  private static final int STACK = 25;
  private static final int ENVIRONMENT = 47;
  private static final int ENVIRONMENT_END = 48;
  private static final int MOST_BYTES = 2048;

  static Optional<ProcStat> read(long pid) {
    // Not by Files: this is read thousands of times a second, and that takes three times as long.
    try (FileInputStream in = new FileInputStream("/proc/" + pid + "/stat")) {
      byte[] bytes = new byte[MOST_BYTES];
      int length = in.readNBytes(bytes, 0, bytes.length);
      return parse(bytes, length);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  static Optional<ProcStat> parse(byte[] bytes) {
    return parse(bytes, bytes.length);
  }

  /**
   * The command's name, field 2, may hold spaces and parentheses: what counts follows the last one.
   */
  private static Optional<ProcStat> parse(byte[] bytes, int length) {
    int open = indexOf(bytes, length, '(');
    int close = length - 1;
    while (close > open && bytes[close] != ')') {
      close--;
    }
    int state = close + 2;
    if (open < 2 || close <= open || state >= length) {
      return Optional.empty();
    }
    long[] fields = new long[ENVIRONMENT_END + 1];
    int count = numbers(bytes, state + 1, length, fields);
    if (count <= START) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcStat(
            number(bytes, 0, open - 1),
            (char) bytes[state],
            fields[PARENT],
            fields[GROUP],
            fields[SESSION],
            fields[FLAGS],
            fields[START],
            new Image(
                new String(bytes, open + 1, close - open - 1, StandardCharsets.ISO_8859_1),
                fields[STACK],
                fields[ENVIRONMENT],
                fields[ENVIRONMENT_END])));
  }

  private static int indexOf(byte[] bytes, int length, char wanted) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  /** Reads numbers, each after a space, from the second on; returns up to which one. */
  private static int numbers(byte[] bytes, int from, int length, long[] into) {
    int field = 0;
    int at = from;
    while (at < length && bytes[at] == ' ' && field + 1 < into.length) {
      int end = at + 1;
      while (end < length && bytes[end] != ' ' && bytes[end] != '\n') {
        end++;
      }
      field++;
      into[field] = number(bytes, at + 1, end);
      at = end;
    }
    return field;
  }

  /** Some are unsigned and too large for a long; none of those means anything here. */
  private static long number(byte[] bytes, int from, int to) {
    boolean negative = from < to && bytes[from] == '-';
    long value = 0;
    for (int i = negative ? from + 1 : from; i < to; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return negative ? -value : value;
  }

  /** A zombie has ended; only its parent has not looked yet. */
  boolean alive() {
    return state != 'Z' && state != 'X';
  }

  boolean kernelThread() {
    return (flags & KERNEL_THREAD) != 0;
  }

  /** It is on its way to be a zombie, and executes nothing of its program any more. */
  boolean exiting() {
    return (flags & EXITING) != 0;
  }
}
