package io.holdfast.demo;

import io.holdfast.demo.Screen.Look;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.Node;
import io.holdfast.harness.Program;
import io.holdfast.harness.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What the demo starts, and how it ends: orderly, from any thread, at any moment, once. After
 * {@link #stop} has begun nothing more is started.
 */
final class DemoSystem {
  private static final Duration CANCEL_MAX = Duration.ofSeconds(15);
  private static final Duration EXIT_MAX = Duration.ofSeconds(10);
  private static final Duration LEFT_MAX = Duration.ofSeconds(10);
  private static final int LOOK_MS = 50;

  private final Screen screen;
  private final Timing timing;
  private LocalSystem system;
  private boolean ready;
  private Narrator narrator;
  private volatile boolean stopping;

  DemoSystem(Screen screen, Timing timing) {
    this.screen = screen;
    this.timing = timing;
  }

  /** Starts master and agents; returns when all of them are ready. */
  LocalSystem start() {
    List<Node> nodes = launch();
    for (Node node : nodes) {
      try {
        node.awaitReady();
      } catch (AssertionError e) {
        throw new DemoFailure("the " + node + " did not start. " + e.getMessage());
      }
      screen.tell(Look.PLAIN, node + " is up: " + node.uri() + ", pid " + node.process().pid());
    }
    synchronized (this) {
      ready = true;
      checkGoing();
      narrator = Narrator.start(system.client(), screen);
      return system;
    }
  }

  private synchronized List<Node> launch() {
    checkGoing();
    system = LocalSystem.named("demo").agents(2).timing(timing).keepFailuresIn(failures()).create();
    List<Node> nodes = new ArrayList<>(system.agents());
    nodes.add(system.master());
    nodes.forEach(Node::launch);
    return nodes;
  }

  private void checkGoing() {
    if (stopping) {
      throw new DemoFailure("interrupted");
    }
  }

  /** In the home, where it may be written, else with the temporary files. */
  private static Path failures() {
    Path own = Program.home().resolve(".holdfast");
    Path folder =
        Files.isDirectory(own) && Files.isWritable(own)
            ? own
            : Path.of(System.getProperty("java.io.tmpdir"));
    return folder.resolve("demo-failures");
  }

  boolean isStopping() {
    return stopping;
  }

  /** From now on nothing more is started, and what fails, fails because of that. */
  void announceStop() {
    stopping = true;
  }

  /** Keeps the logs; returns where and what their last lines are. */
  synchronized String keepLogs() {
    if (system == null) {
      return "";
    }
    Throwable carrier = new IllegalStateException("the demo failed");
    system.failed(carrier);
    return carrier.getSuppressed()[0].getMessage();
  }

  /**
   * Cancels what runs, ends the programs, and waits until no process is left. Returns what had to
   * be killed; a second caller waits for the first and is told nothing.
   */
  List<Long> stop() {
    stopping = true;
    return stopOnce();
  }

  private synchronized List<Long> stopOnce() {
    if (system == null) {
      return List.of();
    }
    LocalSystem mine = system;
    system = null;
    List<Long> left = new ArrayList<>();
    try {
      mine.proxy(DemoJobs.CUT_AGENT).heal();
      if (ready) {
        cancelAll(mine);
      }
      if (narrator != null) {
        narrator.close();
      }
      end(mine);
      await(LEFT_MAX, () -> mine.processes().isEmpty());
      left.addAll(mine.processes());
    } catch (RuntimeException | AssertionError e) {
      screen.tell(Look.BAD, "cannot stop in order, so killing: " + e.getMessage());
    } finally {
      mine.close();
    }
    return left;
  }

  private void cancelAll(LocalSystem mine) {
    if (!mine.master().isAlive()) {
      return;
    }
    try {
      List<String> active = active(mine.client());
      for (String run : active) {
        screen.tell(Look.PLAIN, "cancelling " + run);
        Object unused = mine.client().cancel(run, "the demo ends");
      }
      await(CANCEL_MAX, () -> !mine.master().isAlive() || active(mine.client()).isEmpty());
    } catch (RuntimeException e) {
      screen.tell(Look.BAD, "cannot cancel what runs: " + e.getMessage());
    }
  }

  private static List<String> active(MasterClient client) {
    List<String> ids = new ArrayList<>();
    for (String state : List.of("queued", "active")) {
      client
          .runs("limit=1000&state=" + state)
          .path("runs")
          .forEach(run -> ids.add(run.path("id").asText()));
    }
    return ids;
  }

  private static void end(LocalSystem mine) {
    List<Node> nodes = new ArrayList<>(mine.masters());
    nodes.addAll(mine.agents());
    List<Node> living = nodes.stream().filter(Node::isAlive).toList();
    living.forEach(node -> node.process().terminate());
    await(EXIT_MAX, () -> living.stream().noneMatch(Node::isAlive));
  }

  /** Looks again and again; gives up silently, for the caller sees for itself. */
  private static void await(Duration most, BooleanSupplier done) {
    long deadline = System.nanoTime() + most.toNanos();
    while (!done.getAsBoolean() && System.nanoTime() - deadline < 0) {
      try {
        Thread.sleep(LOOK_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** The first thing that keeps the demo from running here, in words. */
  static Optional<String> obstacle() {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return Optional.of(
          "agents need Linux (they read /proc), this is " + System.getProperty("os.name"));
    }
    for (String module : List.of("master", "agent")) {
      Path app = Program.home().resolve(module).resolve("target").resolve("app");
      if (!Files.isDirectory(app.resolve("lib"))) {
        return Optional.of(
            app + " is missing. './holdfast demo' builds it, unless HOLDFAST_NO_BUILD is set");
      }
    }
    return Optional.empty();
  }
}
