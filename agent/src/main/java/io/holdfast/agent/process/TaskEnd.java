package io.holdfast.agent.process;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a task's process ended (R10). Whether somebody had ordered that is not its matter: see {@code
 * killed}.
 *
 * <p>Hard state: the record {@code exit} of {@link TaskDirectory}; {@link Vanished} has none.
 */
public sealed interface TaskEnd {

  /**
   * @param at by {@link BootClock}, of the boot that the task ran in
   * @param left whether processes of its group outlived it: they are to be stopped before the task
   *     counts as ended (P1)
   */
  record Exited(int code, Duration at, boolean left) implements TaskEnd {}

  record Signalled(int signal, Duration at, boolean left) implements TaskEnd {}

  /** The job has not run and never will. */
  record NotStarted(String reason) implements TaskEnd {}

  /** It may have run, nothing of it lives any more, and nobody knows how it ended. */
  record Vanished(String why) implements TaskEnd {}

  Pattern EXIT = Pattern.compile("exit (\\d{1,3}) (\\d{1,15}) ([01])");
  String NOT_STARTED = "not-started ";

  static Optional<TaskEnd> parse(String line) {
    if (line.startsWith(NOT_STARTED)) {
      return Optional.of(new NotStarted(line.substring(NOT_STARTED.length())));
    }
    Matcher matcher = EXIT.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int code = Integer.parseInt(matcher.group(1));
    Duration at = BootClock.ofCentis(Long.parseLong(matcher.group(2)));
    boolean left = matcher.group(3).equals("1");
    return Optional.of(
        code > 128 && code <= 192
            ? new Signalled(code - 128, at, left)
            : new Exited(code, at, left));
  }
}
