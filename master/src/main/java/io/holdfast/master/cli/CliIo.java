package io.holdfast.master.cli;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;

/**
 * Everything that a command has from its surroundings, so that tests can give it others.
 *
 * @param out for answers; UTF-8 whatever the locale says
 * @param err for errors and notices; UTF-8
 * @param in for {@code -f -}
 * @param env the environment variables
 * @param colour whether states may be coloured
 * @param terminal whether a line that was written to {@code out} can be written over
 * @param progress whether {@code err} is a terminal that shows how far a long command is
 * @param zone in which times are shown
 * @param patience how long to wait and how often to try
 */
record CliIo(
    PrintStream out,
    PrintStream err,
    InputStream in,
    Map<String, String> env,
    boolean colour,
    boolean terminal,
    boolean progress,
    ZoneId zone,
    Patience patience) {

  /** Set by the launcher, which can ask whether stdout is a terminal; Java 17 cannot. */
  static final String TERMINAL_PROPERTY = "holdfast.terminal";

  /** The same of stderr. */
  static final String ERROR_TERMINAL_PROPERTY = "holdfast.terminal.err";

  private static final int BUFFER = 8192;

  /**
   * The waits of commands that stay.
   *
   * @param giveUp without contact for this long a waiting command ends
   * @param retry pause between two attempts
   * @param poll shortest pause between two looks at a run
   * @param drain after the end of an execution, how long its output may stand still
   */
  record Patience(Duration giveUp, Duration retry, Duration poll, Duration drain) {
    static final Patience DEFAULT =
        new Patience(
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            Duration.ofSeconds(10));
  }

  /** The surroundings of this process. */
  static CliIo ofProcess() {
    Map<String, String> env = System.getenv();
    boolean terminal = isTerminal() && !"dumb".equals(env.get("TERM"));
    return new CliIo(
        utf8(FileDescriptor.out),
        utf8(FileDescriptor.err),
        System.in,
        env,
        terminal && env.getOrDefault("NO_COLOR", "").isEmpty(),
        terminal,
        Boolean.getBoolean(ERROR_TERMINAL_PROPERTY) && !"dumb".equals(env.get("TERM")),
        ZoneId.systemDefault(),
        Patience.DEFAULT);
  }

  private static boolean isTerminal() {
    String told = System.getProperty(TERMINAL_PROPERTY);
    if (told != null) {
      return Boolean.parseBoolean(told);
    }
    Console console = System.console();
    // From JDK 22 on there is a console object even for a pipe; without the launcher: no colour.
    return console != null && Runtime.version().feature() < 22;
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        true,
        StandardCharsets.UTF_8);
  }

  /** Says something about what is done; never part of the answer. */
  void notice(String text) {
    err.println("holdfast: " + text);
    err.flush();
  }
}
