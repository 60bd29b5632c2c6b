package io.holdfast.master.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What checks have found: violations of a promise, and notes, which are worth a look and violate
 * nothing. The first {@value #MOST} of each are kept, all are counted.
 */
public final class Findings {
  static final int MOST = 1000;

  private final List<Finding> violations = new ArrayList<>();
  private final List<Finding> notes = new ArrayList<>();
  private long countOfViolations;
  private long countOfNotes;

  void violation(Finding finding) {
    countOfViolations++;
    if (violations.size() < MOST) {
      violations.add(finding);
    }
  }

  /** There are so many more, of which nothing is kept. */
  void countViolations(long more) {
    countOfViolations += more;
  }

  void violation(String rule, Seen at, String what, Seen... shownBy) {
    violation(
        new Finding(rule, at.origin() + " " + at.stored().persistenceId(), what, List.of(shownBy)));
  }

  void note(Finding finding) {
    countOfNotes++;
    if (notes.size() < MOST) {
      notes.add(finding);
    }
  }

  void note(String rule, Seen at, String what, Seen... shownBy) {
    note(
        new Finding(rule, at.origin() + " " + at.stored().persistenceId(), what, List.of(shownBy)));
  }

  /** The first of them; what is altered or missing before what may follow from it. */
  public List<Finding> violations() {
    return violations.stream()
        .sorted(Comparator.comparing(finding -> !finding.rule().equals("chain")))
        .toList();
  }

  /** The first of them. */
  public List<Finding> notes() {
    return List.copyOf(notes);
  }

  /** How many there are. */
  public long countOfViolations() {
    return countOfViolations;
  }

  /** How many there are. */
  public long countOfNotes() {
    return countOfNotes;
  }
}
