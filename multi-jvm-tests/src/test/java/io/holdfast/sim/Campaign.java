package io.holdfast.sim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Many worlds, each with its own seed, on a few threads that share nothing but the next seed. */
final class Campaign {
  final Coverage coverage = new Coverage();
  private final AtomicLong next;
  private final long end;
  private final long until;
  private long steps;
  private long nanos;
  private Optional<Long> failing = Optional.empty();

  private Campaign(long from, long to, long until) {
    this.until = until;
    this.next = new AtomicLong(from);
    this.end = to;
  }

  /**
   * Simulates {@code hours} hours, one for each seed from {@code seed} on, or as many as there is
   * time for.
   */
  static Campaign run(long seed, long hours, int threads, long minutes) {
    long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    Campaign campaign = new Campaign(seed, seed + hours, until);
    ExecutorService workers = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(workers.submit(campaign::work));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      workers.shutdownNow();
    }
    return campaign;
  }

  private void work() {
    while (failing().isEmpty() && System.nanoTime() < until) {
      long seed = next.getAndIncrement();
      if (seed >= end) {
        return;
      }
      World world = new World(seed, new Options(seed), null, new BitSet(), null);
      world.run();
      note(world);
    }
  }

  private synchronized void note(World world) {
    steps += world.agenda.steps();
    nanos += world.now();
    coverage.add(world.coverage);
    if (world.violation() != null && failing.filter(seed -> seed < world.seed).isEmpty()) {
      failing = Optional.of(world.seed);
    }
  }

  /** The smallest seed whose world broke a promise, of those that were run. */
  synchronized Optional<Long> failing() {
    return failing;
  }

  synchronized long steps() {
    return steps;
  }

  synchronized double hours() {
    return nanos / 3.6e12;
  }
}
