package io.holdfast.master.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Columns that are as wide as their widest cell. The last one has no padding, so that lines carry
 * no blanks at their end. States are coloured where a terminal shows them, nothing else is.
 */
final class Table {
  private static final Set<String> STATE_COLUMNS = Set.of("STATE", "LINK", "state", "link");
  private static final Set<String> GOOD = Set.of("succeeded", "connected");
  private static final Set<String> BAD = Set.of("failed", "lost", "disconnected");
  private static final Set<String> DOUBTFUL = Set.of("unreachable", "cancelled", "stopping");
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final boolean hasHeader;

  private Table(boolean hasHeader) {
    this.hasHeader = hasHeader;
  }

  /** A table with titles. */
  static Table of(String... titles) {
    Table table = new Table(true);
    table.row(titles);
    return table;
  }

  /** Names on the left, values on the right. */
  static Table ofFields() {
    return new Table(false);
  }

  /** Adds a row. */
  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** Adds a name and its value, unless there is no value. */
  Table field(String name, String value) {
    return value.equals(Text.NONE) ? this : row(name, value);
  }

  void print(PrintStream out, boolean colour) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    for (int r = 0; r < rows.size(); r++) {
      out.println(line(r, widths, colour));
    }
  }

  private String line(int r, int[] widths, boolean colour) {
    List<String> row = rows.get(r);
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      String cell = row.get(i);
      line.append(colour && isState(r, i) ? coloured(cell) : cell);
      if (i < row.size() - 1) {
        line.append(" ".repeat(widths[i] - width(cell))).append(GAP);
      }
    }
    return line.toString();
  }

  private boolean isState(int r, int i) {
    if (hasHeader) {
      return r > 0 && STATE_COLUMNS.contains(rows.get(0).get(i));
    }
    return i == 1 && STATE_COLUMNS.contains(rows.get(r).get(0));
  }

  private static String coloured(String state) {
    if (GOOD.contains(state)) {
      return "\u001b[32m" + state + "\u001b[0m";
    }
    if (BAD.contains(state)) {
      return "\u001b[31m" + state + "\u001b[0m";
    }
    return DOUBTFUL.contains(state) ? "\u001b[33m" + state + "\u001b[0m" : state;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
