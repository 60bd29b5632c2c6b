package io.holdfast.master.audit;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The events of one link in words, read in their order: most happen in an epoch that an earlier
 * event has named.
 */
final class LinkWords {
  private final String agent;
  private Optional<MasterEpoch> epoch = Optional.empty();
  private Optional<Incarnation> life = Optional.empty();

  LinkWords(String agent) {
    this.agent = agent;
  }

  private String activationCause(LinkEvent.Activated activated) {
    if (activated.life().isEmpty()) {
      return "a life of the master begins, or its epoch was found to be used";
    }
    return activated.life().equals(life)
        ? "its epoch was found to be used by a life that this journal does not know"
        : "a life of the master begins";
  }

  List<Statement> tell(LinkEvent event) {
    if (event instanceof LinkEvent.Activated activated) {
      String cause = activationCause(activated);
      epoch = Optional.of(activated.epoch());
      life = activated.life();
      return List.of(
          new Statement(
              Subject.agent(agent),
              "the link to %s is taken over with epoch %s".formatted(agent, activated.epoch()),
              cause));
    }
    if (event instanceof LinkEvent.Assigned assigned) {
      TaskSpec spec = assigned.spec();
      return List.of(
          new Statement(
              about(spec.execution()),
              "the link to %s has the order for %s, fencing token %s"
                  .formatted(agent, spec.execution(), spec.fencingToken()),
              "given by the job; it is %s"
                  .formatted(
                      assigned.releaseByTime()
                          ? "called lost when the lease is provably over"
                          : "never called lost by time")));
    }
    if (event instanceof LinkEvent.Sending sending) {
      return each(
          sending.requests(),
          RequestId::execution,
          request -> "start request %s may leave for %s".formatted(request, agent),
          request -> inEpoch());
    }
    if (event instanceof LinkEvent.StopWanted stop) {
      return List.of(
          new Statement(
              about(stop.execution()),
              "%s is to stop %s".formatted(agent, stop.execution()),
              stop.reason().word()));
    }
    if (event instanceof LinkEvent.Reported reported) {
      return each(reported.reports(), Exchange.Report::execution, this::report, this::reportCause);
    }
    if (event instanceof LinkEvent.Reconciled reconciled) {
      return reconciled(reconciled);
    }
    return verdict(event);
  }

  private List<Statement> verdict(LinkEvent event) {
    if (event instanceof LinkEvent.LostDeclared lost) {
      return same(lost.executions(), "%s is called lost", lost.why());
    }
    if (event instanceof LinkEvent.ConfirmedLost lost) {
      String cause = "confirmed by %s: %s".formatted(lost.who(), JobWords.quoted(lost.why()));
      return lost.executions().isEmpty()
          ? List.of(
              new Statement(
                  Subject.agent(agent),
                  "%s is confirmed lost; nothing ran".formatted(agent),
                  cause))
          : same(lost.executions(), "%s is called lost", cause);
    }
    if (event instanceof LinkEvent.Withdrawn withdrawn) {
      return same(
          List.of(withdrawn.execution()), "%s was never sent and never will be", withdrawn.why());
    }
    if (event instanceof LinkEvent.StartsRefused refused) {
      return same(refused.executions(), "the start of %s is refused", refused.why());
    }
    if (event instanceof LinkEvent.AssignedAgain again) {
      return same(
          List.of(again.spec().execution()),
          "the job waits for %s, which may have been sent",
          "a part of the link's journal is lost");
    }
    if (event instanceof LinkEvent.JournalDamaged damaged) {
      return List.of(
          new Statement(
              Subject.agent(agent),
              "a part of the journal of the link to %s is lost".formatted(agent),
              damaged.what()));
    }
    if (event instanceof LinkEvent.Unheard unheard) {
      return List.of(
          new Statement(
              Subject.agent(agent),
              agent + " is unreachable",
              unheard
                  .lastHeard()
                  .map(last -> "last heard at " + last)
                  .orElse("not heard in this life of the master")));
    }
    if (event instanceof LinkEvent.Closed closed) {
      return same(
          closed.executions(),
          "%s is closed at the link",
          "job, output and agent need nothing more");
    }
    throw new IllegalArgumentException("no words for " + event);
  }

  private List<Statement> reconciled(LinkEvent.Reconciled event) {
    String cause =
        "reconciliation in epoch %s with %s, its life %s over data directory %s"
            .formatted(event.epoch(), agent, event.incarnation(), event.agentJournal());
    if (event.entries().isEmpty()) {
      return List.of(
          new Statement(Subject.agent(agent), agent + " is heard again; nothing was open", cause));
    }
    return each(event.entries(), ReconcileEntry::execution, this::entry, entry -> cause);
  }

  private String entry(ReconcileEntry entry) {
    return "%s is heard again: of %s the master had '%s', it says '%s' → %s: %s%s"
        .formatted(
            agent,
            entry.execution(),
            entry.before(),
            entry.agentSays(),
            JobWords.dashed(entry.decision()),
            entry.reason(),
            entry.alarm() ? " (alarm)" : "");
  }

  private String report(Exchange.Report report) {
    return "%s reported of %s: %s"
        .formatted(agent, report.execution(), TaskWords.tell(report.event()));
  }

  private String reportCause(Exchange.Report report) {
    String foreign = report.foreign().map(j -> ", of a task of another journal, " + j).orElse("");
    return "its event " + report.number() + foreign + epoch.map(e -> ", epoch " + e).orElse("");
  }

  private String inEpoch() {
    return epoch.map(e -> "epoch " + e).orElse("");
  }

  private List<Statement> same(List<ExecutionId> executions, String text, String cause) {
    return each(executions, id -> id, id -> text.formatted(id), id -> cause);
  }

  private <T> List<Statement> each(
      List<T> all,
      Function<T, ExecutionId> execution,
      Function<T, String> text,
      Function<T, String> cause) {
    List<Statement> statements = new ArrayList<>();
    for (T one : all) {
      statements.add(new Statement(about(execution.apply(one)), text.apply(one), cause.apply(one)));
    }
    return statements;
  }

  private Subject about(ExecutionId execution) {
    return Subject.execution(execution).on(agent);
  }
}
