package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.MasterRecord;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.Exchange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a link's journal amounts to: hard state, changed by {@link #evolve} alone.
 *
 * @param epoch of the newest activation
 * @param life whose activation that was; absent if it is of before lives were noted
 * @param agentJournal the agent's data directory as of the newest coupling
 * @param executions all that are not closed, in the order in which they were assigned
 * @param reports the newest {@link #KEPT_REPORTS} reconciliations, newest first
 * @param confirmations what operators vouched for: the newest {@link #KEPT_REPORTS}, newest first
 * @param cut that a part of this journal is lost, if so: the newest such
 */
public record LinkState(
    MasterEpoch epoch,
    Optional<Incarnation> life,
    Optional<JournalId> agentJournal,
    Map<ExecutionId, LinkExecution> executions,
    List<LinkEvent.Reconciled> reports,
    List<LinkEvent.ConfirmedLost> confirmations,
    Optional<LinkCut> cut) {
  /** How many reconciliation reports are kept at hand; older ones remain in the journal. */
  public static final int KEPT_REPORTS = 20;

  /** A link of which nothing is known. */
  public static final LinkState EMPTY =
      new LinkState(new MasterEpoch(0), Optional.empty(), Map.of(), List.of(), List.of());

  /** A link whose journal is whole, and whose life does not matter. */
  public LinkState(
      MasterEpoch epoch,
      Optional<JournalId> agentJournal,
      Map<ExecutionId, LinkExecution> executions,
      List<LinkEvent.Reconciled> reports,
      List<LinkEvent.ConfirmedLost> confirmations) {
    this(
        epoch,
        Optional.empty(),
        agentJournal,
        executions,
        reports,
        confirmations,
        Optional.empty());
  }

  /** One execution, unless it is closed. */
  public Optional<LinkExecution> execution(ExecutionId id) {
    return Optional.ofNullable(executions.get(id));
  }

  /** All executions as the reconciliation sees them. */
  public List<MasterRecord> records() {
    return executions.values().stream().flatMap(e -> e.record(!isUnsure(e.id())).stream()).toList();
  }

  /**
   * Whether it is of before a cut, may be alive, and no job has said since that it waits for it.
   */
  boolean isUnsure(ExecutionId id) {
    return cut.filter(it -> it.unsure().contains(id)).isPresent();
  }

  /** Whether agent and journal together know all that may live of what this link ever sent. */
  boolean isComplete() {
    return cut.isEmpty() || cut.get().isToldBy(agentJournal);
  }

  /** What {@code event} makes of this state. */
  public LinkState evolve(LinkEvent event) {
    if (event instanceof LinkEvent.Activated activated) {
      return new LinkState(
          activated.epoch(),
          activated.life(),
          agentJournal,
          executions,
          reports,
          confirmations,
          cut);
    }
    if (event instanceof LinkEvent.JournalDamaged damaged) {
      return with(LinkDamage.damaged(this, damaged));
    }
    if (event instanceof LinkEvent.AssignedAgain again) {
      return with(LinkDamage.assignedAgain(this, again));
    }
    if (event instanceof LinkEvent.Unheard) {
      return this;
    }
    Map<ExecutionId, LinkExecution> next = new LinkedHashMap<>(executions);
    if (event instanceof LinkEvent.Assigned assigned) {
      next.compute(
          assigned.spec().execution(),
          (id, found) ->
              found == null
                  ? LinkExecution.assigned(assigned.spec(), assigned.releaseByTime())
                  : found.claimed(assigned.spec()));
    } else if (event instanceof LinkEvent.Sending sending) {
      for (RequestId request : sending.requests()) {
        change(next, request.execution(), e -> e.sending(request, agentJournal));
      }
    } else if (event instanceof LinkEvent.StopWanted stop) {
      change(next, stop.execution(), e -> e.stopping(stop.reason()));
    } else if (event instanceof LinkEvent.Reported reported) {
      reported.reports().forEach(report -> apply(next, report));
    } else if (event instanceof LinkEvent.LostDeclared lost) {
      lost.executions().forEach(id -> change(next, id, e -> e.lost(lost.why(), lost.at())));
    } else if (event instanceof LinkEvent.Withdrawn withdrawn) {
      change(
          next,
          withdrawn.execution(),
          e ->
              e.ended(
                  new Outcome.NeverStarted(withdrawn.why()), Optional.of(withdrawn.at()), 0, 0));
    } else if (event instanceof LinkEvent.StartsRefused refused) {
      for (ExecutionId id : refused.executions()) {
        change(
            next,
            id,
            e ->
                e.isSettled()
                    ? e
                    : e.ended(new Outcome.Refused(refused.why()), Optional.of(refused.at()), 0, 0));
      }
    } else if (event instanceof LinkEvent.ConfirmedLost confirmed) {
      confirmed
          .executions()
          .forEach(id -> change(next, id, e -> e.lost(confirmed.words(), confirmed.at())));
      return new LinkState(
          epoch,
          life,
          agentJournal,
          Collections.unmodifiableMap(next),
          reports,
          newest(confirmed, confirmations),
          cutAfter(next).map(it -> it.vouched(agentJournal)));
    } else if (event instanceof LinkEvent.Closed closed) {
      closed.executions().forEach(next::remove);
    } else if (event instanceof LinkEvent.Reconciled reconciled) {
      return reconciled(next, reconciled);
    } else {
      throw new IllegalArgumentException("no meaning for " + event);
    }
    return new LinkState(
        epoch,
        life,
        agentJournal,
        Collections.unmodifiableMap(next),
        reports,
        confirmations,
        cutAfter(next));
  }

  private LinkState with(LinkDamage.Change change) {
    return new LinkState(
        epoch,
        life,
        agentJournal,
        change.executions(),
        reports,
        confirmations,
        Optional.of(change.cut()));
  }

  /** Of what is over nothing is unsure. */
  private Optional<LinkCut> cutAfter(Map<ExecutionId, LinkExecution> next) {
    return cut.map(
        it ->
            it.among(
                next.values().stream()
                    .filter(e -> e.phase().mayBeAlive())
                    .map(LinkExecution::id)
                    .toList()));
  }

  private LinkState reconciled(
      Map<ExecutionId, LinkExecution> next, LinkEvent.Reconciled reconciled) {
    Map<ExecutionId, InventoryItem> items = new LinkedHashMap<>();
    reconciled.items().forEach(item -> items.put(item.execution(), item));
    for (ReconcileEntry entry : reconciled.entries()) {
      apply(next, entry, Optional.ofNullable(items.get(entry.execution())), reconciled);
    }
    return new LinkState(
        epoch,
        life,
        Optional.of(reconciled.agentJournal()),
        Collections.unmodifiableMap(next),
        newest(reconciled, reports),
        confirmations,
        cutAfter(next));
  }

  private static <T> List<T> newest(T one, List<T> before) {
    List<T> more = new ArrayList<>(before);
    more.add(0, one);
    return List.copyOf(more.subList(0, Math.min(KEPT_REPORTS, more.size())));
  }

  private static void apply(
      Map<ExecutionId, LinkExecution> next,
      ReconcileEntry entry,
      Optional<InventoryItem> item,
      LinkEvent.Reconciled all) {
    ExecutionId id = entry.execution();
    switch (entry.decision()) {
      case RESUME -> change(next, id, e -> living(e, item.orElseThrow(), all.agentJournal()));
      case COMPLETE, AMEND -> change(next, id, e -> over(e, item.orElseThrow()));
      case LOST -> change(next, id, e -> e.lost(entry.reason(), all.at()));
      case STOP ->
          change(
              next,
              id,
              e ->
                  unsettled(living(e, item.orElseThrow(), all.agentJournal()))
                      .stopping(whyStopped(e)));
      case ADOPT ->
          next.put(id, found(next.get(id), item.orElseThrow(), Whose.EARLIER, all.agentJournal()));
      case DISOWN -> {
        LinkExecution found =
            found(next.get(id), item.orElseThrow(), Whose.FOREIGN, all.agentJournal());
        next.put(id, found.isSettled() ? found : found.stopping(StopReason.DISOWNED));
      }
      // Its journal at the agent begins anew, with the number 1.
      case GIVE_UP -> change(next, id, e -> e.at(e.phase(), 0));
      // Whether it was ever sent was not known: it is sent when there is room.
      case RESEND -> change(next, id, e -> e.phase() == ExecutionPhase.UNSURE ? e.queued() : e);
      case WAIT, RELEASE -> {}
    }
  }

  /**
   * What the agent holds under an id that this journal knows nothing of, or has given to something
   * else that never reached the agent.
   */
  private static LinkExecution found(
      LinkExecution ours, InventoryItem item, Whose whose, JournalId agentJournal) {
    LinkExecution blank =
        new LinkExecution(
            item.execution(),
            Optional.empty(),
            false,
            ExecutionPhase.SENT,
            // It is at the agent, also where that has lost by which request: it is to be released.
            item.requests().isEmpty() ? List.of(item.execution().request(1)) : item.requests(),
            Optional.of(agentJournal),
            0,
            Optional.empty(),
            item.startedAt(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            whose == Whose.EARLIER ? Whose.OURS : whose,
            item.fencingToken());
    LinkExecution record = blank;
    if (ours != null && ours.whose() == whose) {
      record = ours;
    } else if (ours != null && ours.outcome().isPresent()) {
      // The verdict stays; what is found is added to it.
      record = ours.at(ExecutionPhase.LOST, item.newestEvent()).notOurs(whose);
    } else if (ours != null && ours.spec().isPresent()) {
      record = blank.claimed(ours.spec().get());
    }
    return item.phase().mayBeAlive() ? living(record, item, agentJournal) : over(record, item);
  }

  private static LinkExecution living(
      LinkExecution execution, InventoryItem item, JournalId agentJournal) {
    ExecutionPhase phase =
        execution.phase() == ExecutionPhase.LOST || execution.phase() == ExecutionPhase.ENDED
            ? execution.phase()
            : phaseOf(item.phase());
    return execution.at(phase, item.newestEvent()).started(item.startedAt()).foundIn(agentJournal);
  }

  /** P1: what was given up and is alive has no grace, also if its end was asked for before. */
  private static StopReason whyStopped(LinkExecution execution) {
    return execution.phase().mayBeAlive()
        ? execution.stop().orElse(StopReason.LOST_ELSEWHERE)
        : StopReason.LOST_ELSEWHERE;
  }

  /** Called ended and yet alive: what is heard of it from now on is added to the verdict. */
  private static LinkExecution unsettled(LinkExecution execution) {
    return execution.phase() == ExecutionPhase.ENDED
        ? execution.at(ExecutionPhase.LOST, execution.newestEvent())
        : execution;
  }

  private static ExecutionPhase phaseOf(TaskPhase phase) {
    return switch (phase) {
      case RUNNING -> ExecutionPhase.RUNNING;
      case STOPPING -> ExecutionPhase.STOPPING;
      case UNKNOWN, ACCEPTED, FINISHED, TOMBSTONED, RELEASED -> ExecutionPhase.ACCEPTED;
    };
  }

  private static LinkExecution over(LinkExecution execution, InventoryItem item) {
    return execution
        .at(execution.phase(), item.newestEvent())
        .started(item.startedAt())
        .ended(
            item.outcome().orElse(givenUp(execution)),
            item.endedAt(),
            item.stdoutBytes(),
            item.stderrBytes());
  }

  /** R7: it can never start. What was seen accepted may have run: how it ended is not known. */
  private static Outcome givenUp(LinkExecution execution) {
    boolean seen =
        execution.phase() == ExecutionPhase.UNSURE
            || execution.phase() == ExecutionPhase.ACCEPTED
            || execution.phase() == ExecutionPhase.RUNNING
            || execution.phase() == ExecutionPhase.STOPPING;
    return seen
        ? new Outcome.Lost("agent has no record")
        : new Outcome.NeverStarted("given up before it started");
  }

  private static void apply(Map<ExecutionId, LinkExecution> next, Exchange.Report report) {
    change(
        next,
        report.execution(),
        e -> report.number() <= e.newestEvent() || !e.isAbout(report) ? e : reported(e, report));
  }

  private static LinkExecution reported(LinkExecution execution, Exchange.Report report) {
    TaskEvent event = report.event();
    if (event instanceof TaskEvent.Finished end) {
      return execution
          .at(execution.phase(), report.number())
          .ended(
              end.outcome(),
              end.endedAt().or(() -> Optional.of(end.at())),
              end.stdoutBytes(),
              end.stderrBytes());
    }
    if (event instanceof TaskEvent.Tombstoned tombstone) {
      return execution
          .at(execution.phase(), report.number())
          .ended(givenUp(execution), Optional.of(tombstone.at()), 0, 0);
    }
    boolean settled =
        execution.phase() == ExecutionPhase.LOST || execution.phase() == ExecutionPhase.ENDED;
    ExecutionPhase phase = settled ? execution.phase() : next(execution.phase(), event);
    LinkExecution seen = execution.at(phase, report.number());
    return event instanceof TaskEvent.Started started
        ? seen.started(Optional.of(started.at()))
        : seen;
  }

  private static ExecutionPhase next(ExecutionPhase before, TaskEvent event) {
    if (event instanceof TaskEvent.StopBegun) {
      return ExecutionPhase.STOPPING;
    }
    if (event instanceof TaskEvent.Started) {
      return before == ExecutionPhase.STOPPING ? before : ExecutionPhase.RUNNING;
    }
    boolean isFirst = before == ExecutionPhase.SENT || before == ExecutionPhase.UNSURE;
    return isFirst ? ExecutionPhase.ACCEPTED : before;
  }

  private static void change(
      Map<ExecutionId, LinkExecution> executions,
      ExecutionId id,
      UnaryOperator<LinkExecution> change) {
    executions.computeIfPresent(id, (key, execution) -> change.apply(execution));
  }
}
