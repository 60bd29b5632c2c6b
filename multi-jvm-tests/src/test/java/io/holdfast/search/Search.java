package io.holdfast.search;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Breadth-first through every state that the rules allow within the bounds: level by level, each
 * level by all threads. The first violation ends it, with the shortest way that leads there.
 */
final class Search {
  /** A way from the beginning to a violation, step by step. */
  record Counterexample(String invariant, String message, List<String> steps) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < steps.size(); i++) {
        text.append(String.format("%3d. %s%n", i + 1, steps.get(i)));
      }
      return text.append(invariant).append(": ").append(message).toString();
    }
  }

  /**
   * What came of a search.
   *
   * @param complete whether every state was seen; not when it was ended by a violation or the limit
   * @param depth the deepest level
   * @param moves how many steps were looked at
   */
  record Result(
      long states,
      int depth,
      long moves,
      boolean complete,
      Duration time,
      Optional<Counterexample> counterexample) {
    double seconds() {
      return time.toNanos() / 1e9;
    }

    long statesPerSecond() {
      return (long) (states / Math.max(0.001, seconds()));
    }
  }

  private record Found(World parent, String step, String invariant, String message) {}

  private static final int CHUNK = 256;

  private final Rules rules;
  private final Bounds bounds;
  private final long most;
  private final int threads;
  private final Visited visited = new Visited();
  private final AtomicReference<Found> found = new AtomicReference<>();
  private final AtomicLong moves = new AtomicLong();

  private Search(Rules rules, Bounds bounds, long most, int threads) {
    this.rules = rules;
    this.bounds = bounds;
    this.most = most;
    this.threads = threads;
  }

  /** Searches until everything was seen, something is wrong, or {@code most} states are reached. */
  static Result run(Rules rules, Bounds bounds, long most, int threads) {
    return new Search(rules, bounds, most, threads).run();
  }

  private Result run() {
    long begun = System.nanoTime();
    World initial = new Moves(rules, bounds, next -> {}).initial();
    Encoding encoding = new Encoding();
    encoding.encode(initial);
    long root = encoding.high();
    initial.key = root;
    visited.add(encoding.high(), encoding.low(), 0);
    List<World> level = List.of(initial);
    int depth = 0;
    while (found.get() == null && visited.size() < most) {
      List<World> next = level(level);
      if (next.isEmpty()) {
        break;
      }
      level = next;
      depth++;
    }
    Duration time = Duration.ofNanos(System.nanoTime() - begun);
    boolean complete = found.get() == null && visited.size() < most;
    Optional<Counterexample> counterexample =
        Optional.ofNullable(found.get()).map(f -> explain(f, initial, root));
    return new Result(visited.size(), depth, moves.get(), complete, time, counterexample);
  }

  private List<World> level(List<World> level) {
    AtomicInteger cursor = new AtomicInteger();
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(new Worker(level, cursor));
    }
    List<Thread> running = workers.stream().skip(1).map(w -> new Thread(w, "search")).toList();
    running.forEach(Thread::start);
    workers.get(0).run();
    for (Thread thread : running) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    int size = workers.stream().mapToInt(w -> w.next.size()).sum();
    List<World> next = new ArrayList<>(size);
    for (Worker worker : workers) {
      next.addAll(worker.next);
      moves.addAndGet(worker.moves);
    }
    return next;
  }

  /** Takes states of one level and collects the next. */
  private final class Worker implements Runnable {
    final List<World> next = new ArrayList<>();
    long moves;
    private final List<World> level;
    private final AtomicInteger cursor;
    private final Encoding encoding = new Encoding();
    private long parent;

    Worker(List<World> level, AtomicInteger cursor) {
      this.level = level;
      this.cursor = cursor;
    }

    @Override
    public void run() {
      Moves all = new Moves(rules, bounds, this::take);
      int at = cursor.getAndAdd(CHUNK);
      while (at < level.size() && found.get() == null) {
        for (World world : level.subList(at, Math.min(level.size(), at + CHUNK))) {
          expand(all, world);
        }
        at = cursor.getAndAdd(CHUNK);
      }
    }

    private void expand(Moves all, World world) {
      parent = world.key;
      try {
        all.expand(world);
      } catch (Violation violation) {
        found.compareAndSet(
            null, new Found(world, all.words(), violation.invariant(), violation.getMessage()));
      } catch (RuntimeException broken) {
        // A rule that cannot go on is as wrong as one that goes wrong.
        found.compareAndSet(null, new Found(world, all.words(), "I0", String.valueOf(broken)));
      }
    }

    private void take(World world) {
      moves++;
      encoding.encode(world);
      if (visited.add(encoding.high(), encoding.low(), parent)) {
        world.key = encoding.high();
        next.add(world);
      }
    }
  }

  /** The states between are not kept: the way is gone once more, from key to key. */
  private Counterexample explain(Found end, World initial, long root) {
    Encoding encoding = new Encoding();
    encoding.encode(end.parent());
    Deque<Long> way = new ArrayDeque<>();
    for (long at = encoding.high(); at != root; at = visited.parent(at)) {
      way.push(at);
    }
    List<String> steps = new ArrayList<>();
    World at = initial;
    for (long wanted : way) {
      Step step = new Step(encoding, wanted);
      step.go(rules, bounds, at);
      steps.add(step.words + "\n       " + step.to);
      at = step.to;
    }
    steps.add(end.step());
    return new Counterexample(end.invariant(), end.message(), steps);
  }

  private static final class Step {
    private final Encoding encoding;
    private final long wanted;
    private World to;
    private String words = "";
    private Moves all;

    Step(Encoding encoding, long wanted) {
      this.encoding = encoding;
      this.wanted = wanted;
    }

    void go(Rules rules, Bounds bounds, World from) {
      all = new Moves(rules, bounds, this::take);
      try {
        all.expand(from);
      } catch (RuntimeException later) {
        // Another step from here may be wrong as well.
      }
      if (to == null) {
        throw new IllegalStateException("no way from " + from);
      }
    }

    private void take(World world) {
      encoding.encode(world);
      if (to == null && encoding.high() == wanted) {
        to = world;
        words = all.words();
      }
    }
  }
}
