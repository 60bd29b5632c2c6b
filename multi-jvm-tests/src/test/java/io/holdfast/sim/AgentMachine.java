package io.holdfast.sim;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The machine of an agent: its disk, its guardian, and the processes of its tasks, step by step as
 * {@code task.sh} takes them (R9).
 */
final class AgentMachine extends Host {
  final int index;
  final AgentId id;
  final Proc kernel;
  final Guardian guardian;
  final Storage storage;
  final AgentNode agent;

  /** Whether its processes are looked at again soon. */
  boolean isWatched;

  private final Dice dice;
  private Disk disk;
  private int boots = 1;
  private String bootId;
  private long pids = 1000;
  private int disks;

  AgentMachine(World world, int index, long ppm) {
    super(world, "a" + index, ppm);
    this.index = index;
    this.id = new AgentId(name);
    this.dice = world.dice.split();
    this.storage = new Storage(world);
    this.bootId = name + "-boot-1";
    this.disk = newDisk();
    this.kernel = new Proc(world, this);
    this.guardian = new Guardian(this);
    this.agent = new AgentNode(this);
  }

  void powerOn() {
    kernel.begin();
    agent.start();
  }

  private Disk newDisk() {
    boolean sameId = disks > 0 && world.broken(Mutation.WIPED_DISK_KEEPS_ITS_ID);
    disks += sameId ? 0 : 1;
    return new Disk(new JournalId(name + "-disk-" + disks), world.options.masters);
  }

  Disk disk() {
    return disk;
  }

  String bootId() {
    return bootId;
  }

  /** The disk is replaced by an empty one; what ran ended with the machine. */
  void wipe() {
    disk.lose();
    disk = newDisk();
  }

  /** Power is cut and comes back: no process survives, and what was not synced may be gone. */
  void reboot() {
    world.trace(name, "reboots");
    agent.halt();
    guardian.end();
    kernel.end();
    for (Disk.Part part : disk.parts) {
      for (TaskDir dir : part.directories.values()) {
        perish(dir);
      }
    }
    boots++;
    bootId = name + "-boot-" + boots;
    rebooted();
    kernel.begin();
  }

  private void perish(TaskDir dir) {
    boolean lived = dir.isLiving();
    dir.wrapperLives = false;
    dir.leaderLives = false;
    dir.stragglers = 0;
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

  @Override
  long boot() {
    return world.broken(Mutation.CLOCK_STANDS_STILL_IN_A_SUSPENSION) ? monotonic() : super.boot();
  }

  @Override
  void resume() {
    super.resume();
    world.ledger.recheckSoon(this);
  }

  /** Deadline of a master's lease as the file has it, in this boot; past any time without one. */
  boolean isLeaseOver(Disk.Part part) {
    return !part.hasDeadline || !part.deadlineBoot.equals(bootId) || boot() >= part.deadline;
  }

  TaskDir create(int master, TaskSpec spec) {
    Disk.Part part = disk.parts[master];
    Effect effect = world.ledger.effect(master, spec.execution());
    TaskDir dir = new TaskDir(this, master, spec, effect, dice.next());
    dir.obeysTerm = dice.permille(600);
    part.directories.put(spec.execution(), dir);
    return dir;
  }

  private long pause() {
    return dice.permille(world.options.slowStarts)
        ? dice.between(0, 30 * World.SECOND)
        : dice.between(1, 15) * World.MILLI;
  }

  /** Starts a wrapper; {@code claimed} hears whether it has won. */
  void launch(TaskDir dir, Consumer<Boolean> claimed) {
    kernel.after(pause(), () -> claim(dir, claimed));
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
    dir.wrapper = new ProcessInfo(pids += 2, boot() / 10_000_000L, bootId);
    dir.wrapperLives = true;
    world.trace(name, "claimed", dir);
    claimed.accept(true);
    kernel.after(pause() / 4, () -> publish(dir));
  }

  private void publish(TaskDir dir) {
    if (!dir.wrapperLives) {
      return;
    }
    dir.leaderLives = true;
    dir.published = true;
    kernel.after(dice.between(100, 2000) * World.MICRO, () -> check(dir));
  }

  private void check(TaskDir dir) {
    if (!dir.leaderLives) {
      return;
    }
    if (dir.killed || isLeaseOver(disk.parts[dir.master])) {
      dir.leaderLives = false;
      record(dir, TaskDir.Record.NOT_STARTED, 0);
      return;
    }
    dir.committed = true;
    world.ledger.alive(dir);
    kernel.after(dice.between(1, 20) * World.MILLI, () -> begin(dir));
  }

  private void begin(TaskDir dir) {
    if (!dir.leaderLives) {
      return;
    }
    world.ledger.begun(dir);
    write(dir, 10);
    int code = dice.permille(800) ? 0 : 1;
    kernel.after(length(), () -> exit(dir, code));
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
    if (lived && !dir.isLiving()) {
      world.ledger.dead(dir);
    }
  }

  private void finish(TaskDir dir, TaskDir.Record record, int code) {
    kernel.after(
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
    world.trace(name, "recorded", dir);
    wake(dir);
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
    kernel.after(dice.between(1, 300) * World.MILLI, () -> killLeader(dir, 15));
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
    for (Disk.Part part : disk.parts) {
      for (TaskDir dir : part.directories.values()) {
        if (dir.wrapperLives && dir.leaderLives) {
          world.trace(name, wrapper ? "wrapper killed" : "leader killed", dir);
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

  void delete(int master, ExecutionId execution) {
    disk.parts[master].directories.remove(execution);
  }
}
