package io.holdfast.sim;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The guardian, step by step as {@code guardian.sh} takes them (R12). */
final class Guardian extends Proc {
  private static final long POLL = 500 * World.MILLI;
  private static final long LATE = 2 * World.SECOND;
  private static final long QUICK = 200 * World.MILLI;

  private final AgentMachine machine;
  private final Dice dice;
  private int idle;
  private int plans;

  /** When the next look is due, and until when none counts as late, by the boot clock. */
  private long due;

  private long calm;

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
        part.hold.sure = false;
      }
      due = Long.MAX_VALUE / 2;
      calm = 0;
      plan(dice.between(5, 50) * World.MILLI);
    }
  }

  private void poll() {
    boolean quick = false;
    boolean late = machine.boot() - due > LATE && machine.boot() >= calm;
    calm = late ? machine.boot() + 60 * World.SECOND : calm;
    Disk.Part[] parts = machine.disk().parts;
    boolean anyOver = false;
    for (int master = 0; master < parts.length; master++) {
      Disk.Part part = parts[master];
      boolean over = part.hasDeadline && machine.isLeaseOver(part);
      anyOver |= over;
      if (part.hasDeadline && !(over && part.swept)) {
        quick |= judge(part, over, late);
      }
    }
    if (anyOver && world.broken(Mutation.ONE_LEASE_FOR_ALL_MASTERS)) {
      for (Disk.Part part : parts) {
        over(part, false);
      }
    }
    if (!machine.agent.isUp()) {
      orphans(parts);
    } else {
      idle = 0;
    }
    plan((quick ? QUICK : anyOver || !machine.agent.isUp() ? POLL : quiet(parts)));
  }

  private boolean judge(Disk.Part part, boolean over, boolean late) {
    Hold hold = part.hold;
    boolean passed =
        machine.wallNanos() > part.wallDeadline && !world.broken(Mutation.GUARDIAN_IGNORES_DOUBT);
    boolean settled = machine.boot() - hold.since >= 2 * World.SECOND;
    Hold.Verdict verdict = hold.judge(over, passed, late, part.isHeardSinceHold(), settled);
    if (passed && world.broken(Mutation.GUARDIAN_KILLS_ON_A_LEAP)) {
      verdict = Hold.Verdict.KILL;
    }
    switch (verdict) {
      case HOLD_LATE -> hold(part, Hold.Why.LATE);
      case HOLD_DOUBT -> hold(part, Hold.Why.DOUBT);
      case RELEASE -> release(part);
      case STOP, KILL -> {
        return over(part, verdict == Hold.Verdict.KILL);
      }
      case LEAVE -> {}
    }
    return false;
  }

  private void hold(Disk.Part part, Hold.Why why) {
    Hold hold = part.hold;
    if (hold.why != why) {
      if (!hold.isOn()) {
        hold.since = machine.boot() / 10_000_000L * 10_000_000L;
      }
      hold.why = why;
      if (why == Hold.Why.DOUBT) {
        world.coverage.count(Coverage.Kind.DOUBT);
      }
    }
    signal(part, machine.kernel::hold);
  }

  private void release(Disk.Part part) {
    if (!part.hold.sure) {
      part.hold.sure = true;
      signal(part, machine.kernel::hold);
      return;
    }
    if (part.hold.why == Hold.Why.DOUBT) {
      world.coverage.count(Coverage.Kind.PROVEN);
    }
    signal(part, machine.kernel::goOn);
    part.hold.forget();
  }

  private static void signal(Disk.Part part, Consumer<TaskDir> signal) {
    for (TaskDir dir : List.copyOf(part.directories.values())) {
      if (!dir.keep) {
        signal.accept(dir);
      }
    }
  }

  private void plan(long delay) {
    int mine = ++plans;
    due = machine.boot() + delay;
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
        least = Math.min(least, part.wallDeadline - machine.wallNanos());
        least = part.hold.isOn() ? 0 : least;
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
  private boolean over(Disk.Part part, boolean kill) {
    long early = Math.min(part.grace / 2, World.SECOND);
    boolean graceful = part.deadlineBoot.equals(machine.bootId()) && !kill;
    long due = graceful ? part.deadline + part.grace - early : machine.boot();
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
    boolean waits = waiting;
    busy |= sweep(part, dir -> !dir.keep && (!waits || dir.record != TaskDir.Record.NONE));
    part.cleanScans = busy ? 0 : part.cleanScans + 1;
    part.swept = part.cleanScans >= 2;
    if (!busy) {
      part.hold.forget();
    }
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
        machine.kernel.goOn(dir);
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

  private boolean sweep(Disk.Part part, Predicate<TaskDir> wanted) {
    boolean found = false;
    for (TaskDir dir : part.directories.values()) {
      if (wanted.test(dir) && dir.hasProcesses() && !(dir.leaderLives && !dir.killed)) {
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
        sweep(part, dir -> dir.killed);
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
