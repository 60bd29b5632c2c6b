package io.holdfast.search;

import io.holdfast.search.ProcessSide.Claim;
import io.holdfast.search.ProcessSide.Exit;
import io.holdfast.search.ProcessSide.Killed;
import io.holdfast.search.ProcessSide.Life;

/** What wrappers, jobs and the guardian do, whether a JVM lives or not (R9, R11, R12). */
final class ProcessMoves {
  private final Moves moves;

  ProcessMoves(Moves moves) {
    this.moves = moves;
  }

  void expand(World world) {
    for (int a = 0; a < World.AGENTS; a++) {
      for (int e = 0; e < world.begun(); e++) {
        one(world, a, e, false);
        one(world, a, e, true);
      }
    }
  }

  private void one(World world, int a, int e, boolean former) {
    AgentSide agent = world.agents[a];
    ProcessSide process = former ? agent.former[e] : agent.tasks[e].process();
    int file = former ? agent.formerFile : agent.file;
    switch (process.life()) {
      case PENDING -> {
        if (!moves.rules.wrapperNeedsClaim() || !moves.rules.claimsBeforeTheJob()) {
          moves.doing(
              "%s: the wrapper of %s begins without the claim", World.name(a), world.ids[e]);
          begin(world, a, e, former, process);
        } else if (process.claim() == Claim.NONE) {
          moves.doing("%s: the wrapper of %s takes the claim", World.name(a), world.ids[e]);
          set(world, a, e, former, process.claimed());
        }
      }
      case CLAIMED -> look(world, a, e, former, process, file);
      case UNSEEN -> {
        moves.doing("%s: the child of %s becomes the job", World.name(a), world.ids[e]);
        begin(world, a, e, former, process);
      }
      case ALIVE -> {
        if (!moves.rules.claimsBeforeTheJob() && process.claim() == Claim.NONE) {
          moves.doing("%s: %s takes the claim, when it has begun", World.name(a), world.ids[e]);
          set(world, a, e, former, process.claimed().with(Life.ALIVE));
        }
        moves.doing("%s: %s ends by itself with 0", World.name(a), world.ids[e]);
        World next = world.copy();
        next.succeeded |= 1 << e;
        change(next, a, e, former, process.ended(Exit.ZERO));
        if (process.killed() != Killed.NO) {
          moves.doing("%s: %s is killed, whole tree", World.name(a), world.ids[e]);
          set(world, a, e, former, process.ended(Exit.SIGNALLED));
        }
      }
      case NONE, GONE -> {}
    }
    boolean over = file != Ticks.NEVER && file <= 0;
    if (over && !moves.bounds.keep() && moves.rules.guardianActs()) {
      guardian(world, a, e, former, process);
    }
  }

  private void look(World world, int a, int e, boolean former, ProcessSide process, int file) {
    boolean killed = process.killed() != Killed.NO && moves.rules.childLooksForKilled();
    boolean lives =
        file != Ticks.NEVER && file > 0
            || file != Ticks.NEVER && !moves.rules.childChecksDeadline();
    if (killed || !lives) {
      moves.doing(
          "%s: the child of %s begins nothing: %s",
          World.name(a), world.ids[e], killed ? "it was killed" : "the lease is over");
      set(world, a, e, former, process.ended(Exit.NOT_STARTED));
    } else if (moves.rules.childPublishesFirst()) {
      moves.doing("%s: the child of %s looks, and becomes the job", World.name(a), world.ids[e]);
      begin(world, a, e, former, process);
    } else {
      moves.doing("%s: the child of %s looks", World.name(a), world.ids[e]);
      set(world, a, e, former, process.with(Life.UNSEEN));
    }
  }

  private void guardian(World world, int a, int e, boolean former, ProcessSide process) {
    boolean dangerous = process.isDangerous();
    if (dangerous && process.claim() == Claim.NONE && process.life() == Life.PENDING) {
      moves.doing("%s: the guardian claims 'never' for %s", World.name(a), world.ids[e]);
      set(world, a, e, former, process.claimNever());
    } else if (dangerous && process.killed() == Killed.NO) {
      moves.doing("%s: the guardian orders the end of %s", World.name(a), world.ids[e]);
      set(world, a, e, former, process.kill(Killed.LEASE_OVER));
    }
  }

  private void begin(World world, int a, int e, boolean former, ProcessSide process) {
    World next = world.copy();
    next.began(e);
    change(next, a, e, former, process.with(Life.ALIVE));
  }

  private void set(World world, int a, int e, boolean former, ProcessSide process) {
    change(world.copy(), a, e, former, process);
  }

  private void change(World next, int a, int e, boolean former, ProcessSide process) {
    AgentSide agent = next.editAgent(a);
    if (former) {
      agent.former[e] = process.life() == Life.GONE ? ProcessSide.NOTHING : process;
    } else {
      agent.tasks[e] = agent.tasks[e].with(process);
    }
    moves.emit(next);
  }
}
