package io.holdfast.master.history;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.JobName;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One search of the history, checked.
 *
 * @param from the earliest time that is found: when a run was asked for, an execution assigned,
 *     since when an agent's link is as it is
 * @param to the first time that is too late
 * @param after the page begins behind it
 * @param limit rows of a page, 1 to {@link #MOST_ROWS}
 */
public record HistoryFilter(
    HistoryKind kind,
    Optional<JobName> job,
    Optional<AgentId> agent,
    Optional<String> state,
    Optional<Instant> from,
    Optional<Instant> to,
    Optional<PageKey> after,
    int limit) {
  /** Rows of one page, at most. */
  public static final int MOST_ROWS = 1000;

  private static final int ROWS = 50;
  private static final int MOST_SHOWN = 100;

  // What both databases can hold, by far.
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  /**
   * Reads the parameters of a request. One that is unknown, or there twice, is an error: passed
   * over it would give an answer to another question.
   *
   * @throws IllegalArgumentException naming the parameter, its value and what would be right
   */
  public static HistoryFilter of(HistoryKind kind, List<Map.Entry<String, String>> parameters) {
    List<String> known =
        Stream.concat(kind.filters().stream(), Stream.of("after", "limit")).toList();
    Map<String, String> given = new HashMap<>();
    for (Map.Entry<String, String> parameter : parameters) {
      String name = parameter.getKey();
      String value = parameter.getValue();
      if (!known.contains(name)) {
        throw bad(name, value, "there is no such parameter; there are " + String.join(", ", known));
      }
      if (given.put(name, value) != null) {
        throw bad(name, value, "give it once");
      }
    }
    HistoryFilter filter =
        new HistoryFilter(
            kind,
            read(given, "job", JobName::new),
            read(given, "agent", AgentId::new),
            read(given, "state", word -> state(kind, word)),
            read(given, "from", HistoryFilter::time),
            read(given, "to", HistoryFilter::time),
            read(given, "after", text -> PageKey.parse(kind, text)),
            read(given, "limit", HistoryFilter::rows).orElse(ROWS));
    if (filter.from.isPresent()
        && filter.to.isPresent()
        && !filter.from.get().isBefore(filter.to.get())) {
      throw bad("to", given.get("to"), "it must be later than from, " + given.get("from"));
    }
    return filter;
  }

  private static <T> Optional<T> read(
      Map<String, String> given, String name, Function<String, T> reading) {
    String value = given.get(name);
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(reading.apply(value));
    } catch (IllegalArgumentException e) {
      throw bad(name, value, e.getMessage());
    }
  }

  private static String state(HistoryKind kind, String word) {
    if (!kind.states().contains(word)) {
      throw new IllegalArgumentException("it is one of " + String.join(", ", kind.states()));
    }
    return word;
  }

  private static Instant time(String text) {
    try {
      Instant time = Instant.parse(text);
      if (!time.isBefore(FIRST) && !time.isAfter(LAST)) {
        return time;
      }
    } catch (DateTimeException e) {
      // Said below, as for a time that is out of bounds.
    }
    throw new IllegalArgumentException("write a time such as 2026-11-22T15:00:00Z");
  }

  private static int rows(String text) {
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= MOST_ROWS) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is out of bounds.
    }
    throw new IllegalArgumentException("between 1 and " + MOST_ROWS);
  }

  private static IllegalArgumentException bad(String name, String value, String right) {
    String shown = value.length() > MOST_SHOWN ? value.substring(0, MOST_SHOWN) + "…" : value;
    String shownName = name.length() > MOST_SHOWN ? name.substring(0, MOST_SHOWN) + "…" : name;
    return new IllegalArgumentException(shownName + " = " + shown + ": " + right);
  }
}
