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

  /** Since boot; goes on during a suspension, as /proc/uptime does. */
  long boot() {
    return local(world.now() - bootedAt);
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

  void setWall(long jump) {
    wallOffset += jump;
    wallAt = Long.MIN_VALUE / 2;
  }

  boolean isSuspended() {
    return suspendedAt >= 0;
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

  void resume() {
    if (!isSuspended()) {
      return;
    }
    suspendedFor += world.now() - suspendedAt;
    suspendedAt = -1;
    resumedAt = world.now();
    for (Proc process : processes) {
      process.catchUp();
    }
  }

  void rebooted() {
    bootedAt = world.now();
    suspendedFor = 0;
    if (isSuspended()) {
      suspendedAt = -1;
    }
  }
}
