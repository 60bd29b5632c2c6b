package io.holdfast.search;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.search.ProcessSide.Claim;
import io.holdfast.search.ProcessSide.Exit;
import io.holdfast.search.ProcessSide.Killed;
import io.holdfast.search.ProcessSide.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent's JVM does: sessions, the lease, tasks. Each directive is a move of its own after
 * the events that it follows from, so that the JVM may die in between; it need not do anything in
 * time, for it may be stopped or paging.
 */
final class AgentMoves {
  static final JournalId MASTER = new JournalId("mj-1");
  private static final String BOOT = "boot-1";
  private static final ProcessInfo PROCESS = new ProcessInfo(4711, 12, BOOT);
  private static final int TASK_LIMIT = 2;

  private final Moves moves;

  AgentMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world) {
    for (int a = 0; a < World.AGENTS; a++) {
      AgentSide agent = world.agents[a];
      if (agent.held && world.net.length < moves.bounds.messages()) {
        answer(world, a);
      }
      for (int e = 0; e < world.begun(); e++) {
        if (agent.tasks[e].todo() != 0) {
          perform(world, a, e, agent.tasks[e]);
        }
      }
      if (moves.rules.isOver(agent.lease(), Ticks.NOW)) {
        leaseOver(world, a);
      }
      boolean used = agent.epoch > 0;
      if (used && world.restarts > 0) {
        moves.doing("%s: the JVM is killed, and comes back", World.name(a));
        World next = world.copy();
        next.restarts--;
        restart(next, a, agent);
        moves.emit(next);
      }
      if (used && world.wipes > 0) {
        moves.doing("%s: comes back with another data directory", World.name(a));
        World next = world.copy();
        next.wipes--;
        wipe(next, a);
        moves.emit(next);
      }
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
        forkedFirst(next.copy(), a, next.index(command.execution()));
      }
      change(next, agent, next.index(command.execution()), order(agent, command));
    }
    moves.emit(next);
  }

  private boolean isForkedFirst(World world, AgentSide agent, MasterCommand command) {
    return !moves.rules.acceptedBeforeFork()
        && command instanceof MasterCommand.Start
        && agent.tasks[world.index(command.execution())].state().phase() == TaskPhase.UNKNOWN;
  }

  /** What R8 forbids: the wrapper runs, and the JVM dies before it has journalled the order. */
  private void forkedFirst(World next, int a, int e) {
    if (next.restarts == 0) {
      return;
    }
    next.restarts--;
    AgentSide agent = next.editAgent(a);
    agent.tasks[e] = TaskSide.NOTHING.with(ProcessSide.NOTHING.with(Life.PENDING));
    restart(next, a, agent);
    moves.emit(next);
  }

  private TaskCommand order(AgentSide agent, MasterCommand command) {
    if (command instanceof MasterCommand.Start start) {
      Optional<String> refusal =
          moves.rules.isLive(agent.lease(), Ticks.NOW)
              ? refuseNew(agent)
              : Optional.of("no living lease");
      return new TaskCommand.Start(start.spec(), start.request(), MASTER, BOOT, refusal);
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

  /** A task takes a command: events become durable, directives are left to be done. */
  private void change(World world, AgentSide agent, int e, TaskCommand command) {
    TaskSide task = agent.tasks[e];
    Decision<TaskEvent, TaskDirective> decision = moves.rules.task(task.state(), command);
    TaskState state = task.state();
    int todo = task.todo();
    List<Exchange.Report> unsent = new ArrayList<>(task.unsent());
    for (TaskEvent event : decision.events()) {
      state = moves.rules.evolve(state, event);
      if (!(event instanceof TaskEvent.Released)) {
        unsent.add(new Exchange.Report(world.ids[e], state.version(), event));
      }
      if (event instanceof TaskEvent.Started && state.phase() == TaskPhase.RUNNING) {
        todo |= TaskSide.WATCH;
      } else if (event instanceof TaskEvent.Finished) {
        todo = 0;
      }
    }
    for (TaskDirective directive : decision.directives()) {
      todo |= bit(directive);
    }
    agent.tasks[e] = new TaskSide(state, task.process(), todo, unsent);
    Probes.again(moves.rules, world.ids[e], state, command);
    if (!decision.events().isEmpty() || command instanceof TaskCommand.GiveUp) {
      Probes.lateStart(moves.rules, world.ids[e], state, command);
    }
  }

  private static int bit(TaskDirective directive) {
    if (directive instanceof TaskDirective.Launch) {
      return TaskSide.LAUNCH;
    } else if (directive instanceof TaskDirective.Adopt) {
      return TaskSide.ADOPT;
    } else if (directive instanceof TaskDirective.StopTree) {
      return TaskSide.STOP;
    }
    return TaskSide.DELETE;
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

  /** One of the directives of one task is performed, or found to be done. */
  private void perform(World world, int a, int e, TaskSide task) {
    ExecutionId id = world.ids[e];
    ProcessSide process = task.process();
    if (task.has(TaskSide.STOP) && process.life() == Life.GONE) {
      // Nothing can tell when a stop is ordered of what cannot live any more: at once.
      moves.doing("%s: writes 'killed' for %s, which is over", World.name(a), id);
      emit(world, a, e, stopping(task));
      return;
    }
    if (task.has(TaskSide.LAUNCH)) {
      moves.doing("%s: launches the wrapper of %s", World.name(a), id);
      boolean taken = process.claim() != Claim.NONE || process.life() != Life.NONE;
      TaskSide launched =
          task.todo(task.todo() & ~TaskSide.LAUNCH | TaskSide.LAUNCHED)
              .with(taken ? process : process.with(Life.PENDING));
      emit(world, a, e, launched);
    }
    boolean claimed = process.claim() == Claim.WRAPPER || process.life() == Life.ALIVE;
    if (task.has(TaskSide.LAUNCHED) && (claimed || process.claim() == Claim.NEVER)) {
      TaskSide seen = task.todo(task.todo() & ~TaskSide.LAUNCHED);
      moves.doing("%s: sees what became of the launch of %s", World.name(a), id);
      tell(world, a, e, seen, claimed ? new TaskCommand.ProcessStarted(PROCESS) : neverStarted());
    }
    if (task.has(TaskSide.ADOPT)) {
      moves.doing("%s: takes the claim of %s, or what has it", World.name(a), id);
      adopt(world, a, e, task.todo(task.todo() & ~TaskSide.ADOPT));
    }
    if (task.has(TaskSide.WATCH) && process.life() == Life.GONE) {
      moves.doing("%s: sees the end of %s", World.name(a), id);
      TaskSide seen = task.todo(task.todo() & ~TaskSide.WATCH);
      if (task.state().phase() == TaskPhase.STOPPING) {
        emit(world, a, e, seen);
      } else {
        tell(world, a, e, seen, ended(outcome(process)));
      }
    }
    if (task.has(TaskSide.STOP)) {
      moves.doing("%s: writes 'killed' for %s", World.name(a), id);
      emit(world, a, e, stopping(task));
    }
    boolean gone = process.seemsGone() || !moves.rules.stopWaitsForTheTree();
    if (task.has(TaskSide.STOPPING) && gone) {
      moves.doing("%s: nothing of %s lives any more", World.name(a), id);
      TaskSide seen = task.todo(task.todo() & ~(TaskSide.STOPPING | TaskSide.ENDED_BEFORE));
      Outcome outcome =
          task.has(TaskSide.ENDED_BEFORE)
              ? outcome(process)
              : new Outcome.Stopped(task.state().stopReason().orElse(StopReason.CANCELLED));
      tell(world, a, e, seen, ended(outcome));
    }
    if (task.has(TaskSide.DELETE)) {
      moves.doing("%s: deletes what it has of %s", World.name(a), id);
      emit(world, a, e, TaskSide.NOTHING);
    }
  }

  private static TaskSide stopping(TaskSide task) {
    ProcessSide process = task.process();
    boolean ordered = process.killed() != Killed.NO;
    boolean before = process.exit() != Exit.NONE && !(ordered && process.exit() == Exit.SIGNALLED);
    Killed why =
        switch (task.state().stopReason().orElse(StopReason.CANCELLED)) {
          case LEASE_OVER -> Killed.LEASE_OVER;
          case CANCELLED -> Killed.CANCELLED;
          case LOST_ELSEWHERE -> Killed.LOST_ELSEWHERE;
          case TIMEOUT, DISOWNED -> Killed.OTHER;
        };
    int todo = task.todo() & ~TaskSide.STOP | TaskSide.STOPPING;
    return task.todo(before ? todo | TaskSide.ENDED_BEFORE : todo)
        .with(process.kill(why).claimNever());
  }

  private void adopt(World world, int a, int e, TaskSide task) {
    ProcessSide process = task.process();
    boolean lives = process.life() == Life.CLAIMED || process.life() == Life.ALIVE;
    if (lives || process.life() == Life.UNSEEN) {
      TaskSide seen =
          task.state().phase() == TaskPhase.RUNNING
              ? task.todo(task.todo() | TaskSide.WATCH)
              : task;
      tell(world, a, e, seen, new TaskCommand.ProcessStarted(PROCESS));
    } else if (process.life() == Life.GONE && process.exit() != Exit.NONE) {
      tellUnlessStopping(world, a, e, task, ended(outcome(process)));
    } else {
      TaskSide never = moves.rules.adoptionClaims() ? task.with(process.claimNever()) : task;
      tellUnlessStopping(world, a, e, never, neverStarted());
    }
  }

  private void tellUnlessStopping(
      World world, int a, int e, TaskSide task, TaskCommand.ProcessEnded end) {
    if (task.state().phase() == TaskPhase.STOPPING) {
      emit(world, a, e, task);
    } else {
      tell(world, a, e, task, end);
    }
  }

  private void tell(World world, int a, int e, TaskSide task, TaskCommand fact) {
    World next = world.copy();
    AgentSide agent = next.editAgent(a);
    agent.tasks[e] = task;
    change(next, agent, e, fact);
    moves.emit(next);
  }

  private void emit(World world, int a, int e, TaskSide task) {
    World next = world.copy();
    next.editAgent(a).tasks[e] = task;
    moves.emit(next);
  }

  private static TaskCommand.ProcessEnded neverStarted() {
    return ended(new Outcome.NeverStarted("its start was prevented"));
  }

  private static TaskCommand.ProcessEnded ended(Outcome outcome) {
    return new TaskCommand.ProcessEnded(outcome, 0, 0, Optional.empty());
  }

  private static Outcome outcome(ProcessSide process) {
    return switch (process.exit()) {
      case ZERO -> new Outcome.Exited(0);
      case NOT_STARTED -> new Outcome.NeverStarted("it began nothing");
      case NONE -> new Outcome.NeverStarted("its start was prevented");
      case SIGNALLED ->
          new Outcome.Stopped(
              switch (process.killed()) {
                case LEASE_OVER -> StopReason.LEASE_OVER;
                case LOST_ELSEWHERE -> StopReason.LOST_ELSEWHERE;
                case NO, CANCELLED, OTHER -> StopReason.CANCELLED;
              });
    };
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
        change(next, agent, e, new TaskCommand.Stop(StopReason.LEASE_OVER));
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

  /** Only journals, files and processes are left; the directives are computed from the journal. */
  private void restart(World next, int a, AgentSide before) {
    AgentSide agent = next.editAgent(a);
    agent.session = 0;
    agent.since = Ticks.NEVER;
    agent.held = false;
    agent.epoch = moves.rules.epochAfterRestart(before.epoch);
    agent.deadline = moves.rules.deadlineAfterRestart(before.file);
    agent.file = moves.rules.written(before.file, agent.deadline);
    for (int e = 0; e < World.EXECUTIONS; e++) {
      TaskSide task = agent.tasks[e].crashed();
      TaskState state = moves.rules.taskAfterRestart(task.state());
      int todo = 0;
      if (state.phase() != TaskPhase.UNKNOWN) {
        for (TaskDirective directive : moves.rules.outstanding(state)) {
          todo |= bit(directive);
        }
      }
      agent.tasks[e] = new TaskSide(state, task.process(), todo, List.of());
    }
  }

  private static void wipe(World next, int a) {
    AgentSide agent = next.editAgent(a);
    for (int e = 0; e < World.EXECUTIONS; e++) {
      ProcessSide left = agent.tasks[e].process();
      boolean over = left.life() == Life.GONE || left.life() == Life.NONE;
      agent.former[e] = over ? ProcessSide.NOTHING : left;
      agent.tasks[e] = TaskSide.NOTHING;
    }
    agent.formerFile = agent.file;
    agent.file = Ticks.NEVER;
    agent.deadline = Ticks.NEVER;
    agent.session = 0;
    agent.since = Ticks.NEVER;
    agent.held = false;
    agent.epoch = 0;
    agent.trueEpoch = 0;
    agent.journal++;
  }
}
