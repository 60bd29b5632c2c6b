package io.holdfast.harness;

import io.holdfast.harness.FaultProxy.Direction;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The faults in force, and the gate that each piece of each connection goes through. */
final class FaultState {
  private static final long SETTLE_MS_MAX = 200;

  private final Set<Direction> dropped = EnumSet.noneOf(Direction.class);
  private Duration delay = Duration.ZERO;
  private boolean held;
  private int writing;

  /** What to do with a piece. */
  enum Verdict {
    PASS,
    SWALLOW,
    CLOSED
  }

  /** Stops all bytes, in both directions, until {@link #clear}. */
  synchronized void hold() {
    held = true;
    settle();
  }

  synchronized void drop(Direction direction) {
    dropped.add(direction);
    settle();
  }

  synchronized void delay(Duration latency) {
    delay = latency;
    notifyAll();
  }

  synchronized void clear() {
    held = false;
    dropped.clear();
    delay = Duration.ZERO;
    notifyAll();
  }

  /** Lets waiting connections look whether they are closed. */
  synchronized void wake() {
    notifyAll();
  }

  /** Waits until nothing is held; then says what to do now, without a promise for later. */
  synchronized Verdict await(Direction direction, BooleanSupplier closed) {
    while (held && !closed.getAsBoolean()) {
      Await.on(this, 0);
    }
    if (closed.getAsBoolean()) {
      return Verdict.CLOSED;
    }
    return dropped.contains(direction) ? Verdict.SWALLOW : Verdict.PASS;
  }

  /**
   * As {@link #await}; after PASS a fault waits for {@link #leave}, so that no byte slips past it.
   * A swallowed piece is told to {@code onSwallow} before {@link #clear} can happen, so that a heal
   * knows of it.
   */
  synchronized Verdict enter(Direction direction, BooleanSupplier closed, Runnable onSwallow) {
    Verdict verdict = await(direction, closed);
    switch (verdict) {
      case PASS -> writing++;
      case SWALLOW -> onSwallow.run();
      case CLOSED -> {}
    }
    return verdict;
  }

  synchronized void leave() {
    writing--;
    notifyAll();
  }

  /** Waits until a piece that came at {@code arrivedNanos} is due. */
  synchronized void awaitDue(long arrivedNanos, BooleanSupplier closed) {
    while (!closed.getAsBoolean()) {
      long nanos = arrivedNanos + delay.toNanos() - System.nanoTime();
      if (nanos <= 0) {
        return;
      }
      Await.on(this, nanos / 1_000_000 + 1);
    }
  }

  /**
   * A peer that does not read may block a write for ever: then its bytes are under way, and count
   * as gone before.
   */
  private void settle() {
    long deadline = System.nanoTime() + SETTLE_MS_MAX * 1_000_000;
    while (writing > 0 && System.nanoTime() < deadline) {
      Await.on(this, 5);
    }
  }
}
