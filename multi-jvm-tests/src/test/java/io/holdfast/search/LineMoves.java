package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkRules;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The exchange of a master, or of an old one, with one agent, and what its answers mean. */
final class LineMoves {
  static final int TASK_LIMIT = 2;
  private static final Incarnation INCARNATION = new Incarnation("i-1");

  private final Moves moves;
  private final LinkChange links;

  LineMoves(Moves moves) {
    this.moves = moves;
    links = new LinkChange(moves.rules);
  }

  /** What belongs to the exchange with one agent, of the living master or of the old one. */
  void line(World world, int a, boolean old) {
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
  void release(World world, int a) {
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
        links.change(next, a, events);
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
      links.change(next, a, moves.rules.leaseOver(link.state, Optional.of(only)));
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
    // What a link forgets too early it adopts again: no invariant here rests on this.
    Set<ExecutionId> absent = LinkRules.absent(link.state, response);
    var report = (LinkEvent.Reconciled) decision.events().get(0);
    int waiting = 0;
    for (ReconcileEntry entry : report.entries()) {
      if (entry.decision() == ReconcileDecision.WAIT) {
        waiting |= 1 << next.index(entry.execution());
      }
    }
    link.jobHas = 0;
    link.stopsSent = LinkChange.stops(next, decision.directives());
    link.releasesSent = 0;
    link.absent = LinkChange.bits(next, absent);
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
    links.change(next, a, decision.events());
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
      links.change(next, a, events);
      if (!moves.rules.responded(next.links[a].state, message.reports(), released).isEmpty()) {
        throw new Violation("I9", "the link takes twice what " + World.name(a) + " reported");
      }
    }
    moves.emit(next);
  }
}
