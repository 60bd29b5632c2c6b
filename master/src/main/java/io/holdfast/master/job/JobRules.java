package io.holdfast.master.job;

import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The bounds of a job definition, each as a function from a value to what is wrong with it (empty:
 * nothing). Job files, start requests and the records themselves all ask here, so that nothing can
 * be accepted at one door and refused at the next.
 */
public final class JobRules {
  /** Longest script, in bytes of UTF-8. */
  public static final int MAX_RUN_BYTES = 64 * 1024;

  /** Most parameters of one job. */
  public static final int MAX_PARAMETERS = 100;

  /** Longest name of a parameter; it becomes {@code PARAM_<NAME>} in the environment. */
  public static final int MAX_PARAMETER_NAME = 100;

  /** Longest value in bytes of UTF-8. Linux allows 128 KiB for one environment variable. */
  public static final int MAX_VALUE_BYTES = 32 * 1024;

  /** All names and values of one job together, in bytes of UTF-8. */
  public static final int MAX_PARAMETERS_BYTES = 64 * 1024;

  private static final Pattern PARAMETER_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private JobRules() {}

  /** What is wrong with the script {@code run}. */
  public static Optional<String> runProblem(String run) {
    if (run.isBlank()) {
      return Optional.of("is empty: write the shell commands to run");
    }
    int bytes = bytes(run);
    if (bytes > MAX_RUN_BYTES) {
      return Optional.of(
          "is %d bytes long, at most %d (64 KiB): put the rest into a file on the agent"
              .formatted(bytes, MAX_RUN_BYTES));
    }
    return textProblem(run);
  }

  /** What is wrong with a parameter's name. */
  public static Optional<String> parameterNameProblem(String name) {
    if (name.length() > MAX_PARAMETER_NAME || !PARAMETER_NAME.matcher(name).matches()) {
      return Optional.of(
          "not a parameter name: use 1 to 100 of the characters A-Z a-z 0-9 _ and no leading digit");
    }
    return Optional.empty();
  }

  /** What is wrong with a parameter's value. */
  public static Optional<String> parameterValueProblem(String value) {
    int bytes = bytes(value);
    if (bytes > MAX_VALUE_BYTES) {
      return Optional.of(
          "is %d bytes long, at most %d (32 KiB): pass the name of a file instead"
              .formatted(bytes, MAX_VALUE_BYTES));
    }
    return textProblem(value);
  }

  /** What is wrong with the parameters as a whole; each alone is checked by the rules above. */
  public static Optional<String> parametersProblem(Map<String, String> parameters) {
    if (parameters.size() > MAX_PARAMETERS) {
      return Optional.of(
          "there are %d parameters, at most %d".formatted(parameters.size(), MAX_PARAMETERS));
    }
    int bytes = parametersBytes(parameters);
    if (bytes > MAX_PARAMETERS_BYTES) {
      return Optional.of(
          "the parameters together are %d bytes long, at most %d (64 KiB)"
              .formatted(bytes, MAX_PARAMETERS_BYTES));
    }
    return Optional.empty();
  }

  /** What is wrong with a timeout. */
  public static Optional<String> timeoutProblem(Duration timeout) {
    return durationProblem(timeout, Durations.MAX);
  }

  /** What is wrong with a kill grace, whatever a master may allow of it. */
  public static Optional<String> killGraceProblem(Duration killGrace) {
    return durationProblem(killGrace, JobDefinition.MAX_KILL_GRACE);
  }

  /** What is wrong with these two together: some pairs would break "at most once". */
  public static Optional<String> lossProblem(ConnectionLossPolicy connectionLoss, OnLost lost) {
    if (connectionLoss == ConnectionLossPolicy.KEEP && lost == OnLost.RERUN) {
      return Optional.of(
          "'on-lost: rerun' does not go with 'on-connection-loss: keep': the agent would keep the"
              + " task running while another one starts it a second time. Write 'on-lost: wait', or"
              + " 'on-connection-loss: stop-after-lease'");
    }
    return Optional.empty();
  }

  /** The size of all names and values in bytes of UTF-8. */
  public static int parametersBytes(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .mapToInt(entry -> bytes(entry.getKey()) + bytes(entry.getValue()))
        .sum();
  }

  private static Optional<String> durationProblem(Duration duration, Duration max) {
    if (duration.isNegative() || duration.isZero()) {
      return Optional.of("must be longer than zero: write 30s, 5m, 2h, 1d or 1h30m");
    }
    if (duration.compareTo(max) > 0) {
      return Optional.of("is too long: at most " + Durations.format(max));
    }
    return Optional.empty();
  }

  /**
   * A NUL ends a string in the kernel, and half of a surrogate pair has no bytes in UTF-8: both
   * would reach the task as something else than was written.
   */
  private static Optional<String> textProblem(String text) {
    if (text.indexOf('\0') >= 0) {
      return Optional.of("contains a NUL character, which no command or variable can hold");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      return Optional.of("contains half of a surrogate pair, which is not a character");
    }
    return Optional.empty();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
