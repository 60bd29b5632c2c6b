package io.holdfast.master.history;

import io.holdfast.master.catalog.CatalogEvent;
import io.holdfast.master.history.HistoryChange.AgentChanged;
import io.holdfast.master.history.HistoryChange.AgentNews;
import io.holdfast.master.history.HistoryChange.CancelAsked;
import io.holdfast.master.history.HistoryChange.ExecutionAmended;
import io.holdfast.master.history.HistoryChange.ExecutionAssigned;
import io.holdfast.master.history.HistoryChange.ExecutionOver;
import io.holdfast.master.history.HistoryChange.RunAsked;
import io.holdfast.master.history.HistoryChange.RunFound;
import io.holdfast.master.history.HistoryChange.RunOver;
import io.holdfast.master.history.HistoryChange.StartSeen;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What each event of the journal changes in the history. Pure: no state, no clock. */
final class HistoryRules {
  private HistoryRules() {}

  /**
   * The changes that an event leads to, in their order; none for an event that the history does not
   * tell of.
   *
   * @param persistenceId whose event it is, such as {@code agent|agent-1}
   * @param number its number there
   * @throws IllegalArgumentException for an event of which nothing was decided here
   */
  static List<HistoryChange> changes(String persistenceId, long number, Object event) {
    if (event instanceof JobEvent job) {
      return ofJob(job);
    }
    if (event instanceof LinkEvent link) {
      String agent = persistenceId.substring(persistenceId.indexOf('|') + 1);
      return ofLink(new AgentId(agent), number, link);
    }
    if (event instanceof JournalCut) {
      // What was lost cannot be told; what becomes of it, the events behind the cut tell.
      return List.of();
    }
    if (event instanceof CatalogEvent) {
      // Definitions are not searched: they are in the journal, and the present ones in the catalog.
      return List.of();
    }
    throw undecided(event);
  }

  /** When it happened, by the master's wall clock. */
  static Instant at(Object event) {
    if (event instanceof JobEvent job) {
      return job.at();
    }
    if (event instanceof LinkEvent link) {
      return link.at();
    }
    if (event instanceof CatalogEvent.JobsApplied applied) {
      return applied.at();
    }
    if (event instanceof CatalogEvent.JournalDamaged damaged) {
      return damaged.at();
    }
    if (event instanceof JournalCut cut) {
      return cut.at();
    }
    throw undecided(event);
  }

  private static List<HistoryChange> ofJob(JobEvent event) {
    if (event instanceof JobEvent.RunRequested asked) {
      return List.of(new RunAsked(asked.run(), asked.at(), asked.requestId()));
    }
    if (event instanceof JobEvent.CancelRequested cancel) {
      return List.of(new CancelAsked(cancel.run(), cancel.at()));
    }
    if (event instanceof JobEvent.ExecutionBegun begun) {
      return List.of(
          new ExecutionAssigned(
              begun.execution(), begun.agent(), Optional.of(begun.token()), begun.at(), false));
    }
    if (event instanceof JobEvent.ExecutionEnded ended) {
      return List.of(
          new ExecutionOver(
              ended.execution(),
              ended.outcome(),
              ended.startedAt(),
              ended.endedAt().orElse(ended.at())));
    }
    if (event instanceof JobEvent.ExecutionAmended amended) {
      return List.of(new ExecutionAmended(amended.execution(), amended.outcome()));
    }
    if (event instanceof JobEvent.RunAdopted adopted) {
      Instant since = adopted.startedAt().orElse(adopted.at());
      return List.of(
          new RunFound(adopted.execution().run(), since),
          new ExecutionAssigned(
              adopted.execution(), adopted.agent(), adopted.token(), since, true));
    }
    if (event instanceof JobEvent.RunEnded ended) {
      return List.of(new RunOver(ended.run(), ended.result(), ended.message(), ended.at()));
    }
    boolean toldElsewhere =
        event instanceof JobEvent.Defined
            || event instanceof JobEvent.JournalDamaged
            || event instanceof JobEvent.LinkHeard
            || event instanceof JobEvent.AllLinksHeard
            || event instanceof JobEvent.NumberingRaised
            || event instanceof JobEvent.VariableSet
            || event instanceof JobEvent.NoteAdded
            || event instanceof JobEvent.ProgressMade;
    if (toldElsewhere) {
      return List.of();
    }
    throw undecided(event);
  }

  private static List<HistoryChange> ofLink(AgentId agent, long number, LinkEvent event) {
    if (event instanceof LinkEvent.Activated activated) {
      return news(agent, number, new AgentNews.Activated(activated.epoch()), event);
    }
    if (event instanceof LinkEvent.Reconciled reconciled) {
      return reconciled(agent, number, reconciled);
    }
    if (event instanceof LinkEvent.LostDeclared lost) {
      return news(agent, number, new AgentNews.GivenUp(false, lost.why()), event);
    }
    if (event instanceof LinkEvent.ConfirmedLost lost) {
      String why = "confirmed by " + lost.who() + ": " + lost.why();
      return news(agent, number, new AgentNews.GivenUp(true, why), event);
    }
    if (event instanceof LinkEvent.Reported reported) {
      return reported.reports().stream()
          // What another master's journal has ordered is no execution of this one.
          .filter(report -> report.foreign().isEmpty())
          .filter(report -> report.event() instanceof TaskEvent.Started)
          .<HistoryChange>map(
              report ->
                  new StartSeen(
                      report.execution(), agent, ((TaskEvent.Started) report.event()).at()))
          .toList();
    }
    if (event instanceof LinkEvent.Unheard) {
      // When it was heard again is in the history, and what came of it.
      return List.of();
    }
    boolean toldByTheJob =
        event instanceof LinkEvent.Assigned
            || event instanceof LinkEvent.AssignedAgain
            || event instanceof LinkEvent.JournalDamaged
            || event instanceof LinkEvent.Sending
            || event instanceof LinkEvent.StopWanted
            || event instanceof LinkEvent.Withdrawn
            || event instanceof LinkEvent.StartsRefused
            || event instanceof LinkEvent.Closed;
    if (toldByTheJob) {
      return List.of();
    }
    throw undecided(event);
  }

  private static List<HistoryChange> reconciled(
      AgentId agent, long number, LinkEvent.Reconciled event) {
    Set<ExecutionId> disowned =
        event.entries().stream()
            .filter(entry -> entry.decision() == ReconcileDecision.DISOWN)
            .map(ReconcileEntry::execution)
            .collect(Collectors.toSet());
    // A start of which only the inventory tells: the exchange that reported it was cut off.
    Stream<HistoryChange> starts =
        event.items().stream()
            .filter(item -> item.startedAt().isPresent() && !disowned.contains(item.execution()))
            .map(item -> new StartSeen(item.execution(), agent, item.startedAt().get()));
    AgentNews news =
        new AgentNews.Reconciled(event.epoch(), event.agentJournal(), event.incarnation());
    return Stream.concat(news(agent, number, news, event).stream(), starts).toList();
  }

  private static List<HistoryChange> news(
      AgentId agent, long number, AgentNews news, LinkEvent event) {
    return List.of(new AgentChanged(agent, number, news, event.at()));
  }

  private static IllegalArgumentException undecided(Object event) {
    return new IllegalArgumentException(
        "nothing is decided of what " + event.getClass().getName() + " means for the history");
  }
}
