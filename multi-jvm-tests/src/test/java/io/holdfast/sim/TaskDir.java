package io.holdfast.sim;

import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.TaskSpec;
import java.util.ArrayList;
import java.util.List;

/** The directory of one task, and its processes: both outlive the agent's JVM. */
final class TaskDir {
  /** Who has the claim (R9). */
  enum Claim {
    NONE,
    NEVER,
    WRAPPER
  }

  /** What the wrapper recorded. */
  enum Record {
    NONE,
    EXITED,
    SIGNALLED,
    NOT_STARTED
  }

  final AgentMachine machine;
  final int master;
  final TaskSpec spec;
  final Effect effect;
  final boolean keep;
  final long outputOf;
  Claim claim = Claim.NONE;
  ProcessInfo wrapper;
  boolean published;
  boolean killed;
  long killAt;
  String killBoot = "";
  boolean killedByGuardian;
  String killReason = "";
  Record record = Record.NONE;
  int code;
  boolean left;
  long output;

  // Processes.
  boolean wrapperLives;
  boolean leaderLives;
  boolean committed;
  int stragglers;
  boolean obeysTerm;
  boolean termed;

  /** SIGSTOP: nothing of it goes on. */
  boolean held;

  final List<Runnable> whenItGoesOn = new ArrayList<>(1);

  /** What it does counts by its fencing token alone: nobody can know that its time is over. */
  boolean blind;

  final List<Runnable> watchers = new ArrayList<>(1);

  TaskDir(AgentMachine machine, int master, TaskSpec spec, Effect effect, long outputOf) {
    this.machine = machine;
    this.master = master;
    this.spec = spec;
    this.effect = effect;
    this.keep = spec.onConnectionLoss() == ConnectionLossPolicy.KEEP;
    this.outputOf = outputOf;
  }

  boolean isLiving() {
    return (leaderLives && committed) || stragglers > 0;
  }

  boolean isRunning() {
    return isLiving() && !held;
  }

  boolean hasProcesses() {
    return leaderLives || stragglers > 0;
  }

  /** Nothing of it lives, and nothing of it can begin. */
  boolean isOver() {
    return claim == Claim.NEVER || (claim == Claim.WRAPPER && !wrapperLives && !hasProcesses());
  }

  @Override
  public String toString() {
    return effect.id + " of m" + master + " at " + machine.name;
  }
}
