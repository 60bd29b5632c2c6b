package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.SessionMemory;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the master does: the job, its links, and a failover, after which an old master may go on
 * until its authority is over (R13). The journal is written in the same move as the decision;
 * whatever is sent because of it is a move of its own.
 */
final class MasterMoves {
  private static final int TASK_LIMIT = 2;
  private static final Incarnation INCARNATION = new Incarnation("i-1");

  private final Moves moves;

  MasterMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world, Fleet[] fleets) {
    List<JobDirective> owed = world.owed;
    job(world, fleets, owed);
    for (int a = 0; a < moves.bounds.agents(); a++) {
      LinkSide link = world.links[a];
      if (!link.state.executions().isEmpty() || isOwed(owed, a)) {
        line(world, a, false);
      }
      if (world.oldLinks != null
          && (world.oldLinks[a].session != 0 || !world.oldLinks[a].coupling)) {
        line(world, a, true);
      }
      release(world, a);
      tellJob(world, a);
    }
    if (world.failovers > 0) {
      failover(world);
    }
  }

  private static boolean isOwed(List<JobDirective> owed, int a) {
    for (JobDirective directive : owed) {
      if (directive.agent().equals(World.agent(a))) {
        return true;
      }
    }
    return false;
  }

  /** The job's own moves, and what it has to tell its links. */
  private void job(World world, Fleet[] fleets, List<JobDirective> owed) {
    if (world.begun() < moves.bounds.executions()) {
      for (int a = 0; a < moves.bounds.agents(); a++) {
        moves.doing("the job may begin an execution at %s", World.name(a));
        World next = world.copy();
        if (tellJob(next, new JobCommand.Proceed(), fleets[a])) {
          moves.emit(next);
        }
      }
    }
    if (world.cancels > 0) {
      for (RunRecord run : world.job.runs().values()) {
        if (run.end().isEmpty() && run.cancel().isEmpty() && !run.executions().isEmpty()) {
          moves.doing("%s is cancelled", run.id());
          World next = world.copy();
          next.cancels--;
          tellJob(next, new JobCommand.Cancel(run.id(), "asked for"), Moves.NOBODY);
          moves.emit(next);
        }
      }
    }
    for (JobDirective directive : owed) {
      int a = directive.agent().equals(World.agent(0)) ? 0 : 1;
      LinkState state = world.links[a].state;
      List<LinkEvent> events =
          directive instanceof JobDirective.Assign assign
              ? moves.rules.assign(state, assign)
              : moves.rules.stop(state, directive.execution());
      if (!events.isEmpty()) {
        moves.doing(
            "link %s takes: %s %s",
            World.name(a), directive.getClass().getSimpleName(), directive.execution());
        World next = world.copy();
        change(next, a, events);
        moves.emit(next);
      }
    }
  }

  /** Changes {@code next}; whether anything follows from the command. */
  boolean tellJob(World next, JobCommand command, Fleet fleet) {
    Decision<JobEvent, JobDirective> decision = moves.rules.job(next.job, command, fleet);
    JobState state = next.job;
    for (JobEvent event : decision.events()) {
      state = moves.rules.evolve(state, event);
      if (event instanceof JobEvent.ExecutionBegun begun) {
        next.ids = next.ids.clone();
        next.ids[next.begun()] = begun.execution();
      }
    }
    next.job = state;
    next.owed = state.definition().isEmpty() ? List.of() : moves.rules.outstanding(state);
    if (decision.events().isEmpty()) {
      return false;
    }
    boolean fact = command instanceof JobCommand.End || command instanceof JobCommand.Amend;
    if (fact && !moves.rules.job(state, command, fleet).events().isEmpty()) {
      throw new Violation("I9", "the job takes twice what it was told: " + command);
    }
    return !decision.events().isEmpty();
  }

  /** What belongs to the exchange with one agent, of the living master or of the old one. */
  private void line(World world, int a, boolean old) {
    LinkSide link = world.link(a, old);
    int epoch = world.epoch(old);
    boolean room = world.net.length < moves.bounds.messages();
    if (link.session == 0) {
      if (room) {
        couple(world, a, old, link, epoch);
      }
      return;
    }
    if (room && !link.outstanding && (old || world.exchanges > 0)) {
      post(world, a, old, epoch);
    }
    boolean dead = link.outstanding && NetworkMoves.isDead(world, a, epoch, link);
    if (dead || !old) {
      moves.doing(
          "%s with %s is over", old ? "the old master's session" : "the session", World.name(a));
      World next = world.copy();
      next.editLink(a, old).close();
      moves.emit(next);
    }
  }

  private void couple(World world, int a, boolean old, LinkSide link, int epoch) {
    boolean waits = link.coupling && NetworkMoves.isCoupling(world, a, epoch);
    if (old ? waits : world.couplings == 0) {
      return;
    }
    World next = world.copy();
    next.couplings -= old ? 0 : 1;
    if (waits) {
      next.net = world.net.clone();
      for (int m = 0; m < next.net.length; m++) {
        if (next.net[m].agent() == a && next.net[m].epoch() == epoch) {
          next.net[m] = next.net[m].stale();
        }
      }
    }
    Message message = Message.couple(a, epoch);
    moves.doing("sent: %s", message);
    LinkSide changed = next.editLink(a, old);
    changed.coupling = true;
    changed.sentAt = moves.rules.countsFromReceipt() ? Ticks.NEVER : 0;
    next.send(message);
    moves.emit(next);
  }

  private void post(World world, int a, boolean old, int epoch) {
    World next = world.copy();
    LinkSide link = next.editLink(a, old);
    next.exchanges -= old || world.exchanges == Bounds.ANY ? 0 : 1;
    link.hold(moves.rules.echoing(link.hold()));
    link.outstanding = true;
    link.sent = link.outbox;
    link.outbox = List.of();
    link.sentAt = moves.rules.countsFromReceipt() ? Ticks.NEVER : 0;
    Message message = Message.exchange(a, epoch, link.session, link.newest, link.sent);
    moves.doing("sent: %s", message);
    next.send(message);
    moves.emit(next);
  }

  /** R3 (c): by the hold of the link, or by that of a data directory that is gone. */
  private void release(World world, int a) {
    LinkSide link = world.links[a];
    // The product also waits for two periods of silence; that it need not is the stronger
    // statement.
    boolean silent = link.session == 0 || !moves.rules.verdictWaitsForTheSession();
    boolean over =
        !moves.rules.silenceIsNoProof()
            || moves.rules.isReleasable(link.hold(), Ticks.NOW, Ticks.POLICY);
    if (silent && over) {
      List<LinkEvent> events = moves.rules.leaseOver(link.state, Optional.empty());
      if (!events.isEmpty()) {
        moves.doing("the master calls lost what runs at %s", World.name(a));
        World next = world.copy();
        change(next, a, events);
        moves.emit(next);
      }
    }
    if (link.waiting != 0 && link.waitUntil <= 0) {
      Set<ExecutionId> only = new HashSet<>();
      for (int e = 0; e < world.begun(); e++) {
        if ((link.waiting & 1 << e) != 0) {
          only.add(world.ids[e]);
        }
      }
      moves.doing("the master calls lost what ran in the former directory of %s", World.name(a));
      World next = world.copy();
      next.editLink(a).waiting = 0;
      next.links[a].waitUntil = Ticks.NEVER;
      change(next, a, moves.rules.leaseOver(link.state, Optional.of(only)));
      moves.emit(next);
    }
  }

  private void tellJob(World world, int a) {
    LinkSide link = world.links[a];
    for (LinkExecution execution : link.state.executions().values()) {
      int e = world.index(execution.id());
      if (execution.outcome().isEmpty() || (link.jobHas & 1 << e) != 0) {
        continue;
      }
      var end =
          new JobCommand.End(
              execution.id(),
              execution.outcome().get(),
              execution.startedAt(),
              execution.endedAt());
      JobCommand fact =
          execution.late().isPresent() ? new JobCommand.Amend(end, execution.late().get()) : end;
      moves.doing(
          "the job takes what became of %s: %s", execution.id(), execution.outcome().get().words());
      World next = world.copy();
      tellJob(next, fact, Moves.NOBODY);
      next.editLink(a).jobHas |= 1 << e;
      change(next, a, List.of());
      moves.emit(next);
    }
  }

  /** A coupling was answered: the reconciliation, in one write. {@code next} is a copy. */
  void coupled(World next, Message message) {
    int a = message.agent();
    LinkSide link = next.editLink(a);
    Couple.Response response =
        new Couple.Response(
            World.agent(a),
            World.journal(a, message.journal()),
            INCARNATION,
            World.session(message.session()),
            Ticks.at(message.anchor()),
            TASK_LIMIT,
            message.inventory(),
            Optional.empty());
    Decision<LinkEvent, MasterCommand> decision =
        moves.rules.coupled(link.state, response, AgentMoves.MASTER);
    boolean tooOften =
        decision.events().stream()
            .anyMatch(
                e ->
                    e instanceof LinkEvent.Sending again
                        && again.requests().stream()
                            .anyMatch(r -> r.number() > moves.bounds.sendings()));
    if (tooOften) {
      return;
    }
    Set<ExecutionId> absent = moves.rules.absent(link.state, response);
    var report = (LinkEvent.Reconciled) decision.events().get(0);
    int waiting = 0;
    for (ReconcileEntry entry : report.entries()) {
      if (entry.decision() == ReconcileDecision.WAIT) {
        waiting |= 1 << next.index(entry.execution());
      }
    }
    link.jobHas = 0;
    link.stopsSent = 0;
    link.releasesSent = 0;
    link.absent = bits(next, absent);
    int heard = moves.rules.countsFromReceipt() ? 0 : link.sentAt;
    MasterHold hold = link.hold();
    if (waiting != 0 && link.waiting == 0) {
      link.waiting = waiting;
      link.waitUntil = Math.max(0, Ticks.of(moves.rules.releasableAt(hold, Ticks.POLICY)));
    }
    link.hold(moves.rules.coupled(hold, response.anchor(), Ticks.at(heard)));
    link.session = message.session();
    link.coupling = false;
    link.outstanding = false;
    link.outbox = decision.directives();
    link.sent = List.of();
    change(next, a, decision.events());
    moves.emit(next);
  }

  /** An exchange was answered. {@code next} is a copy. */
  void answered(World next, Message message) {
    int a = message.agent();
    boolean old = message.epoch() != next.epoch;
    LinkSide link = next.editLink(a, old);
    int heard = moves.rules.countsFromReceipt() ? 0 : link.sentAt;
    link.hold(moves.rules.received(link.hold(), Ticks.at(message.anchor()), Ticks.at(heard)));
    List<ExecutionId> released = new ArrayList<>();
    for (MasterCommand command : link.sent) {
      if (command instanceof MasterCommand.Release) {
        released.add(command.execution());
      }
    }
    link.outstanding = false;
    link.sent = List.of();
    // An old master cannot journal the reports: the journal refuses it.
    if (!old) {
      List<LinkEvent> events = moves.rules.responded(link.state, message.reports(), released);
      change(next, a, events);
      if (!moves.rules.responded(next.links[a].state, message.reports(), released).isEmpty()) {
        throw new Violation("I9", "the link takes twice what " + World.name(a) + " reported");
      }
    }
    moves.emit(next);
  }

  /** As the reconciler does it: what follows from the events leaves with the same write. */
  private void change(World next, int a, List<LinkEvent> events) {
    LinkSide link = next.editLink(a);
    LinkState before = link.state;
    LinkState state = before;
    for (LinkEvent event : events) {
      state = moves.rules.evolve(state, event);
    }
    if (moves.rules.jobTookTheNewest()) {
      link.jobHas &= ~news(next, before, state);
    }
    SessionMemory memory = memory(next, link);
    Decision<LinkEvent, MasterCommand> dispatch = moves.rules.dispatch(state, memory);
    for (LinkEvent event : dispatch.events()) {
      if (moves.rules.journalsBeforeSending() || !(event instanceof LinkEvent.Sending)) {
        state = moves.rules.evolve(state, event);
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
      memory.begin(TASK_LIMIT, ids(world, link.absent), UsedNumbers.NONE);
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

  private static int bits(World world, Collection<ExecutionId> ids) {
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

  /** Another master takes over from the journals; the old one is told nothing. */
  private void failover(World world) {
    moves.doing("another master takes over; the old one is told nothing");
    World next = world.copy();
    next.failovers--;
    next.oldLinks = world.links.clone();
    next.oldLeft = moves.rules.authority();
    next.epoch++;
    for (int a = 0; a < World.AGENTS; a++) {
      LinkSide old = next.editOld(a);
      old.state = LinkState.EMPTY;
      old.countsFrom = 0;
      old.receivedAt = old.newest == Ticks.NEVER ? Ticks.NEVER : 0;
      old.jobHas = 0;
      old.absent = 0;
      old.stopsSent = 0;
      old.releasesSent = 0;
      old.waiting = 0;
      old.waitUntil = Ticks.NEVER;
      old.sentAt = Ticks.NEVER;
      LinkSide link = next.editLink(a);
      link.state =
          moves.rules.evolve(
              link.state, new LinkEvent.Activated(new MasterEpoch(next.epoch), Ticks.STAMP));
      link.crash(moves.rules.recovered(Ticks.NOW, Ticks.POLICY));
    }
    moves.emit(next);
  }
}
