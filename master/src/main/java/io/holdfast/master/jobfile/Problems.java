package io.holdfast.master.jobfile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Collects errors while a file is read. Bounded: a megabyte of nonsense has many of them. */
final class Problems {
  /** As many as anybody reads, and far below what an answer may hold. */
  static final int MAX = 1_000;

  private static final int MAX_KEY = 300;
  private static final int MAX_VALUE = 80;

  private final List<JobFileError> errors = new ArrayList<>();

  /** Notes that what stands at {@code node} is wrong. */
  void add(Node node, String key, String message) {
    Optional<Mark> mark = node.getStartMark();
    add(
        mark.map(Mark::getLine).orElse(0) + 1,
        mark.map(Mark::getColumn).orElse(0) + 1,
        key,
        node instanceof ScalarNode scalar ? scalar.getValue() : "",
        message);
  }

  /** Notes an error at a place counted from 1. */
  void add(int line, int column, String key, String value, String message) {
    if (!isFull()) {
      errors.add(
          new JobFileError(line, column, printable(key, MAX_KEY), printable(value), message));
    }
  }

  /** How many there are; a reader compares it with before, to see whether it may go on. */
  int count() {
    return errors.size();
  }

  boolean isEmpty() {
    return errors.isEmpty();
  }

  /** Whether more errors would be dropped, so that reading on is of no use. */
  boolean isFull() {
    return errors.size() >= MAX;
  }

  /** All errors in the order of the file. */
  List<JobFileError> inOrder() {
    List<JobFileError> sorted = new ArrayList<>(errors);
    sorted.sort(Comparator.comparingInt(JobFileError::line).thenComparingInt(JobFileError::column));
    return sorted;
  }

  /** Short enough for a line, and without what would move a terminal's cursor. */
  static String printable(String text) {
    return printable(text, MAX_VALUE);
  }

  /** The same with another length. */
  static String printable(String text, int max) {
    StringBuilder shown = new StringBuilder();
    int[] codePoints = text.codePoints().limit(max + 1L).toArray();
    for (int i = 0; i < Math.min(codePoints.length, max); i++) {
      int c = codePoints[i];
      switch (c) {
        case '\n' -> shown.append("\\n");
        case '\r' -> shown.append("\\r");
        case '\t' -> shown.append("\\t");
        default -> {
          boolean hidden = Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE;
          shown.append(hidden ? "\\u%04x".formatted(c) : Character.toString(c));
        }
      }
    }
    return codePoints.length > max ? shown.append('…').toString() : shown.toString();
  }
}
