package io.holdfast.sim;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.task.TaskSpec;

/** The machine of an agent: its clocks, its disk, its guardian, and the processes of its tasks. */
final class AgentMachine extends Host {
  final int index;
  final AgentId id;
  final Kernel kernel;
  final Guardian guardian;
  final Storage storage;
  final AgentNode agent;

  /** Whether its processes are looked at again soon. */
  boolean isWatched;

  private final Dice dice;
  private Disk disk;
  private int boots = 1;
  private String bootId;
  private int disks;
  private Correction correction = Correction.AT_ONCE;
  private long frozenAt;

  /** By its boot clock. */
  private long thawedAt = -1;

  AgentMachine(World world, int index, long ppm) {
    super(world, "a" + index, ppm);
    this.index = index;
    this.id = new AgentId(name);
    this.dice = world.dice.split();
    this.storage = new Storage(world);
    this.bootId = name + "-boot-1";
    this.disk = newDisk();
    this.kernel = new Kernel(this);
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

  /** Power is cut: no process survives, and what was not synced may be gone. */
  void powerOff() {
    world.trace(name, "is off");
    agent.halt();
    guardian.end();
    kernel.end();
    resume();
    for (Disk.Part part : disk.parts) {
      part.directories.values().forEach(kernel::perish);
      part.hold.forget();
      part.thawedUnseen = -1;
      part.heardAt = -1;
    }
    thawedAt = -1;
    boots++;
    bootId = name + "-boot-" + boots;
  }

  boolean isOff() {
    return !kernel.isUp();
  }

  /** Whether it has ever had another disk. */
  boolean isRenewed() {
    return disks > 1;
  }

  void powerUp() {
    world.trace(name, "reboots");
    rebooted();
    kernel.begin();
  }

  /** When the wall clock of a machine that was frozen shows the right time again. */
  enum Correction {
    AT_ONCE,
    LATER,
    NEVER
  }

  /** It stands still with all its clocks, and does not notice. */
  void freeze(long time, Correction then) {
    if (isOff() || isSuspended()) {
      return;
    }
    world.coverage.count(Coverage.Kind.FROZEN);
    world.trace(name, "is frozen; its wall clock is corrected", then);
    correction = then;
    frozenAt = world.now();
    freeze(time);
  }

  private void thaw(long away) {
    thawedAt = boot();
    for (Disk.Part part : disk.parts) {
      // What is about to begin is nobody's process to be held yet; a grace stood still as well.
      for (TaskDir dir : part.directories.values()) {
        dir.blind |= (!dir.committed && !dir.isOver()) || (dir.killed && dir.hasProcesses());
      }
    }
    if (correction == Correction.AT_ONCE) {
      return;
    }
    setWall(-away);
    if (correction == Correction.LATER) {
      int life = kernel.life();
      world.agenda.after(dice.between(0, 2 * World.SECOND), () -> correct(away, life));
      return;
    }
    hideThePast();
  }

  /** Whether what this master has here may belong to the past, though its lease is not over. */
  boolean isInDoubt(Disk.Part part) {
    return part.hold.why == Hold.Why.DOUBT || part.thawedUnseen >= 0 || thawedAt > part.heardAt;
  }

  private void hideThePast() {
    for (Disk.Part part : disk.parts) {
      part.thawedUnseen = boot();
      part.directories.values().forEach(dir -> dir.blind |= dir.hasProcesses());
    }
  }

  /** Somebody sets its wall clock: back, and it does not show that the machine stood still. */
  void setByHand(long jump) {
    setWall(jump);
    if (jump < 0) {
      hideThePast();
    }
    guardian.disturb();
  }

  private void correct(long away, int life) {
    setWall(away);
    if (kernel.life() == life) {
      thawedAt = boot();
      drowse();
      guardian.disturb();
      world.ledger.recheckSoon(this);
    }
  }

  /**
   * The master has heard this agent since {@code anchor}: nothing of the past is unseen any more,
   * unless that was before the machine stood still.
   */
  void heard(int master, long anchor) {
    Disk.Part part = disk.parts[master];
    // Its clock stood still: what it answered in the instant of the thaw, it answered after it.
    if (anchor < thawedAt) {
      return;
    }
    if (thawedAt > part.heardAt) {
      // Before the guardian has held them, or they have begun: the order to stop what was given up
      // is on its way.
      for (TaskDir dir : part.directories.values()) {
        dir.blind |= !dir.isOver() && !dir.held && world.ledger.isGivenUp(dir);
      }
    }
    part.heardAt = anchor;
    if (part.thawedUnseen < 0 || anchor < part.thawedUnseen) {
      return;
    }
    part.thawedUnseen = -1;
    for (TaskDir dir : part.directories.values()) {
      dir.blind &= world.ledger.isGivenUp(dir);
    }
  }

  @Override
  long boot() {
    return world.broken(Mutation.CLOCK_STANDS_STILL_IN_A_SUSPENSION) ? monotonic() : super.boot();
  }

  @Override
  void resume() {
    if (isFrozen()) {
      thaw(world.now() - frozenAt);
    }
    super.resume();
    guardian.disturb();
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

  void delete(int master, ExecutionId execution) {
    disk.parts[master].directories.remove(execution);
  }
}
