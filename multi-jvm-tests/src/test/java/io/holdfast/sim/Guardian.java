package io.holdfast.sim;

/** The guardian, step by step as {@code guardian.sh} takes them (R12). */
final class Guardian extends Proc {
  private static final long POLL = 500 * World.MILLI;
  private static final long QUICK = 200 * World.MILLI;

  private final AgentMachine machine;
  private final Dice dice;
  private int idle;
  private int plans;

  Guardian(AgentMachine machine) {
    super(machine.world, machine);
    this.machine = machine;
    this.dice = machine.world.dice.split();
  }

  /** The agent looks after it. */
  void ensure() {
    if (!isUp() && !world.broken(Mutation.GUARDIAN_OFF)) {
      begin();
      idle = 0;
      for (Disk.Part part : machine.disk().parts) {
        part.swept = false;
      }
      plan(dice.between(5, 50) * World.MILLI);
    }
  }

  private void poll() {
    boolean quick = false;
    Disk.Part[] parts = machine.disk().parts;
    boolean anyOver = false;
    for (int master = 0; master < parts.length; master++) {
      Disk.Part part = parts[master];
      boolean over = part.hasDeadline && machine.isLeaseOver(part);
      anyOver |= over;
      if (over && !part.swept) {
        quick |= over(part, part);
      }
    }
    if (anyOver && world.broken(Mutation.ONE_LEASE_FOR_ALL_MASTERS)) {
      for (Disk.Part part : parts) {
        over(part, part);
      }
    }
    if (!machine.agent.isUp()) {
      orphans(parts);
    } else {
      idle = 0;
    }
    plan((quick ? QUICK : anyOver || !machine.agent.isUp() ? POLL : quiet(parts)));
  }

  private void plan(long delay) {
    int mine = ++plans;
    after(
        delay + dice.between(1, 20) * World.MILLI,
        () -> {
          if (mine == plans) {
            poll();
          }
        });
  }

  /** Polls that would find nothing to do are left out: until when there is nothing. */
  private long quiet(Disk.Part[] parts) {
    long least = 10 * World.SECOND;
    for (Disk.Part part : parts) {
      if (part.hasDeadline) {
        least = Math.min(least, part.deadline - machine.boot());
      }
    }
    return Math.max(POLL, least - dice.between(0, POLL));
  }

  /** Something has changed: there may be something to do at the next poll. */
  void disturb() {
    if (isUp()) {
      plan(dice.between(0, POLL));
    }
  }

  /** The lease is over: whether it must look again soon. */
  private boolean over(Disk.Part part, Disk.Part of) {
    long early = Math.min(of.grace / 2, World.SECOND);
    long due =
        of.deadlineBoot.equals(machine.bootId()) ? of.deadline + of.grace - early : machine.boot();
    boolean busy = false;
    boolean waiting = false;
    for (TaskDir dir : part.directories.values()) {
      if (dir.keep || dir.record != TaskDir.Record.NONE) {
        continue;
      }
      int did = stop(dir, due);
      busy |= did > 0;
      waiting |= did > 1;
    }
    if (!waiting) {
      busy |= sweep(part, false);
    }
    part.cleanScans = busy ? 0 : part.cleanScans + 1;
    part.swept = part.cleanScans >= 2;
    return true;
  }

  /** 0: nothing lives; 1: something lives; 2: and it may still end by itself. */
  private int stop(TaskDir dir, long due) {
    if (dir.claim == TaskDir.Claim.NONE) {
      world.coverage.count(Coverage.Kind.TOKEN_RACE);
      dir.claim = TaskDir.Claim.NEVER;
    }
    if (dir.claim == TaskDir.Claim.NEVER) {
      return 0;
    }
    if (!dir.killed) {
      dir.killed = true;
      dir.killAt = due;
      dir.killBoot = machine.bootId();
      dir.killedByGuardian = true;
      dir.killReason = "lease-over";
      world.trace(machine.name, "guardian stops", dir);
      world.ledger.stoppedByLease(dir);
    }
    long at = dir.killBoot.equals(machine.bootId()) ? Math.min(due, dir.killAt) : due;
    if (dir.published && dir.leaderLives) {
      if (machine.boot() >= at) {
        machine.kernel.kill(dir, false);
        return 1;
      }
      boolean others = !dir.killedByGuardian && machine.agent.isUp();
      if (!others && !dir.termed) {
        machine.kernel.terminate(dir);
      }
      return 2;
    }
    if (dir.wrapperLives) {
      if (machine.boot() >= at + 5 * World.SECOND) {
        machine.kernel.killWrapper(dir);
      }
      return 1;
    }
    return 0;
  }

  private boolean sweep(Disk.Part part, boolean killedOnly) {
    boolean found = false;
    for (TaskDir dir : part.directories.values()) {
      boolean wanted = killedOnly ? dir.killed : !dir.keep;
      if (wanted && dir.hasProcesses() && !(dir.leaderLives && !dir.killed)) {
        machine.kernel.kill(dir, true);
        found = true;
      }
    }
    return found;
  }

  private void orphans(Disk.Part[] parts) {
    boolean living = false;
    for (Disk.Part part : parts) {
      boolean sweeps = false;
      boolean waiting = false;
      for (TaskDir dir : part.directories.values()) {
        if (dir.record != TaskDir.Record.NONE || dir.claim == TaskDir.Claim.NEVER) {
          continue;
        }
        if (dir.killed) {
          int did = stop(dir, Long.MAX_VALUE / 4);
          living |= did > 0;
          waiting |= did > 1;
          sweeps = true;
        } else {
          living |= dir.wrapperLives || dir.leaderLives;
        }
      }
      if (sweeps && !waiting) {
        sweep(part, true);
      }
    }
    idle = living ? 0 : idle + 1;
    if (idle > 3) {
      for (Disk.Part part : parts) {
        for (TaskDir dir : part.directories.values()) {
          if (dir.claim == TaskDir.Claim.NONE) {
            world.coverage.count(Coverage.Kind.TOKEN_RACE);
            dir.claim = TaskDir.Claim.NEVER;
          }
        }
      }
    }
  }
}
