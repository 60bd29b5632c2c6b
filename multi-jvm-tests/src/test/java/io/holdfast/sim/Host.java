package io.holdfast.sim;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A machine with its clocks: they drift, and the wall clock jumps. It can be suspended. */
class Host {
  private static final long MILLION = 1_000_000L;
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  final World world;
  final String name;
  private final long ppm;
  private final List<Proc> processes = new ArrayList<>();
  private long bootedAt;
  private long suspendedFor;
  private long frozenFor;
  private boolean frozen;
  private long suspendedAt = -1;
  private long resumedAt = Long.MIN_VALUE / 2;
  private long wallOffset;
  private Instant wall = EPOCH;
  private long wallAt = -1;

  Host(World world, String name, long ppm) {
    this.world = world;
    this.name = name;
    this.ppm = ppm;
    this.bootedAt = -world.dice.between(10, 1000) * World.SECOND;
  }

  void add(Proc process) {
    processes.add(process);
  }

  /** Since boot; goes on during a suspension, as /proc/uptime does, but not while it is frozen. */
  long boot() {
    return local((frozen ? suspendedAt : world.now()) - bootedAt - frozenFor);
  }

  /** As System.nanoTime: stands still during a suspension. */
  long monotonic() {
    long end = suspendedAt >= 0 ? suspendedAt : world.now();
    return local(end - bootedAt - suspendedFor);
  }

  private long local(long time) {
    return time + time / MILLION * ppm + time % MILLION * ppm / MILLION;
  }

  /** How much true time it takes this host's clock to count {@code nanos}. */
  long trueTime(long nanos) {
    return nanos - nanos / MILLION * ppm;
  }

  /** For people; precise to a second, for nothing may depend on it. */
  Instant wall() {
    if (world.now() - wallAt > World.SECOND) {
      wallAt = world.now();
      wall = EPOCH.plusNanos(world.now() + wallOffset);
    }
    return wall;
  }

  /** As a file's time has it: nanoseconds since the world began, if nobody had set the clock. */
  long wallNanos() {
    return world.now() + wallOffset;
  }

  void setWall(long jump) {
    wallOffset += jump;
    wallAt = Long.MIN_VALUE / 2;
  }

  boolean isFrozen() {
    return frozen;
  }

  boolean isSuspended() {
    return suspendedAt >= 0;
  }

  /** Its clocks were wrong until now: as if it had just woken. */
  void drowse() {
    resumedAt = world.now();
  }

  /** Whether it sleeps, or has woken so short a time ago that nothing can have been done yet. */
  boolean isDrowsy(long within) {
    return isSuspended() || world.now() - resumedAt < within;
  }

  void suspend(long time) {
    if (isSuspended()) {
      return;
    }
    suspendedAt = world.now();
    long mine = suspendedAt;
    world.agenda.after(
        time,
        () -> {
          if (suspendedAt == mine) {
            resume();
          }
        });
  }

  /** A virtual machine stands still: no clock in it goes on but, perhaps, that on the wall. */
  void freeze(long time) {
    if (!isSuspended()) {
      suspend(time);
      frozen = true;
    }
  }

  void resume() {
    if (!isSuspended()) {
      return;
    }
    long away = world.now() - suspendedAt;
    suspendedFor += away;
    suspendedAt = -1;
    if (frozen) {
      frozenFor += away;
      frozen = false;
    }
    resumedAt = world.now();
    for (Proc process : processes) {
      process.catchUp();
    }
  }

  void rebooted() {
    bootedAt = world.now();
    suspendedFor = 0;
    frozenFor = 0;
    frozen = false;
    if (isSuspended()) {
      suspendedAt = -1;
    }
  }
}
