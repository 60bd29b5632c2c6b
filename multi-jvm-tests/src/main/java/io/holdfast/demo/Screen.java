package io.holdfast.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * Where the demo tells its story: lines with the seconds since it began. Bold and colours only on a
 * terminal, and not where {@code NO_COLOR} is set. Thread-safe; a line is never torn.
 */
final class Screen {
  /** How a line is to look. */
  enum Look {
    PLAIN(""),
    BOLD("1"),
    GOOD("32"),
    BAD("31"),
    DOUBTFUL("33"),
    FAINT("2");

    private final String code;

    Look(String code) {
      this.code = code;
    }
  }

  private final PrintStream out;
  private final boolean colour;
  private final long begin = System.nanoTime();

  Screen(OutputStream stream, boolean colour) {
    this.out = new PrintStream(stream, true, StandardCharsets.UTF_8);
    this.colour = colour;
  }

  /** The standard output. */
  static Screen standard() {
    return new Screen(System.out, wantsColour(System.getenv(), isTerminal()));
  }

  static boolean wantsColour(Map<String, String> environment, boolean terminal) {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** A line with its time. */
  void tell(Look look, String words) {
    long tenths = (System.nanoTime() - begin) / 100_000_000;
    String time = String.format(Locale.ROOT, "%3d.%d s  ", tenths / 10, tenths % 10);
    print(paint(Look.FAINT, time) + paint(look, words));
  }

  /** Lines without a time, as they are. */
  void show(Look look, String lines) {
    lines.lines().forEach(line -> print(paint(look, line)));
  }

  /** A new chapter. */
  void chapter(String title) {
    print("");
    tell(Look.BOLD, title);
  }

  /** Whether nobody reads any more: a pipe whose other end is closed. */
  boolean isClosed() {
    return out.checkError();
  }

  /** How long the demo has been going. */
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private synchronized void print(String line) {
    out.println(line);
  }

  private String paint(Look look, String text) {
    return !colour || look.code.isEmpty() || text.isEmpty()
        ? text
        : "\u001b[" + look.code + "m" + text + "\u001b[0m";
  }
}
