package io.holdfast.master.history;

import io.holdfast.protocol.Names;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The last row of a page: the next page begins behind it, whatever was added meanwhile. Rows are in
 * the order of time, newest first, and within that of their ids; agents in the order of their
 * names.
 *
 * @param at when the run was asked for, the execution assigned; the epoch for an agent
 * @param name of the job, or of the agent
 * @param run 0 for an agent
 * @param attempt 0 for what is no execution
 */
record PageKey(HistoryKind kind, Instant at, String name, long run, int attempt) {
  private static final int MOST_CHARACTERS = 300;
  private static final Pattern FORM =
      Pattern.compile("([a-z]+) (-?\\d{1,18}) (\\S+) (\\d{1,18}) (\\d{1,9})");

  /** As it stands in {@code next}: for nobody to look into. */
  String text() {
    String plain = "%s %d %s %d %d".formatted(kind.word(), micros(at), name, run, attempt);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  private static long micros(Instant at) {
    return at.getEpochSecond() * 1_000_000 + at.getNano() / 1000;
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when {@code text} is not the key of an answer of that kind
   */
  static PageKey parse(HistoryKind kind, String text) {
    if (text.length() <= MOST_CHARACTERS) {
      try {
        String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
        Matcher parts = FORM.matcher(plain);
        if (parts.matches()
            && parts.group(1).equals(kind.word())
            && Names.isValid(parts.group(3))) {
          return new PageKey(
              kind,
              Instant.EPOCH.plus(Long.parseLong(parts.group(2)), ChronoUnit.MICROS),
              parts.group(3),
              Long.parseLong(parts.group(4)),
              Integer.parseInt(parts.group(5)));
        }
      } catch (IllegalArgumentException e) {
        // Said below, as for what has another form.
      }
    }
    throw new IllegalArgumentException(
        "take it from 'next' of the answer before, which was about " + kind.word());
  }
}
