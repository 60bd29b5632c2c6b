package io.holdfast.persistence.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, in events or syncs per second, and the tables that it makes. For one thread.
 */
final class Figures {
  /** What a figure is about; {@code journal} is empty for the disk alone. */
  record Of(String what, Optional<Journal> journal) {}

  private final Map<Of, List<Double>> rounds = new LinkedHashMap<>();

  /** Adds the figure of the next round. */
  void add(String what, Optional<Journal> journal, double perSecond) {
    rounds.computeIfAbsent(new Of(what, journal), of -> new ArrayList<>()).add(perSecond);
  }

  /**
   * A table with a row for each of {@code rows}: the medians of all rounds; and how many times
   * Akka's plugin each journal is, as the median of what that was in each round, with the least and
   * the most.
   */
  String table(String first, List<String> rows, List<Journal> journals) {
    StringBuilder table = new StringBuilder("| ").append(first).append(" |");
    journals.forEach(journal -> table.append(' ').append(journal.title()).append(" |"));
    table.append("\n|---|").append("--:|".repeat(journals.size())).append('\n');
    for (String row : rows) {
      table.append("| ").append(row).append(" |");
      for (Journal journal : journals) {
        table.append(' ').append(cell(row, journal)).append(" |");
      }
      table.append('\n');
    }
    return table.toString();
  }

  private String cell(String row, Journal journal) {
    List<Double> own = rounds.getOrDefault(new Of(row, Optional.of(journal)), List.of());
    List<Double> akka = rounds.getOrDefault(new Of(row, Optional.of(Journal.AKKA)), List.of());
    if (own.isEmpty()) {
      return "–";
    }
    String perSecond = count(median(own));
    if (journal == Journal.AKKA || akka.size() != own.size()) {
      return perSecond;
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      ratios.add(own.get(i) / akka.get(i));
    }
    return "%s = **%s×** (%s–%s)"
        .formatted(
            perSecond,
            ratio(median(ratios)),
            ratio(ratios.stream().min(Double::compare).orElseThrow()),
            ratio(ratios.stream().max(Double::compare).orElseThrow()));
  }

  /** A table of what the disk alone can do, as medians with the least and the most. */
  String disk(List<String> rows) {
    StringBuilder table = new StringBuilder("| the disk alone | syncs per second |\n|---|--:|\n");
    for (String row : rows) {
      List<Double> figures = rounds.getOrDefault(new Of(row, Optional.empty()), List.of());
      if (!figures.isEmpty()) {
        table.append(
            "| %s, then `fdatasync` | %s (%s–%s) |%n"
                .formatted(
                    row,
                    count(median(figures)),
                    count(figures.stream().min(Double::compare).orElseThrow()),
                    count(figures.stream().max(Double::compare).orElseThrow())));
      }
    }
    return table.toString();
  }

  static String count(double perSecond) {
    return String.format(Locale.ROOT, "%,.0f", perSecond);
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, ratio < 9.95 ? "%.2f" : "%.1f", ratio);
  }

  private static double median(List<Double> all) {
    List<Double> sorted = all.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
