package io.holdfast.search;

/**
 * Clocks. All go on together, but for what drift allows. A tick waits for what the guardian must
 * have done by then (R12): that is the one thing that has to happen in time.
 */
final class TimeMoves {
  private static final int NONE = -1;
  private static final int OLD = World.AGENTS;

  private final Moves moves;

  TimeMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world) {
    tick(world, NONE, false);
    if (world.drift > 0) {
      for (int a = 0; a < moves.bounds.agents(); a++) {
        tick(world, a, false);
      }
      if (world.oldLinks != null) {
        tick(world, OLD, false);
      }
      tick(world, NONE, true);
    }
  }

  private void tick(World world, int standing, boolean jump) {
    if (standing != NONE) {
      moves.doing(
          "a tick; the clock of %s stands still",
          standing == OLD ? "the old master" : World.name(standing));
    } else {
      moves.doing(jump ? "a tick; the master's clock jumps two" : "a tick");
    }
    for (int a = 0; a < World.AGENTS; a++) {
      if (a != standing && isOwed(world.agents[a])) {
        return;
      }
    }
    World next = world.copy();
    next.drift -= standing != NONE || jump ? 1 : 0;
    for (int a = 0; a < World.AGENTS; a++) {
      LinkSide link = next.editLink(a);
      link.tickMaster(jump ? 2 * Ticks.TICK : Ticks.TICK);
      if (a != standing) {
        next.editAgent(a).tick(Ticks.TICK);
        link.tickAgent(Ticks.TICK);
        if (next.oldLinks != null) {
          next.editOld(a).tickAgent(Ticks.TICK);
        }
      }
    }
    Message[] net = next.net.clone();
    for (int m = 0; m < net.length; m++) {
      if (net[m].agent() != standing) {
        net[m] = net[m].later(Ticks.TICK);
      }
    }
    next.net = net;
    if (next.oldLinks != null && standing != OLD) {
      next.oldLeft--;
      if (next.oldLeft < 0) {
        next.oldLinks = null;
        next.oldLeft = 0;
      }
    }
    moves.emit(next);
  }

  /** Whether the grace of a lease ends with this tick, and something is not dead yet. */
  private boolean isOwed(AgentSide agent) {
    if (!moves.rules.guardianActs() || moves.bounds.keep()) {
      return false;
    }
    for (int e = 0; e < World.EXECUTIONS; e++) {
      if (isOwed(agent.file, agent.tasks[e].process())
          || isOwed(agent.formerFile, agent.former[e])) {
        return true;
      }
    }
    return false;
  }

  private boolean isOwed(int file, ProcessSide process) {
    boolean due = file != Ticks.NEVER && file - Ticks.TICK <= -Ticks.GRACE;
    return due && process.isDangerous() && process.life() != ProcessSide.Life.UNSEEN;
  }
}
