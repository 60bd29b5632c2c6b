package io.holdfast.master.audit;

import io.holdfast.master.link.ExecutionPhase;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.wire.Exchange;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The journal of the master's side of one link: epochs grow, nothing is sent, stopped, given up or
 * closed that cannot be, requests and reports count up, tokens grow with each order of a job, and
 * what has an outcome gets no other. Bounded by what is open, and by the number of jobs.
 */
final class LinkCheck implements IdCheck {
  private final Findings findings;
  private final Totals totals;
  private final LinkPairs pairs;
  private final Map<ExecutionId, Seen> newest = new HashMap<>();
  private final Map<String, FencingToken> tokens = new HashMap<>();
  private final Map<String, Seen> tokenBy = new LinkedHashMap<>();
  private LinkState state = LinkState.EMPTY;
  private Seen epochBy;

  LinkCheck(Findings findings, Totals totals, LinkPairs pairs) {
    this.findings = findings;
    this.totals = totals;
    this.pairs = pairs;
  }

  @Override
  public void take(Seen seen, Object any) {
    if (!(any instanceof LinkEvent event)) {
      findings.violation("order", seen, "an event that is none of a link's", seen);
      return;
    }
    long before = findings.countOfViolations();
    pairs.at(seen);
    check(seen, event);
    try {
      state = state.evolve(event);
    } catch (RuntimeException e) {
      if (findings.countOfViolations() == before) {
        findings.violation("order", seen, "it has no meaning here: " + e.getMessage(), seen);
      }
    }
  }

  private void check(Seen seen, LinkEvent event) {
    if (event instanceof LinkEvent.Activated activated) {
      if (activated.epoch().compareTo(state.epoch()) <= 0) {
        findings.violation(
            "order",
            seen,
            "epoch %s is not above %s".formatted(activated.epoch(), state.epoch()),
            epochBy == null ? new Seen[] {seen} : new Seen[] {epochBy, seen});
      }
      epochBy = seen;
    } else if (event instanceof LinkEvent.Assigned assigned) {
      assigned(seen, assigned);
    } else if (event instanceof LinkEvent.Sending sending) {
      sending.requests().forEach(request -> sending(seen, request));
    } else if (event instanceof LinkEvent.StopWanted stop) {
      known(seen, stop.execution(), "is to be stopped")
          .filter(LinkExecution::isSettled)
          .ifPresent(e -> broken(seen, e.id(), "is to be stopped and has its outcome"));
    } else if (event instanceof LinkEvent.Reported reported) {
      reported.reports().forEach(report -> reported(seen, report));
    } else if (event instanceof LinkEvent.Reconciled reconciled) {
      reconciled(seen, reconciled);
    } else if (event instanceof LinkEvent.LostDeclared lost) {
      lost.executions().forEach(id -> givenUp(seen, id));
    } else if (event instanceof LinkEvent.ConfirmedLost lost) {
      lost.executions().forEach(id -> givenUp(seen, id));
    } else if (event instanceof LinkEvent.Withdrawn withdrawn) {
      known(seen, withdrawn.execution(), "is withdrawn")
          .filter(e -> e.phase() != ExecutionPhase.QUEUED)
          .ifPresent(e -> broken(seen, e.id(), "is withdrawn and may have been sent"));
      said(withdrawn.execution(), seen);
    } else if (event instanceof LinkEvent.StartsRefused refused) {
      for (ExecutionId id : refused.executions()) {
        known(seen, id, "is refused").ifPresent(e -> said(id, seen));
      }
    } else if (event instanceof LinkEvent.Closed closed) {
      closed.executions().forEach(id -> closed(seen, id));
    }
  }

  private void assigned(Seen seen, LinkEvent.Assigned assigned) {
    ExecutionId id = assigned.spec().execution();
    String job = id.job().value();
    if (state.execution(id).flatMap(LinkExecution::spec).isPresent()) {
      broken(seen, id, "is given to the link a second time");
    }
    FencingToken token = assigned.spec().fencingToken();
    FencingToken before = tokens.get(job);
    if (before != null && token.compareTo(before) <= 0) {
      findings.violation(
          "token",
          seen,
          "%s has fencing token %s, which is not above %s".formatted(id, token, before),
          tokenBy.get(job),
          seen);
    } else {
      tokens.put(job, token);
      tokenBy.put(job, seen);
    }
    newest.put(id, seen);
    pairs.ordered(id);
  }

  private void sending(Seen seen, RequestId request) {
    Optional<LinkExecution> known = known(seen, request.execution(), "is sent");
    if (known.isEmpty()) {
      return;
    }
    LinkExecution execution = known.get();
    if (execution.spec().isEmpty()) {
      broken(seen, execution.id(), "is sent, and no job has given it to the link");
    }
    if (execution.phase() != ExecutionPhase.QUEUED && execution.phase() != ExecutionPhase.SENT) {
      broken(seen, execution.id(), "is sent while it is " + JobWords.dashed(execution.phase()));
    }
    if (request.number() != execution.requests().size() + 1) {
      broken(
          seen,
          execution.id(),
          "is sent with request %s as number %d"
              .formatted(request, execution.requests().size() + 1));
    }
  }

  private void reported(Seen seen, Exchange.Report report) {
    Optional<LinkExecution> known = known(seen, report.execution(), "is reported");
    if (known.isEmpty() || report.foreign().isPresent()) {
      return;
    }
    LinkExecution execution = known.get();
    if (report.number() <= execution.newestEvent()) {
      broken(
          seen,
          execution.id(),
          "is reported with event %d after event %d"
              .formatted(report.number(), execution.newestEvent()));
    }
    if (report.event() instanceof TaskEvent.Finished finished && execution.isSettled()) {
      findings.violation(
          "P2",
          seen,
          "%s has a second outcome at the link: %s"
              .formatted(execution.id(), finished.outcome().words()),
          shown(execution.id(), seen));
    }
    said(execution.id(), seen);
  }

  private void reconciled(Seen seen, LinkEvent.Reconciled event) {
    totals.add("reconciliations");
    if (!event.epoch().equals(state.epoch())) {
      findings.violation(
          "order",
          seen,
          "a reconciliation in epoch %s, and the link is in epoch %s"
              .formatted(event.epoch(), state.epoch()),
          seen);
    }
    for (ReconcileEntry entry : event.entries()) {
      boolean mayBeNew =
          List.of(ReconcileDecision.ADOPT, ReconcileDecision.DISOWN, ReconcileDecision.RELEASE)
              .contains(entry.decision());
      if (!mayBeNew) {
        known(seen, entry.execution(), "is reconciled");
      }
      if (entry.alarm()) {
        totals.add("alarms");
        findings.note(
            "P1",
            seen,
            "an alarm: %s, %s".formatted(entry.execution(), entry.reason()),
            shown(entry.execution(), seen));
      }
      said(entry.execution(), seen);
    }
  }

  private void givenUp(Seen seen, ExecutionId id) {
    known(seen, id, "is called lost")
        .filter(e -> !e.phase().mayBeAlive())
        .ifPresent(
            e -> broken(seen, id, "is called lost while it is " + JobWords.dashed(e.phase())));
    said(id, seen);
  }

  private void closed(Seen seen, ExecutionId id) {
    known(seen, id, "is closed")
        .filter(e -> e.phase() != ExecutionPhase.ENDED && e.phase() != ExecutionPhase.LOST)
        .ifPresent(
            e ->
                findings.violation(
                    "P2", seen, id + " is closed without an outcome", shown(id, seen)));
    state.execution(id).ifPresent(pairs::closed);
    newest.remove(id);
  }

  private void said(ExecutionId id, Seen seen) {
    newest.put(id, seen);
    pairs.said(id);
  }

  private Optional<LinkExecution> known(Seen seen, ExecutionId id, String what) {
    Optional<LinkExecution> execution = state.execution(id);
    if (execution.isEmpty()) {
      findings.violation("order", seen, id + " " + what + ", and this link has no such", seen);
    }
    return execution;
  }

  private void broken(Seen seen, ExecutionId id, String what) {
    findings.violation("order", seen, id + " " + what, shown(id, seen));
  }

  private Seen[] shown(ExecutionId id, Seen seen) {
    Seen before = newest.get(id);
    return before == null || before == seen ? new Seen[] {seen} : new Seen[] {before, seen};
  }

  @Override
  public void end() {
    totals.add("links");
    pairs.end(state);
  }

  @Override
  public void broken() {
    pairs.broken(state);
  }
}
