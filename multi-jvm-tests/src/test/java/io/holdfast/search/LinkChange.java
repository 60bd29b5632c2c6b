package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.SessionMemory;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How a link's journal changes: with what follows from the events, in one write. */
final class LinkChange {
  private final Rules rules;

  LinkChange(Rules rules) {
    this.rules = rules;
  }

  /** As the reconciler does it: what follows from the events leaves with the same write. */
  void change(World next, int a, List<LinkEvent> events) {
    LinkSide link = next.editLink(a);
    LinkState before = link.state;
    LinkState state = before;
    for (LinkEvent event : events) {
      state = rules.evolve(state, event);
    }
    if (rules.jobTookTheNewest()) {
      link.jobHas &= ~news(next, before, state);
    }
    SessionMemory memory = memory(next, link);
    Decision<LinkEvent, MasterCommand> dispatch = rules.dispatch(state, memory);
    for (LinkEvent event : dispatch.events()) {
      if (rules.journalsBeforeSending() || !(event instanceof LinkEvent.Sending)) {
        state = rules.evolve(state, event);
      }
    }
    for (MasterCommand command : dispatch.directives()) {
      int bit = 1 << next.index(command.execution());
      if (command instanceof MasterCommand.Stop) {
        link.stopsSent |= bit;
      } else if (command instanceof MasterCommand.Release) {
        link.releasesSent |= bit;
      }
    }
    if (!dispatch.directives().isEmpty()) {
      List<MasterCommand> more = new ArrayList<>(link.outbox);
      more.addAll(dispatch.directives());
      link.outbox = List.copyOf(more);
    }
    link.state = trimmed(state);
    int known = 0;
    for (LinkExecution execution : state.executions().values()) {
      int bit = 1 << next.index(execution.id());
      known |= bit;
    }
    link.jobHas &= ~news(next, before, state);
    link.stopsSent &= known;
    link.releasesSent &= known;
    link.jobHas &= known;
    link.absent &= known;
    link.waiting &= known;
    link.waitUntil = link.waiting == 0 ? Ticks.NEVER : link.waitUntil;
  }

  /** Of which executions the job does not know all. */
  private static int news(World world, LinkState before, LinkState after) {
    int bits = 0;
    for (LinkExecution execution : after.executions().values()) {
      Optional<LinkExecution> then = before.execution(execution.id());
      boolean news =
          then.isEmpty()
              || !then.get().outcome().equals(execution.outcome())
              || !then.get().late().equals(execution.late());
      bits |= news ? 1 << world.index(execution.id()) : 0;
    }
    return bits;
  }

  private static SessionMemory memory(World world, LinkSide link) {
    SessionMemory memory = new SessionMemory();
    if (link.session != 0) {
      // One journal, whole: no number is ever used twice.
      memory.begin(LineMoves.TASK_LIMIT, ids(world, link.absent), UsedNumbers.NONE);
    }
    ids(world, link.stopsSent).forEach(memory::stopSent);
    ids(world, link.releasesSent).forEach(memory::releaseSent);
    ids(world, link.jobHas).forEach(memory::jobTook);
    return memory;
  }

  private static Set<ExecutionId> ids(World world, int bits) {
    if (bits == 0) {
      return Set.of();
    }
    Set<ExecutionId> ids = new HashSet<>();
    for (int e = 0; e < world.begun(); e++) {
      if ((bits & 1 << e) != 0) {
        ids.add(world.ids[e]);
      }
    }
    return ids;
  }

  /** Whose stop is among these. */
  static int stops(World world, List<MasterCommand> commands) {
    return bits(
        world,
        commands.stream()
            .filter(MasterCommand.Stop.class::isInstance)
            .map(MasterCommand::execution)
            .toList());
  }

  static int bits(World world, Collection<ExecutionId> ids) {
    int bits = 0;
    for (ExecutionId id : ids) {
      bits |= 1 << world.index(id);
    }
    return bits;
  }

  /** Of the reports no rule reads more than the newest one's stops. */
  private static LinkState trimmed(LinkState state) {
    if (state.reports().isEmpty()) {
      return state;
    }
    LinkEvent.Reconciled newest = state.reports().get(0);
    List<ReconcileEntry> stops =
        newest.entries().stream().filter(e -> e.decision() == ReconcileDecision.STOP).toList();
    List<LinkEvent.Reconciled> reports =
        stops.isEmpty()
            ? List.of()
            : List.of(
                new LinkEvent.Reconciled(
                    newest.epoch(),
                    newest.agentJournal(),
                    newest.incarnation(),
                    stops,
                    List.of(),
                    newest.at()));
    return new LinkState(
        state.epoch(), state.agentJournal(), state.executions(), reports, List.of());
  }
}
