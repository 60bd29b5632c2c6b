package io.holdfast.guarantees;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The tables of {@code docs/guarantees.md} that say which deliberately broken rule was refuted by
 * what. Each suite owns the lines between its own marks; its test compares them with what it found,
 * all but the figures, and writes them anew with {@code -Dguarantees.write=true}.
 */
public final class MutationTable {
  /**
   * One broken rule and what refuted it.
   *
   * @param mutation what was broken, in words
   * @param rule the rule it breaks, as {@code R2}
   * @param invariant what was violated
   * @param effort how many states or steps until then
   * @param seconds how long that took
   */
  public record Row(
      String mutation, String rule, String invariant, long effort, Effort of, double seconds) {
    private boolean isInTime() {
      return seconds <= MOST_SECONDS || effort <= of.most;
    }
  }

  /** What effort is counted in, and how much of it a quiet machine does within the time. */
  public enum Effort {
    STEPS(25_000_000),
    STATES(500_000);

    private final long most;

    Effort(long most) {
      this.most = most;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final double MOST_SECONDS = 60;

  private static final String HEAD =
      "| broken on purpose | rule | what it violates | after | seconds |\n|---|---|---|---|---|\n";

  private MutationTable() {}

  /**
   * Compares, or writes.
   *
   * @throws AssertionError if the page says something else, or if something was refuted too late
   */
  public static void settle(String suite, List<Row> rows) {
    List<Row> late = rows.stream().filter(row -> !row.isInTime()).toList();
    if (!late.isEmpty()) {
      throw new AssertionError("refuted after too long: " + late);
    }
    Path page =
        Path.of(System.getProperty("holdfast.home", ".."), "docs", "guarantees.md")
            .toAbsolutePath()
            .normalize();
    String begin = "<!-- mutations: " + suite + " -->\n";
    String end = "<!-- end: " + suite + " -->\n";
    try {
      String text = Files.readString(page);
      int from = text.indexOf(begin);
      int to = text.indexOf(end);
      if (from < 0 || to < from) {
        throw new AssertionError(page + " has no marks for " + suite);
      }
      from += begin.length();
      if (Boolean.getBoolean("guarantees.write")) {
        Files.writeString(page, text.substring(0, from) + table(rows) + text.substring(to));
        return;
      }
      List<String> written = keys(text.substring(from, to));
      List<String> found = keys(table(rows));
      if (!written.equals(found)) {
        throw new AssertionError(
            page
                + " is not up to date for "
                + suite
                + ": write it with -Dguarantees.write=true\nwritten: "
                + written
                + "\nfound:   "
                + found);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String table(List<Row> rows) {
    StringBuilder table = new StringBuilder(HEAD);
    for (Row row : rows) {
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %,d %s | %.1f |%n",
              row.mutation(),
              row.rule(),
              row.invariant(),
              row.effort(),
              row.of(),
              row.seconds()));
    }
    return table.toString();
  }

  /** The columns that are the same each time: mutation and rule. */
  private static List<String> keys(String table) {
    List<String> keys = new ArrayList<>();
    for (String line : table.split("\n")) {
      String[] cells = line.split("\\|");
      if (cells.length > 3 && !cells[1].startsWith("-")) {
        keys.add(cells[1].trim() + " (" + cells[2].trim() + ")");
      }
    }
    return keys;
  }
}
