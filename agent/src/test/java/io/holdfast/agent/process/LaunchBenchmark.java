package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whole runs of {@code /bin/true} per second, against a bare {@link ProcessBuilder} loop in the
 * same JVM, without and with the look for what a task has left behind. Not a test: run its main by
 * hand, with {@code -Djdk.lang.Process.launchMechanism=VFORK} to compare.
 */
final class LaunchBenchmark {

  private static final int PARALLEL = 16;
  private static final int RUNS = 2000;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private LaunchBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path data = Files.createTempDirectory("holdfast-bench");
    BootClock clock = BootClock.open();
    new LeaseFile(data, "m").write(clock.now().plus(Duration.ofHours(1)), Duration.ofSeconds(1));
    Path shell = Path.of(args.length > 0 ? args[0] : "/bin/sh");
    try (TaskProcesses processes = TaskProcesses.open(data, clock, PARALLEL, shell)) {
      for (int round = 0; round < 3; round++) {
        measure("bare process", LaunchBenchmark::bare);
        measure("task", () -> task(data, processes, false));
        measure("task, cleared", () -> task(data, processes, true));
      }
    }
  }

  /**
   * Centiseconds of CPU: user and system, of this process and of the children that it has waited
   * for.
   */
  private static double[] cpu() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return new double[] {
      Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
      Long.parseLong(fields[13]) + Long.parseLong(fields[14])
    };
  }

  private static Void bare() throws IOException, InterruptedException {
    int code = new ProcessBuilder("/bin/true").start().waitFor();
    return check(code == 0);
  }

  private static Void task(Path data, TaskProcesses processes, boolean clear) throws Exception {
    TaskDirectory task =
        new TaskDirectory(data, "m", "true#" + NUMBER.incrementAndGet() + ".1", "j");
    task.create(new TaskDirectory.Contents("/bin/true\n", Map.of("A", "b"), data, false));
    Launch.Launched launched =
        (Launch.Launched) processes.launch(task).toCompletableFuture().get(60, TimeUnit.SECONDS);
    TaskEnd end =
        processes
            .awaitEnd(task, launched.wrapper())
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
    boolean left =
        clear && processes.leftSomething(task).toCompletableFuture().get(60, TimeUnit.SECONDS);
    return check(!left && end instanceof TaskEnd.Exited exited && exited.code() == 0);
  }

  private static Void check(boolean success) {
    if (!success) {
      throw new IllegalStateException("not exit code 0");
    }
    return null;
  }

  private static void measure(String what, Callable<Void> run) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(PARALLEL);
    AtomicInteger left = new AtomicInteger(RUNS);
    double[] before = cpu();
    long begun = System.nanoTime();
    var all =
        pool.invokeAll(
            java.util.Collections.nCopies(
                PARALLEL,
                () -> {
                  while (left.decrementAndGet() >= 0) {
                    run.call();
                  }
                  return null;
                }));
    for (var one : all) {
      one.get();
    }
    pool.shutdown();
    double seconds = (System.nanoTime() - begun) / 1e9;
    double[] after = cpu();
    System.out.printf(
        "%-14s %6.0f/s  %.2f ms of CPU in the JVM, %.2f ms in its children%n",
        what,
        RUNS / seconds,
        (after[0] - before[0]) * 10 / RUNS,
        (after[1] - before[1]) * 10 / RUNS);
  }
}
