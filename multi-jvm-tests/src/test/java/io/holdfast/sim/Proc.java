package io.holdfast.sim;

import java.util.ArrayDeque;

/**
 * A process on a host: it lives and dies, and it may stand still for a while. What is due while it
 * stands still happens when it goes on; what is due after its death does not happen.
 */
class Proc {
  final World world;
  final Host host;
  private final ArrayDeque<Runnable> backlog = new ArrayDeque<>();
  private final ArrayDeque<Runnable> mailbox = new ArrayDeque<>();
  private int life;
  private boolean up;
  private boolean draining;
  private long stoppedUntil = -1;

  Proc(World world, Host host) {
    this.world = world;
    this.host = host;
    host.add(this);
  }

  final int life() {
    return life;
  }

  final boolean isUp() {
    return up;
  }

  final boolean isStopped() {
    return stoppedUntil > world.now();
  }

  final boolean isResponsive() {
    return up && !isStopped() && !host.isSuspended();
  }

  /** Whether nothing has held it up for so long. */
  final boolean isUndisturbed(long within) {
    return up && world.now() - within >= stoppedUntil && !host.isDrowsy(within);
  }

  final void begin() {
    life++;
    up = true;
    stoppedUntil = -1;
    backlog.clear();
    mailbox.clear();
  }

  final void end() {
    life++;
    up = false;
    backlog.clear();
    mailbox.clear();
  }

  /** SIGSTOP, or a long collection of garbage. */
  final void stopFor(long time) {
    if (!up) {
      return;
    }
    stoppedUntil = world.now() + time;
    world.agenda.after(time, this::catchUp);
  }

  /** It goes on, whatever held it. */
  final void wake() {
    stoppedUntil = -1;
    catchUp();
  }

  final void catchUp() {
    while (!backlog.isEmpty() && isResponsive()) {
      run(backlog.remove());
    }
  }

  /** After {@code nanos} of this host's clock. */
  final void after(long nanos, Runnable action) {
    int mine = life;
    world.agenda.after(
        host.trueTime(nanos),
        () -> {
          if (life == mine) {
            deliver(action);
          }
        });
  }

  /** Now, or when it goes on. */
  final void deliver(Runnable action) {
    if (!up) {
      return;
    }
    if (isResponsive() && backlog.isEmpty()) {
      run(action);
    } else {
      backlog.add(action);
    }
  }

  /** After what is being done and what was told before. */
  final void tell(Runnable action) {
    if (!up) {
      return;
    }
    mailbox.add(action);
    if (!draining) {
      drain();
    }
  }

  private void run(Runnable action) {
    int mine = life;
    draining = true;
    action.run();
    draining = false;
    if (life == mine) {
      drain();
    }
  }

  private void drain() {
    int mine = life;
    draining = true;
    while (life == mine && !mailbox.isEmpty()) {
      mailbox.remove().run();
    }
    draining = false;
  }
}
