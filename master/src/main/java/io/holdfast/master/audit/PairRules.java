package io.holdfast.master.audit;

import io.holdfast.protocol.task.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * In what a job and a link of one master may not differ. A link is never behind its job, and closes
 * an execution only when its job has all that became of it. An id may have been at a link twice: an
 * agent whose data directory was restored brings it back. The job agrees with one of them then.
 */
final class PairRules {
  private final Pairs pairs;
  private final Consumer<Disagreement> sink;
  private Gone gone;

  /**
   * What does not fit together.
   *
   * @param where the persistence id that it is found at
   */
  record Disagreement(int source, String rule, String where, String what, List<EventRef> shownBy) {}

  /** A job that links have orders of, and that has no journal. */
  private static final class Gone {
    private final Pairs.Pair first;
    private final PairFact by;
    private long more;

    Gone(Pairs.Pair first, PairFact by) {
      this.first = first;
      this.by = by;
    }
  }

  PairRules(Pairs pairs, Consumer<Disagreement> sink) {
    this.pairs = pairs;
    this.sink = sink;
  }

  /** Compares all of them. */
  void check() {
    pairs.forEach(this::check);
    tellGone();
  }

  private void check(Pairs.Pair pair) {
    if (pair.facts().stream().anyMatch(fact -> fact.kind() == PairFact.Kind.EXCUSED)) {
      return;
    }
    List<PairFact> links = pair.facts().stream().filter(fact -> fact.kind().isLink()).toList();
    Optional<PairFact> job = jobs(pair, PairFact.Kind.JOB_OPEN, PairFact.Kind.JOB_ENDED);
    if (job.isEmpty()) {
      links.stream().filter(PairRules::isOwed).findFirst().ifPresent(by -> missing(pair, by));
      return;
    }
    List<PairFact> same = new ArrayList<>();
    for (PairFact link : links) {
      if (link.agent().equals(job.get().agent())) {
        same.add(link);
      } else if (link.duty() == PairFact.Duty.ORDERED) {
        tell(
            pair,
            "order",
            link,
            "is given to the link of %s, and its job has begun it on %s"
                .formatted(link.agent(), job.get().agent()),
            begun(pair, job.get()),
            begun(pair, link));
      }
    }
    if (job.get().kind() == PairFact.Kind.JOB_OPEN) {
      same.stream()
          .filter(link -> link.kind() == PairFact.Kind.LINK_CLOSED && isOwed(link))
          .findFirst()
          .ifPresent(link -> closedTooEarly(pair, job.get(), link));
    } else {
      ended(pair, job.get(), same);
    }
  }

  private static Optional<PairFact> jobs(Pairs.Pair pair, PairFact.Kind... kinds) {
    return pair.facts().stream()
        .filter(fact -> Arrays.asList(kinds).contains(fact.kind()))
        .findFirst();
  }

  /** What was adopted is told to its job before it is closed, and perhaps not long before. */
  private static boolean isOwed(PairFact link) {
    return switch (link.duty()) {
      case ORDERED, CONFUSED -> true;
      case ADOPTED -> link.kind() == PairFact.Kind.LINK_CLOSED;
      case NONE -> false;
    };
  }

  private void missing(Pairs.Pair pair, PairFact by) {
    String job = "job|" + pair.execution().job();
    if (pairs.isExcused(pair.source(), job)) {
      return;
    }
    if (pairs.isThere(pair.source(), job)) {
      tell(
          pair,
          "P2",
          by,
          "is at the link of %s, and its job's journal does not have it".formatted(by.agent()),
          begun(pair, by),
          said(pair, by),
          closed(pair, by));
      return;
    }
    boolean isSame =
        gone != null
            && gone.first.source() == pair.source()
            && gone.first.execution().job().equals(pair.execution().job());
    if (isSame) {
      gone.more++;
    } else {
      tellGone();
      gone = new Gone(pair, by);
    }
  }

  private void tellGone() {
    if (gone != null) {
      tell(
          gone.first,
          "P2",
          gone.by,
          "is at the link of %s, and there is no journal of its job".formatted(gone.by.agent())
              + (gone.more == 0 ? "" : "; nor for %d more executions".formatted(gone.more)),
          begun(gone.first, gone.by),
          said(gone.first, gone.by),
          closed(gone.first, gone.by));
      gone = null;
    }
  }

  private void closedTooEarly(Pairs.Pair pair, PairFact job, PairFact link) {
    tell(
        pair,
        "P2",
        link,
        "is closed at the link of %s with '%s', and its job has no outcome of it"
            .formatted(link.agent(), words(link)),
        begun(pair, job),
        said(pair, link),
        closed(pair, link));
  }

  private void ended(Pairs.Pair pair, PairFact job, List<PairFact> same) {
    String link = "agent|" + job.agent();
    boolean isWhole = pairs.isThere(pair.source(), link) && !pairs.isExcused(pair.source(), link);
    Outcome outcome = job.outcome().orElseThrow();
    if (!isWhole) {
      return;
    }
    if (same.isEmpty()) {
      tell(
          pair,
          "P2",
          job,
          "has the outcome '%s', and the link of %s never had it"
              .formatted(outcome.words(), job.agent()),
          begun(pair, job),
          said(pair, job));
      return;
    }
    PairFact newest = same.get(same.size() - 1);
    if (same.stream().noneMatch(one -> one.mayHaveTold(outcome))) {
      tell(
          pair,
          "P2",
          job,
          "ended as '%s' at its job, and the link of %s has %s"
              .formatted(
                  outcome.words(),
                  job.agent(),
                  newest.outcome().isEmpty() ? "no outcome" : "'" + words(newest) + "'"),
          said(pair, newest),
          said(pair, job));
      return;
    }
    if (!pairs.isExcused(pair.source(), job.persistenceId())) {
      amended(pair, job, same);
    }
  }

  private void amended(Pairs.Pair pair, PairFact job, List<PairFact> same) {
    Optional<PairFact> amended = jobs(pair, PairFact.Kind.JOB_AMENDED);
    if (amended.isEmpty()) {
      same.stream()
          .filter(link -> link.kind() == PairFact.Kind.LINK_CLOSED && isOwed(link))
          .filter(link -> owesAmendment(job, link))
          .findFirst()
          .ifPresent(
              link ->
                  tell(
                      pair,
                      "P2",
                      link,
                      "was called '%s', and that it ended as '%s' is at the link of %s alone"
                          .formatted(
                              job.outcome().orElseThrow().words(),
                              link.late().orElseThrow().words(),
                              link.agent()),
                      said(pair, job),
                      said(pair, link)));
      return;
    }
    Outcome added = amended.get().outcome().orElseThrow();
    boolean isKnown =
        same.stream()
            .anyMatch(
                link ->
                    link.late().filter(added::equals).isPresent()
                        || link.outcome().filter(added::equals).isPresent());
    if (!isKnown) {
      PairFact link = same.get(same.size() - 1);
      tell(
          pair,
          "P2",
          amended.get(),
          "is amended by '%s' at its job, and the link of %s has '%s'"
              .formatted(
                  added.words(),
                  link.agent(),
                  link.late().or(link::outcome).map(Outcome::words).orElse("no outcome")),
          said(pair, link),
          said(pair, amended.get()));
    }
  }

  /** Of a verdict that may be amended. */
  private static boolean owesAmendment(PairFact job, PairFact link) {
    Outcome verdict = job.outcome().orElseThrow();
    boolean isOpen = verdict instanceof Outcome.Lost || verdict instanceof Outcome.Refused;
    return isOpen
        && link.duty() != PairFact.Duty.CONFUSED
        && link.late()
            .filter(late -> !(late instanceof Outcome.Lost) && !late.equals(verdict))
            .isPresent();
  }

  private void tell(Pairs.Pair pair, String rule, PairFact at, String what, EventRef... shownBy) {
    Set<EventRef> events = new LinkedHashSet<>(Arrays.asList(shownBy));
    events.removeIf(event -> event.number() == 0);
    sink.accept(
        new Disagreement(
            pair.source(),
            rule,
            at.persistenceId(),
            pair.execution() + " " + what,
            List.copyOf(events)));
  }

  private static EventRef begun(Pairs.Pair pair, PairFact fact) {
    return new EventRef(pair.source(), fact.persistenceId(), fact.begun());
  }

  private static EventRef said(Pairs.Pair pair, PairFact fact) {
    return new EventRef(pair.source(), fact.persistenceId(), fact.said());
  }

  private static EventRef closed(Pairs.Pair pair, PairFact fact) {
    return new EventRef(pair.source(), fact.persistenceId(), fact.closed());
  }

  private static String words(PairFact fact) {
    return fact.outcome().map(Outcome::words).orElse("no outcome");
  }
}
