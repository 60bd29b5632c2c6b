package io.holdfast.master.audit;

import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.EventReader;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Goes through whole journals, event by event, and checks the promises P1 and P2, the order of the
 * events and the chains of their hashes. It compares what jobs and links of one master say of an
 * execution, and of agents and masters that are given together what both say. What it holds is
 * bounded by what is open in the journals. For one use.
 */
public final class Verifier {
  private final EventReader reader;
  private final Runnable progress;
  private final Findings findings = new Findings();
  private final Totals totals = new Totals();
  private final Across across = new Across(findings);
  private final Pairs pairs = new Pairs();

  /**
   * @param progress called at each event
   */
  public Verifier(EventReader reader, Runnable progress) {
    this.reader = reader;
    this.progress = progress;
  }

  /** Reads them all, and checks. */
  public void verify(List<Journal> journals) {
    try (pairs) {
      read(journals);
      across.conclude();
      new PairFindings(findings, reader).conclude(pairs, journals);
    }
  }

  private void read(List<Journal> journals) {
    List<Journal> agentsFirst = new ArrayList<>(journals);
    agentsFirst.sort(Comparator.comparing(journal -> !hasTasks(journal.source())));
    for (Journal journal : agentsFirst) {
      across.master(journal.origin());
      journal.source().read(id -> true, new Reading(journal.origin()));
      journal
          .source()
          .setAside()
          .forEach((id, readableTo) -> setAside(journal.origin(), id, readableTo));
    }
  }

  private static boolean hasTasks(AuditSource source) {
    return source.firstId("task|").isPresent() || source.firstId("session|").isPresent();
  }

  private void setAside(Origin origin, String id, long readableTo) {
    pairs.excuse(origin, id);
    findings.note(
        new Finding(
            "chain",
            origin + " " + id,
            "a repair has set this persistence id aside; it could be read up to event "
                + readableTo,
            List.of()));
  }

  /** What was found. */
  public Findings findings() {
    return findings;
  }

  /** What was counted. */
  public Totals totals() {
    return totals;
  }

  /** One journal. */
  private final class Reading implements AuditSource.Visitor {
    private final Origin origin;
    private IdCheck check = IdCheck.NONE;

    Reading(Origin origin) {
      this.origin = origin;
    }

    @Override
    public void begin(StoredId id) {
      totals.add("ids");
      check = id.hasEvents() ? checkOf(id) : IdCheck.NONE;
    }

    private IdCheck checkOf(StoredId id) {
      Ids.Kind kind = Ids.kindOf(id.persistenceId());
      return switch (kind.type()) {
        case JOB, LINK -> {
          pairs.read(origin, id.persistenceId());
          if (id.deletedTo() > 0) {
            pairs.excuse(origin, id.persistenceId());
            findings.note(
                new Finding(
                    "order",
                    origin + " " + id.persistenceId(),
                    "its first %d events were deleted: only its chain is checked"
                        .formatted(id.deletedTo()),
                    List.of()));
            yield IdCheck.NONE;
          }
          yield kind.type() == Ids.Type.JOB
              ? new JobCheck(findings, totals, across, new JobPairs(pairs))
              : new LinkCheck(findings, totals, new LinkPairs(pairs, kind.name()));
        }
        case TASK ->
            new TaskCheck(
                findings,
                totals,
                across,
                new TaskFact(origin, kind.name(), kind.execution().orElseThrow()));
        case CATALOG, SESSION, OTHER -> IdCheck.NONE;
      };
    }

    @Override
    public void event(StoredEvent stored) {
      totals.add("events");
      progress.run();
      Seen seen = Seen.of(origin, stored, reader);
      if (stored.isCut()) {
        totals.add("cuts");
        findings.note(
            "chain",
            seen,
            "a repair has cut this journal here; what follows is not checked against what was before",
            seen);
        notKnown(seen);
        check = IdCheck.NONE;
      } else if (seen.unreadable().isPresent()) {
        notKnown(seen);
        findings.violation(
            "order",
            seen,
            "event %s cannot be read: %s".formatted(stored.manifest(), seen.unreadable().get()),
            seen);
      } else if (seen.event().isPresent()) {
        check.take(seen, seen.event().get());
      } else if (check != IdCheck.NONE) {
        notKnown(seen);
        findings.note(
            "order", seen, "event %s is not known here".formatted(stored.manifest()), seen);
      }
    }

    /** What a part of a journal says is not known: the rest of it may not tell all. */
    private void notKnown(Seen seen) {
      pairs.excuse(origin, seen.stored().persistenceId());
      check.broken();
    }

    @Override
    public void end(StoredId id) {
      check.end();
      check = IdCheck.NONE;
    }

    @Override
    public void fault(ChainFault fault) {
      String where =
          fault.persistenceId().isEmpty() ? origin.place() : origin + " " + fault.persistenceId();
      String number = fault.sequenceNr() == 0 ? "" : "event " + fault.sequenceNr() + ": ";
      findings.violation(new Finding("chain", where, number + fault.what(), List.of()));
    }
  }
}
