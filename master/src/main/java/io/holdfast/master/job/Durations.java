package io.holdfast.master.job;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 30s}, {@code 5m}, {@code 2h}, {@code 1d}, or several units
 * from the largest to the smallest, {@code 1h30m}. A bare number is refused, because whether it
 * meant seconds or minutes is only found out when a job was killed too early.
 */
public final class Durations {
  /** Longer than anything sensible, and far from where arithmetic with durations overflows. */
  public static final Duration MAX = Duration.ofDays(365);

  private static final Pattern FORMAT =
      Pattern.compile("(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");
  private static final long[] UNIT_SECONDS = {86_400, 3_600, 60, 1};
  private static final String HOW_TO_WRITE = "write 30s, 5m, 2h, 1d or 1h30m";

  private Durations() {}

  /**
   * The duration that {@code text} says, longer than zero and at most {@link #MAX}.
   *
   * @throws IllegalArgumentException whose message says what is wrong and what would be right,
   *     without repeating the text
   */
  public static Duration parse(String text) {
    if (NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("has no unit: write 30s, 5m, 2h or 1d");
    }
    if (text.startsWith("-")) {
      throw new IllegalArgumentException("must be longer than zero: " + HOW_TO_WRITE);
    }
    Matcher units = FORMAT.matcher(text);
    if (text.isEmpty() || !units.matches()) {
      throw new IllegalArgumentException("not a duration: " + HOW_TO_WRITE);
    }
    long seconds = 0;
    for (int i = 0; i < UNIT_SECONDS.length; i++) {
      String count = units.group(i + 1);
      if (count != null) {
        seconds = plus(seconds, count, UNIT_SECONDS[i]);
      }
    }
    if (seconds == 0) {
      throw new IllegalArgumentException("must be longer than zero: " + HOW_TO_WRITE);
    }
    return Duration.ofSeconds(seconds);
  }

  private static long plus(long seconds, String count, long unit) {
    try {
      long sum = Math.addExact(seconds, Math.multiplyExact(Long.parseLong(count), unit));
      if (sum <= MAX.toSeconds()) {
        return sum;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Too long for a long is too long for us: the same answer as below.
    }
    throw new IllegalArgumentException("is too long: at most " + format(MAX));
  }

  /** Writes {@code duration} so that {@link #parse} reads it; parts of a second are left out. */
  public static String format(Duration duration) {
    long rest = duration.toSeconds();
    if (rest <= 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < UNIT_SECONDS.length; i++) {
      long count = rest / UNIT_SECONDS[i];
      rest %= UNIT_SECONDS[i];
      if (count > 0) {
        text.append(count).append("dhms".charAt(i));
      }
    }
    return text.toString();
  }
}
