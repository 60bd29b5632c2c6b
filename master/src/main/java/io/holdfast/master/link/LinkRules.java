package io.holdfast.master.link;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.Reconciliation;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the master's side of a link decides: what to send, what an answer means, what may be given
 * up (R3, R5). Pure; {@link SessionMemory} is read, never changed, here.
 */
public final class LinkRules {
  private LinkRules() {}

  /** Why an execution is not sent that has an older number than what its agent has seen. */
  static final String NUMBER_USED =
      "its number was used before this master's journal lost its tail; it was not sent";

  /**
   * A job gives an execution to the link; a second time changes nothing. What was found under its
   * id at the agent is not what the job means.
   */
  public static List<LinkEvent> assign(
      LinkState state, TaskSpec spec, boolean releaseByTime, Instant now) {
    return assign(state, spec, releaseByTime, false, now);
  }

  /**
   * The same.
   *
   * @param again whether the job has begun it in a former life, so that it may have been given to
   *     this link in a part of its journal that is lost
   */
  static List<LinkEvent> assign(
      LinkState state, TaskSpec spec, boolean releaseByTime, boolean again, Instant now) {
    ExecutionId id = spec.execution();
    boolean isKnown = state.execution(id).filter(e -> e.spec().isPresent()).isPresent();
    if (again && state.cut().isPresent() && (!isKnown || state.isUnsure(id))) {
      return List.of(new LinkEvent.AssignedAgain(spec, releaseByTime, now));
    }
    return isKnown ? List.of() : List.of(new LinkEvent.Assigned(spec, releaseByTime, now));
  }

  /** A job wants it to end. */
  public static List<LinkEvent> stop(LinkState state, ExecutionId id, Instant now) {
    Optional<LinkExecution> execution = state.execution(id);
    if (execution.isEmpty() || execution.get().isSettled() || execution.get().stop().isPresent()) {
      return List.of();
    }
    return execution.get().phase() == ExecutionPhase.QUEUED
        ? List.of(new LinkEvent.Withdrawn(id, "cancelled before it was sent", now))
        : List.of(new LinkEvent.StopWanted(id, StopReason.CANCELLED, now));
  }

  /** An exchange was answered: its reports are news unless they are here already (R5). */
  public static List<LinkEvent> responded(
      LinkState state,
      Collection<Exchange.Report> reports,
      Collection<ExecutionId> released,
      Collection<Exchange.RefusedStart> refused,
      Instant now) {
    List<LinkEvent> events = new ArrayList<>();
    List<Exchange.Report> news =
        reports.stream()
            .filter(
                report ->
                    state
                        .execution(report.execution())
                        .filter(e -> report.number() > e.newestEvent() && e.isAbout(report))
                        .isPresent())
            .toList();
    if (!news.isEmpty()) {
      events.add(new LinkEvent.Reported(news, now));
    }
    for (Exchange.RefusedStart one : refused) {
      if (state.execution(one.execution()).filter(e -> !e.isSettled()).isPresent()) {
        events.add(new LinkEvent.StartsRefused(List.of(one.execution()), one.why(), now));
      }
    }
    List<ExecutionId> closed = released.stream().filter(state.executions()::containsKey).toList();
    if (!closed.isEmpty()) {
      events.add(new LinkEvent.Closed(closed, now));
    }
    return events;
  }

  /**
   * The agent is heard again: compare, decide, and journal both. What is to be stopped is among the
   * commands, for the first exchange tells the agent that it was heard: what it holds in doubt goes
   * on then (R12).
   */
  public static Decision<LinkEvent, MasterCommand> coupled(
      LinkState state, Couple.Response agent, JournalId masterJournal, Instant now) {
    List<ReconcileEntry> entries =
        Reconciliation.reconcile(
            state.records(), agent.inventory(), agent.journal(), masterJournal, used(agent));
    Set<ExecutionId> concerned = new HashSet<>();
    entries.forEach(entry -> concerned.add(entry.execution()));
    List<InventoryItem> items =
        agent.inventory().stream().filter(item -> concerned.contains(item.execution())).toList();
    List<LinkEvent> events = new ArrayList<>();
    events.add(
        new LinkEvent.Reconciled(
            state.epoch(), agent.journal(), agent.incarnation(), entries, items, now));
    LinkState compared = state.evolve(events.get(0));
    List<MasterCommand> commands = new ArrayList<>();
    List<RequestId> again = new ArrayList<>();
    for (ReconcileEntry entry : entries) {
      ExecutionId id = entry.execution();
      if (entry.decision() == ReconcileDecision.RESEND) {
        LinkExecution execution = state.execution(id).orElseThrow();
        if (execution.phase() != ExecutionPhase.UNSURE) {
          RequestId request = id.request(execution.requests().size() + 1);
          again.add(request);
          commands.add(start(execution, request));
        }
      } else if (entry.decision() == ReconcileDecision.GIVE_UP) {
        commands.add(new MasterCommand.GiveUp(id));
      } else if (entry.decision() == ReconcileDecision.RELEASE && state.execution(id).isEmpty()) {
        commands.add(new MasterCommand.Release(id));
      }
      compared
          .execution(id)
          .filter(execution -> !execution.isSettled())
          .flatMap(LinkExecution::stop)
          .ifPresent(reason -> commands.add(new MasterCommand.Stop(id, reason)));
    }
    if (!again.isEmpty()) {
      events.add(new LinkEvent.Sending(again, now));
    }
    return new Decision<>(events, commands);
  }

  /** All numbers of this master that the agent has ever seen. */
  static UsedNumbers used(Couple.Response agent) {
    return agent.used().orElse(UsedNumbers.NONE).plus(agent.inventory());
  }

  /** What this link has settled or given up, and the agent does not hold (any more). */
  public static Set<ExecutionId> absent(LinkState state, Couple.Response agent) {
    Set<ExecutionId> absent = new HashSet<>();
    for (LinkExecution execution : state.executions().values()) {
      boolean over =
          execution.phase() == ExecutionPhase.ENDED || execution.phase() == ExecutionPhase.LOST;
      if (over) {
        absent.add(execution.id());
      }
    }
    agent.inventory().forEach(item -> absent.remove(item.execution()));
    return absent;
  }

  /** R3 (c): what may be given up now that the lease is provably over. */
  public static List<LinkEvent> leaseOver(
      LinkState state, Optional<Set<ExecutionId>> only, String why, Instant now) {
    List<ExecutionId> lost =
        state.executions().values().stream()
            .filter(e -> e.phase().mayBeAlive() && e.releaseByTime())
            .map(LinkExecution::id)
            .filter(id -> only.isEmpty() || only.get().contains(id))
            .toList();
    return lost.isEmpty() ? List.of() : List.of(new LinkEvent.LostDeclared(lost, why, now));
  }

  /**
   * An operator vouches that nothing of the machine lives any more: all of it is given up. Of an
   * agent that is heard only what a former data directory of it held, of which it can say nothing;
   * that there was such a directory may be in a lost part of the journal.
   */
  static List<LinkEvent> confirmLost(
      LinkState state, boolean heard, String who, String why, Instant now) {
    List<ExecutionId> lost =
        state.executions().values().stream()
            .filter(e -> e.phase().mayBeAlive())
            .filter(e -> !heard || !e.sentTo().equals(state.agentJournal()))
            .map(LinkExecution::id)
            .toList();
    return heard && lost.isEmpty() && state.isComplete()
        ? List.of()
        : List.of(new LinkEvent.ConfirmedLost(lost, who, why, now));
  }

  /** What can be sent now. What may be sent for the first time is journalled before it is (R14). */
  public static Decision<LinkEvent, MasterCommand> dispatch(
      LinkState state, SessionMemory memory, Instant now) {
    List<LinkEvent> events = new ArrayList<>();
    List<ExecutionId> closed =
        state.executions().values().stream()
            .filter(memory::isClosable)
            .map(LinkExecution::id)
            .toList();
    if (!closed.isEmpty()) {
      events.add(new LinkEvent.Closed(closed, now));
    }
    if (!memory.isOpen()) {
      return new Decision<>(events, List.of());
    }
    List<MasterCommand> commands = new ArrayList<>();
    List<RequestId> first = new ArrayList<>();
    List<ExecutionId> usedUp = new ArrayList<>();
    Set<ExecutionId> living = livingThoughGivenUp(state);
    long active =
        living.size()
            + state.executions().values().stream().filter(e -> e.phase().mayBeAlive()).count();
    for (LinkExecution execution : state.executions().values()) {
      ExecutionId id = execution.id();
      if (execution.phase() == ExecutionPhase.QUEUED) {
        boolean held =
            living.stream().anyMatch(alive -> alive.job().equals(id.job()))
                || foundAlive(state, id.job());
        if (memory.used(id.job()).covers(execution.token().orElseThrow())) {
          usedUp.add(id);
        } else if (active < memory.taskLimit() && !held) {
          active++;
          first.add(id.request(1));
          commands.add(start(execution, id.request(1)));
        }
      } else if (!memory.isClosable(execution) && memory.releaseToSend(execution)) {
        commands.add(new MasterCommand.Release(id));
      } else if (execution.stop().isPresent() && !execution.isSettled() && memory.stopToSend(id)) {
        commands.add(new MasterCommand.Stop(id, execution.stop().get()));
      }
    }
    if (!usedUp.isEmpty()) {
      events.add(new LinkEvent.StartsRefused(usedUp, NUMBER_USED, now));
    }
    if (!first.isEmpty()) {
      events.add(new LinkEvent.Sending(first, now));
    }
    return new Decision<>(events, commands);
  }

  /** P1: what no job gave to this link, and lives, holds its job back. */
  private static boolean foundAlive(LinkState state, JobName job) {
    return state.executions().values().stream()
        .filter(e -> e.phase().mayBeAlive() && e.id().job().equals(job))
        // Of one whose journal at the agent was damaged not even the token may be known.
        .anyMatch(e -> e.found().isPresent() || e.spec().isEmpty());
  }

  /** P1: what was found alive at the newest coupling holds its job back, and its place. */
  private static Set<ExecutionId> livingThoughGivenUp(LinkState state) {
    Set<ExecutionId> living = new HashSet<>();
    if (!state.reports().isEmpty()) {
      for (ReconcileEntry entry : state.reports().get(0).entries()) {
        boolean open =
            entry.decision() == ReconcileDecision.STOP
                && state
                    .execution(entry.execution())
                    .filter(e -> !e.phase().mayBeAlive() && !e.isSettled())
                    .isPresent();
        if (open) {
          living.add(entry.execution());
        }
      }
    }
    return living;
  }

  private static MasterCommand start(LinkExecution execution, RequestId request) {
    List<RequestId> before = execution.requests();
    return new MasterCommand.Start(
        execution.spec().orElseThrow(),
        request,
        before.isEmpty() ? Optional.empty() : Optional.of(before.get(before.size() - 1)));
  }
}
