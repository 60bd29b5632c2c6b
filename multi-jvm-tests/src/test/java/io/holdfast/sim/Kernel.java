package io.holdfast.sim;

import io.holdfast.protocol.task.ProcessInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What runs of the tasks on an agent's machine: the wrappers and the jobs, step by step as {@code
 * task.sh} takes them (R9), and the signals that they get.
 */
final class Kernel extends Proc {
  private final AgentMachine machine;
  private final Dice dice;
  private long pids = 1000;

  Kernel(AgentMachine machine) {
    super(machine.world, machine);
    this.machine = machine;
    this.dice = machine.world.dice.split();
  }

  /** It ends with the machine; what was not synced may be gone. */
  void perish(TaskDir dir) {
    boolean lived = dir.isLiving();
    dir.wrapperLives = false;
    dir.leaderLives = false;
    dir.stragglers = 0;
    dir.held = false;
    dir.whenItGoesOn.clear();
    dir.watchers.clear();
    if (lived) {
      world.ledger.dead(dir);
    }
    if (dir.record != TaskDir.Record.NONE && dice.permille(200)) {
      dir.record = TaskDir.Record.NONE;
    }
    if (dir.claim != TaskDir.Claim.NONE && dice.permille(200)) {
      dir.claim = TaskDir.Claim.NONE;
    }
    if (dir.killed && dice.permille(200)) {
      dir.killed = false;
    }
  }

  private long pause() {
    return dice.permille(world.options.slowStarts)
        ? dice.between(0, 30 * World.SECOND)
        : dice.between(1, 15) * World.MILLI;
  }

  /** Starts a wrapper; {@code claimed} hears whether it has won. */
  void launch(TaskDir dir, Consumer<Boolean> claimed) {
    after(pause(), () -> claim(dir, claimed));
  }

  private void claim(TaskDir dir, Consumer<Boolean> claimed) {
    if (dir.claim != TaskDir.Claim.NONE) {
      world.coverage.count(Coverage.Kind.TOKEN_RACE);
      if (!world.broken(Mutation.CLAIM_OFF)) {
        claimed.accept(false);
        return;
      }
    }
    dir.claim = TaskDir.Claim.WRAPPER;
    Disk.Part part = machine.disk().parts[dir.master];
    // What begins while the lease is in doubt runs until the guardian's next look.
    dir.blind |= machine.isInDoubt(part);
    dir.wrapper = new ProcessInfo(pids += 2, machine.boot() / 10_000_000L, machine.bootId());
    dir.wrapperLives = true;
    world.trace(machine.name, "claimed", dir);
    claimed.accept(true);
    after(pause() / 4, () -> publish(dir));
  }

  private void publish(TaskDir dir) {
    if (!dir.wrapperLives) {
      return;
    }
    dir.leaderLives = true;
    dir.published = true;
    after(dice.between(100, 2000) * World.MICRO, () -> goOn(dir, () -> check(dir)));
  }

  private void check(TaskDir dir) {
    if (!dir.leaderLives) {
      return;
    }
    if (dir.killed || machine.isLeaseOver(machine.disk().parts[dir.master])) {
      dir.leaderLives = false;
      record(dir, TaskDir.Record.NOT_STARTED, 0);
      return;
    }
    dir.committed = true;
    world.ledger.alive(dir);
    after(dice.between(1, 20) * World.MILLI, () -> goOn(dir, () -> begin(dir)));
  }

  private void begin(TaskDir dir) {
    if (!dir.leaderLives) {
      return;
    }
    world.ledger.begun(dir);
    write(dir, 10);
    int code = dice.permille(800) ? 0 : 1;
    after(length(), () -> goOn(dir, () -> exit(dir, code)));
  }

  private long length() {
    long lease = world.timing.lease().toNanos();
    return switch (dice.below(4)) {
      case 0 -> dice.between(World.SECOND / 10, 5 * World.SECOND);
      case 1 -> dice.between(World.SECOND, lease);
      default -> dice.between(lease / 2, 4 * lease);
    };
  }

  private static void write(TaskDir dir, int bytes) {
    dir.output += bytes;
    dir.effect.output = dir.output;
  }

  private void exit(TaskDir dir, int code) {
    if (!dir.leaderLives) {
      return;
    }
    write(dir, 10);
    dir.effect.exit = code;
    leaderGone(dir, dice.permille(100) ? 1 : 0);
    finish(dir, TaskDir.Record.EXITED, code);
  }

  private void leaderGone(TaskDir dir, int stragglers) {
    boolean lived = dir.isLiving();
    dir.leaderLives = false;
    dir.stragglers = stragglers;
    dir.held &= stragglers > 0;
    if (lived && !dir.isLiving()) {
      world.ledger.dead(dir);
    }
  }

  private void finish(TaskDir dir, TaskDir.Record record, int code) {
    after(
        dice.between(1, 30) * World.MILLI,
        () -> {
          if (dir.wrapperLives) {
            record(dir, record, code);
          }
        });
  }

  private void record(TaskDir dir, TaskDir.Record record, int code) {
    dir.record = record;
    dir.code = code;
    dir.left = dir.stragglers > 0;
    dir.wrapperLives = false;
    world.trace(machine.name, "recorded", dir);
    wake(dir);
  }

  private static void goOn(TaskDir dir, Runnable step) {
    if (dir.held) {
      dir.whenItGoesOn.add(step);
    } else {
      step.run();
    }
  }

  /** SIGSTOP to all of it that has begun. */
  void hold(TaskDir dir) {
    if (!dir.held && dir.hasProcesses()) {
      world.coverage.count(Coverage.Kind.HELD);
      world.trace(machine.name, "held", dir);
      dir.held = true;
      // What is being stopped has its grace, held in between or not.
      dir.blind &= machine.disk().parts[dir.master].thawedUnseen >= 0 || dir.killed;
    }
  }

  /** SIGCONT. */
  void goOn(TaskDir dir) {
    if (dir.held) {
      dir.held = false;
      world.trace(machine.name, "goes on", dir);
      if (dir.isLiving()) {
        world.ledger.goesOn(dir);
      }
      List<Runnable> steps = new ArrayList<>(dir.whenItGoesOn);
      dir.whenItGoesOn.clear();
      steps.forEach(Runnable::run);
    }
  }

  private static void wake(TaskDir dir) {
    List<Runnable> watchers = new ArrayList<>(dir.watchers);
    dir.watchers.clear();
    watchers.forEach(Runnable::run);
  }

  /** SIGTERM to the group. */
  void terminate(TaskDir dir) {
    dir.termed = true;
    if (!dir.leaderLives || (dir.committed && !dir.obeysTerm)) {
      return;
    }
    after(dice.between(1, 300) * World.MILLI, () -> goOn(dir, () -> killLeader(dir, 15)));
  }

  /** SIGKILL to the group, and to whatever carries the marker. */
  void kill(TaskDir dir, boolean sweep) {
    if (dir.leaderLives) {
      killLeader(dir, 9);
    }
    if (sweep && dir.stragglers > 0) {
      boolean lived = dir.isLiving();
      dir.stragglers = 0;
      if (lived && !dir.isLiving()) {
        world.ledger.dead(dir);
      }
    }
  }

  private void killLeader(TaskDir dir, int signal) {
    if (!dir.leaderLives) {
      return;
    }
    leaderGone(dir, dir.committed && dice.permille(200) ? 1 : 0);
    finish(dir, TaskDir.Record.SIGNALLED, signal);
  }

  /** Somebody else kills a process of a task. */
  void accident(boolean wrapper) {
    for (Disk.Part part : machine.disk().parts) {
      for (TaskDir dir : part.directories.values()) {
        if (dir.wrapperLives && dir.leaderLives) {
          world.trace(machine.name, wrapper ? "wrapper killed" : "leader killed", dir);
          if (wrapper) {
            dir.wrapperLives = false;
            wake(dir);
          } else {
            killLeader(dir, 9);
          }
          return;
        }
      }
    }
  }

  void killWrapper(TaskDir dir) {
    dir.wrapperLives = false;
    wake(dir);
  }
}
