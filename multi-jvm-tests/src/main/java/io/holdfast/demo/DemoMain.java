package io.holdfast.demo;

import io.holdfast.demo.Screen.Look;
import io.holdfast.harness.JvmProcess;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast demo}: see what Holdfast does when the network breaks. */
@Command(
    name = "holdfast demo",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a master and two agents on this machine, runs three jobs, pulls the cable of one agent",
      "and plugs it in again, and shows what happens. Then it stays, for you to look around; Ctrl-C",
      "ends everything that it started."
    })
public final class DemoMain implements Callable<Integer> {
  private static final Timing DEFAULTS = Timing.PRODUCTION;

  @Option(
      names = "--check",
      description =
          "Do not stay: end with 'demo: ok' and exit 0, or say what was wrong and exit 1.")
  private boolean check;

  @Option(
      names = "--cut",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "How long the network is cut. Default: ${DEFAULT-VALUE}.")
  private int cut;

  @Option(
      names = "--heartbeat",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description =
          "The heartbeat period; the lease is 12 of them. Default: ${DEFAULT-VALUE}; a master's own: 5.")
  private int heartbeat;

  private final Screen screen = Screen.standard();
  private final Thread main = Thread.currentThread();
  private DemoSystem system;

  private DemoMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new DemoMain()).execute(args));
  }

  @Override
  public Integer call() {
    if (heartbeat < 1 || cut < 1 || cut > 9 * heartbeat) {
      System.err.println(
          "holdfast demo: the cut must take from 1 s to 9 heartbeats ("
              + 9 * heartbeat
              + " s), or the lease runs out and the tasks are stopped");
      return 2;
    }
    String obstacle = DemoSystem.obstacle().orElse("");
    if (!obstacle.isEmpty()) {
      System.err.println("holdfast demo: " + obstacle);
      return 2;
    }
    Timing timing = DEFAULTS.fasterBy((double) DEFAULTS.heartbeatPeriod().toSeconds() / heartbeat);
    system = new DemoSystem(screen, timing);
    JvmProcess.beforeShutdown(this::interrupted);
    return play(timing);
  }

  private int play(Timing timing) {
    try {
      introduce(timing);
      LocalSystem local = system.start();
      screen.tell(Look.FAINT, "files: " + local.folder());
      Proof proof = new DemoStory(screen, local, cut).tell();
      if (!proof.holds()) {
        return fail("the master's history is not what the jobs did");
      }
      return check ? finish() : stay(local);
    } catch (RuntimeException | AssertionError e) {
      if (system.isStopping()) {
        sleepForever(); // The thread that stops the demo will end this process.
      }
      return fail(e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private void introduce(Timing timing) {
    screen.show(
        Look.BOLD,
        "Holdfast demo: a master, two agents, three jobs, and %d s without a network"
            .formatted(cut));
    screen.show(
        Look.PLAIN,
        """
        Times used here: heartbeat %d s, %d retries, lease %d s, so an outage of up to %d s stops nothing.
        A master's defaults are %d s, %d and %d s, for outages of up to %d s."""
            .formatted(
                heartbeat,
                timing.retryAttempts(),
                timing.lease().toSeconds(),
                harmless(timing),
                DEFAULTS.heartbeatPeriod().toSeconds(),
                DEFAULTS.retryAttempts(),
                DEFAULTS.lease().toSeconds(),
                harmless(DEFAULTS)));
    screen.chapter("One master and two agents start, each a process of its own");
  }

  /** The longest outage that stops no task for sure, less a second for the ways. */
  private static long harmless(Timing timing) {
    return timing.lease().minus(timing.silence()).toSeconds() - 1;
  }

  private int finish() {
    screen.chapter("Stopping what the demo started");
    List<Long> killed = system.stop();
    if (!killed.isEmpty()) {
      return failed("these processes did not end by themselves and were killed: " + killed);
    }
    screen.tell(Look.PLAIN, "everything has ended, no process is left");
    screen.show(Look.GOOD, "demo: ok");
    return 0;
  }

  private int stay(LocalSystem local) {
    screen.chapter("Look around; Ctrl-C ends everything that the demo started");
    screen.show(Look.PLAIN, LookAround.at(local.master().uri()));
    while (!screen.isClosed()) {
      if (!local.master().isAlive() || local.agents().stream().anyMatch(node -> !node.isAlive())) {
        return fail("a master or an agent has ended");
      }
      try {
        Thread.sleep(1_000);
      } catch (InterruptedException e) {
        sleepForever();
      }
    }
    Object unused = system.stop();
    return 0;
  }

  private int fail(String why) {
    String logs = system.keepLogs();
    screen.show(Look.PLAIN, logs);
    Object unused = system.stop();
    return failed(why);
  }

  private int failed(String why) {
    screen.show(Look.BAD, "demo: failed: " + why);
    return 1;
  }

  /** SIGINT, SIGTERM, SIGHUP; also at an end of our own, when all is stopped already. */
  private void interrupted() {
    if (system.isStopping()) {
      Object unused = system.stop(); // Waits until it is done.
      return;
    }
    screen.chapter("Stopping what the demo started; a few seconds …");
    system.announceStop();
    main.interrupt();
    List<Long> killed = system.stop();
    screen.tell(
        Look.PLAIN,
        killed.isEmpty()
            ? "everything has ended, no process is left"
            : "these processes did not end by themselves and were killed: " + killed);
  }

  private static void sleepForever() {
    while (true) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        // There is nothing left to do.
      }
    }
  }
}
