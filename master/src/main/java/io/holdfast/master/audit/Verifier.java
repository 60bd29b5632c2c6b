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
 * events and the chains of their hashes. Of agents and masters that are given together it compares
 * what both say of an execution. What it holds is bounded by what is open in the journals. For one
 * use.
 */
public final class Verifier {
  private final EventReader reader;
  private final Runnable progress;
  private final Findings findings = new Findings();
  private final Totals totals = new Totals();
  private final Across across = new Across(findings);

  /**
   * @param progress called at each event
   */
  public Verifier(EventReader reader, Runnable progress) {
    this.reader = reader;
    this.progress = progress;
  }

  /** Reads them all, and checks. */
  public void verify(List<Journal> journals) {
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
    across.conclude();
  }

  private static boolean hasTasks(AuditSource source) {
    return source.firstId("task|").isPresent() || source.firstId("session|").isPresent();
  }

  private void setAside(Origin origin, String id, long readableTo) {
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
          if (id.deletedTo() > 0) {
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
              ? new JobCheck(findings, totals, across)
              : new LinkCheck(findings, totals);
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
        check = IdCheck.NONE;
      } else if (seen.unreadable().isPresent()) {
        findings.violation(
            "order",
            seen,
            "event %s cannot be read: %s".formatted(stored.manifest(), seen.unreadable().get()),
            seen);
      } else if (seen.event().isPresent()) {
        check.take(seen, seen.event().get());
      } else if (check != IdCheck.NONE) {
        findings.note(
            "order", seen, "event %s is not known here".formatted(stored.manifest()), seen);
      }
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
