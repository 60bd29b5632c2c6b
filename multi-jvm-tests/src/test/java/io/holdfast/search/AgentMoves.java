package io.holdfast.search;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent's JVM does with sessions and the lease. It need not do anything in time, for it may
 * be stopped or paging. Its tasks are {@link TaskMoves}, its deaths {@link CrashMoves}.
 */
final class AgentMoves {
  static final JournalId MASTER = new JournalId("mj-1");
  private static final int TASK_LIMIT = 2;

  private final Moves moves;
  private final TaskMoves tasks;
  private final CrashMoves crashes;

  AgentMoves(Moves moves) {
    this.moves = moves;
    tasks = new TaskMoves(moves);
    crashes = new CrashMoves(moves);
  }

  void expand(World world) {
    for (int a = 0; a < World.AGENTS; a++) {
      AgentSide agent = world.agents[a];
      if (agent.held && world.net.length < moves.bounds.messages()) {
        answer(world, a);
      }
      for (int e = 0; e < world.begun(); e++) {
        if (agent.tasks[e].todo() != 0) {
          tasks.perform(world, a, e);
        }
      }
      if (moves.rules.isOver(agent.lease(), Ticks.NOW)) {
        leaseOver(world, a);
      }
      crashes.expand(world, a);
    }
  }

  /** A coupling arrives (R2, R4). {@code next} is a copy, without the message or with it. */
  void couple(World next, Message message) {
    int a = message.agent();
    if (next.net.length >= moves.bounds.messages()) {
      return;
    }
    AgentLease lease = next.agents[a].lease();
    MasterEpoch epoch = new MasterEpoch(message.epoch());
    if (moves.rules.mayOpen(lease, epoch, Ticks.NOW).isPresent()) {
      moves.emit(next);
      return;
    }
    AgentSide agent = next.editAgent(a);
    if (message.epoch() < agent.trueEpoch) {
      throw new Violation(
          "I4", "a coupling of epoch " + epoch + " after one of " + agent.trueEpoch);
    }
    int session = next.newSession(a);
    agent.lease(moves.rules.open(lease, World.session(session), epoch, Ticks.NOW));
    agent.trueEpoch = message.epoch();
    // As if it had always been open: so it may take more anchors, never fewer.
    agent.since = Ticks.OLDEST_ANCHOR;
    agent.held = false;
    agent.forgetUnsent();
    next.send(Message.coupled(message, session, agent.journal, inventory(next, agent)));
    moves.emit(next);
  }

  private static List<InventoryItem> inventory(World world, AgentSide agent) {
    List<InventoryItem> items = new ArrayList<>();
    for (int e = 0; e < world.begun(); e++) {
      TaskState state = agent.tasks[e].state();
      if (state.phase() != TaskPhase.UNKNOWN && state.phase() != TaskPhase.RELEASED) {
        items.add(
            new InventoryItem(
                world.ids[e],
                state.masterJournal(),
                state.spec().map(TaskSpec::fencingToken),
                state.requests(),
                state.phase(),
                state.version(),
                state.startedAt(),
                state.end().map(TaskEvent.Finished::at),
                state.outcome(),
                0,
                0));
      }
    }
    return items;
  }

  /** An exchange arrives: the lease first, then its number, then its commands. */
  void exchange(World next, Message message) {
    int a = message.agent();
    AgentLease lease = next.agents[a].lease();
    AgentLease.Renewal renewal =
        moves.rules.renew(
            lease,
            World.session(message.session()),
            new MasterEpoch(message.epoch()),
            Ticks.at(message.anchor()),
            Ticks.NOW);
    boolean seen = !message.fresh() && moves.rules.refusesSeenExchanges();
    if (renewal instanceof AgentLease.Renewal.Denied || seen) {
      moves.emit(next);
      return;
    }
    AgentSide agent = next.editAgent(a);
    if (message.epoch() < agent.trueEpoch) {
      throw new Violation(
          "I4", "an exchange of epoch " + message.epoch() + " after " + agent.trueEpoch);
    }
    agent.lease(((AgentLease.Renewal.Granted) renewal).lease());
    agent.file = moves.rules.written(agent.file, agent.deadline);
    agent.held = true;
    for (MasterCommand command : message.commands()) {
      if (isForkedFirst(next, agent, command)) {
        crashes.forkedFirst(next.copy(), a, next.index(command.execution()));
      }
      tasks.change(next, agent, next.index(command.execution()), order(agent, command));
    }
    moves.emit(next);
  }

  private boolean isForkedFirst(World world, AgentSide agent, MasterCommand command) {
    return !moves.rules.acceptedBeforeFork()
        && command instanceof MasterCommand.Start
        && agent.tasks[world.index(command.execution())].state().phase() == TaskPhase.UNKNOWN;
  }

  private TaskCommand order(AgentSide agent, MasterCommand command) {
    if (command instanceof MasterCommand.Start start) {
      Optional<String> refusal =
          // R4, always so here: no renewal is granted that leaves the lease over.
          agent.lease().isLive(Ticks.NOW) ? refuseNew(agent) : Optional.of("no living lease");
      return new TaskCommand.Start(start.spec(), start.request(), MASTER, agent.bootId(), refusal);
    } else if (command instanceof MasterCommand.Stop stop) {
      return new TaskCommand.Stop(stop.reason());
    } else if (command instanceof MasterCommand.GiveUp) {
      return new TaskCommand.GiveUp(MASTER);
    }
    return new TaskCommand.Release();
  }

  private static Optional<String> refuseNew(AgentSide agent) {
    int active = 0;
    for (TaskSide task : agent.tasks) {
      active += task.state().phase().mayBeAlive() ? 1 : 0;
    }
    return active >= TASK_LIMIT ? Optional.of("the task limit is reached") : Optional.empty();
  }

  private void answer(World world, int a) {
    AgentSide from = world.agents[a];
    List<Exchange.Report> reports = new ArrayList<>();
    for (TaskSide task : from.tasks) {
      reports.addAll(task.unsent());
    }
    World next = world.copy();
    AgentSide agent = next.editAgent(a);
    agent.held = false;
    agent.forgetUnsent();
    Message message = Message.answer(a, agent.epoch, agent.session, reports);
    moves.doing("sent: %s", message);
    next.send(message);
    moves.emit(next);
  }

  /** R2: the tasks are marked, then the session is over. */
  private void leaseOver(World world, int a) {
    if (moves.rules.closesWhenOrdered() && isBeingOrdered(world.agents[a])) {
      return;
    }
    moves.doing("%s: sees that the lease is over", World.name(a));
    World next = world.copy();
    AgentSide agent = next.editAgent(a);
    for (int e = 0; e < world.begun(); e++) {
      TaskState state = agent.tasks[e].state();
      boolean concerned =
          state.phase().mayBeAlive()
              && state.spec().orElseThrow().onConnectionLoss()
                  == ConnectionLossPolicy.STOP_AFTER_LEASE;
      if (concerned) {
        tasks.change(next, agent, e, new TaskCommand.Stop(StopReason.LEASE_OVER));
        Probes.marked(world.ids[e], agent.tasks[e].state());
      }
    }
    if (!moves.rules.closesWhenOrdered() || !isBeingOrdered(agent)) {
      agent.lease(moves.rules.close(agent.lease()));
    }
    agent.held = false;
    moves.emit(next);
  }

  /** Whether a stop is journalled, and {@code killed} not yet written. */
  private static boolean isBeingOrdered(AgentSide agent) {
    for (TaskSide task : agent.tasks) {
      if (task.has(TaskSide.STOP)) {
        return true;
      }
    }
    return false;
  }
}
