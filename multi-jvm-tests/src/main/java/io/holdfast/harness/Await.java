package io.holdfast.harness;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waiting with an end, for what cannot notify us: files, processes, sockets of others. */
final class Await {
  private static final Duration STEP = Duration.ofMillis(10);

  private Await() {}

  /**
   * Looks again and again until there is a value, and fails with {@code complaint} after {@code
   * timeout}.
   */
  static <T> T value(Duration timeout, Supplier<Optional<T>> look, Supplier<String> complaint) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Optional<T> found = look.get();
      if (found.isPresent()) {
        return found.get();
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(complaint.get());
      }
      pause(STEP);
    }
  }

  /** As {@link #value}, for a condition. */
  static void condition(Duration timeout, Supplier<Boolean> look, Supplier<String> complaint) {
    Object unused =
        value(timeout, () -> look.get() ? Optional.of(true) : Optional.empty(), complaint);
  }

  static void pause(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** {@code wait} of a monitor that the caller holds. */
  @SuppressWarnings("WaitNotInLoop") // The callers loop.
  static void on(Object monitor, long millis) {
    try {
      monitor.wait(millis);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while waiting", e);
  }
}
