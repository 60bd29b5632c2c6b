package io.holdfast.search;

import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.search.ProcessSide.Life;
import java.util.List;

/** How an agent dies and what it comes back with: journals, files and processes, or less. */
final class CrashMoves {
  private final Moves moves;

  CrashMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world, int a) {
    AgentSide agent = world.agents[a];
    boolean used = agent.epoch > 0;
    if (used && world.restarts > 0) {
      moves.doing("%s: the JVM is killed, and comes back", World.name(a));
      World next = world.copy();
      next.restarts--;
      restart(next, a, agent);
      moves.emit(next);
    }
    if (used && world.reboots > 0) {
      moves.doing("%s: the machine is restarted, and all that ran on it is gone", World.name(a));
      World next = world.copy();
      next.reboots--;
      reboot(next, a);
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

  /** What R8 forbids: the wrapper runs, and the JVM dies before it has journalled the order. */
  void forkedFirst(World next, int a, int e) {
    if (next.restarts == 0) {
      return;
    }
    next.restarts--;
    AgentSide agent = next.editAgent(a);
    agent.tasks[e] = TaskSide.NOTHING.with(ProcessSide.NOTHING.with(Life.PENDING));
    restart(next, a, agent);
    moves.emit(next);
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
          todo |= TaskMoves.bit(directive);
        }
      }
      agent.tasks[e] = new TaskSide(state, task.process(), todo, List.of());
    }
  }

  /** Another boot id: files are left, but no process, and the clock begins anew (R2, R10). */
  private void reboot(World next, int a) {
    AgentSide agent = next.editAgent(a);
    for (int e = 0; e < World.EXECUTIONS; e++) {
      agent.tasks[e] = agent.tasks[e].with(agent.tasks[e].process().powerOff());
      agent.former[e] = ProcessSide.NOTHING;
    }
    agent.file = moves.rules.deadlineAfterReboot(agent.file);
    agent.formerFile = Ticks.NEVER;
    agent.boot++;
    restart(next, a, agent);
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
