package io.holdfast.search;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.search.ProcessSide.Claim;
import io.holdfast.search.ProcessSide.Exit;
import io.holdfast.search.ProcessSide.Killed;
import io.holdfast.search.ProcessSide.Life;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an agent's JVM does with its tasks. Each directive is a move of its own after the events
 * that it follows from, so that the JVM may die in between.
 */
final class TaskMoves {
  private static final ProcessInfo PROCESS = new ProcessInfo(4711, 12, "boot");

  private final Moves moves;

  TaskMoves(Moves moves) {
    this.moves = moves;
  }

  /** A task takes a command: events become durable, directives are left to be done. */
  void change(World world, AgentSide agent, int e, TaskCommand command) {
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

  static int bit(TaskDirective directive) {
    if (directive instanceof TaskDirective.Launch) {
      return TaskSide.LAUNCH;
    } else if (directive instanceof TaskDirective.Adopt) {
      return TaskSide.ADOPT;
    } else if (directive instanceof TaskDirective.StopTree) {
      return TaskSide.STOP;
    }
    return TaskSide.DELETE;
  }

  /** One of the directives of one task is performed, or found to be done. */
  void perform(World world, int a, int e) {
    TaskSide task = world.agents[a].tasks[e];
    ExecutionId id = world.ids[e];
    ProcessSide process = task.process();
    boolean restarted = world.agents[a].isOfFormerBoot(task.state());
    if (restarted && moves.rules.looksAtTheBoot() && task.has(TaskSide.STOP | TaskSide.ADOPT)) {
      moves.doing("%s: sees that %s was before the machine was restarted", World.name(a), id);
      tell(world, a, e, task.todo(0), ended(afterReboot(process)));
      return;
    }
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
    boolean lives =
        process.life() == Life.CLAIMED
            || process.life() == Life.ALIVE
            || isTakenForAnother(world.agents[a], task);
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

  /** What R10 forbids: a number from before the restart is some other process by now. */
  private boolean isTakenForAnother(AgentSide agent, TaskSide task) {
    return !moves.rules.looksAtTheBoot()
        && agent.isOfFormerBoot(task.state())
        && task.process().claim() == Claim.WRAPPER
        && task.process().exit() == Exit.NONE;
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

  /** R10: without a record of its end nothing is known but that nothing lives. */
  private static Outcome afterReboot(ProcessSide process) {
    return process.exit() == Exit.NONE ? new Outcome.Vanished("host restarted") : outcome(process);
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
}
