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
 * same JVM. Not a test: run its main by hand, with {@code -Djdk.lang.Process.launchMechanism=VFORK}
 * to compare.
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
        print("bare process", measure(LaunchBenchmark::bare));
        print("task", measure(() -> task(data, processes)));
      }
    }
  }

  private static void print(String what, double perSecond) {
    System.out.printf("%-14s %6.0f/s%n", what, perSecond);
  }

  private static Void bare() throws IOException, InterruptedException {
    int code = new ProcessBuilder("/bin/true").start().waitFor();
    return check(code == 0);
  }

  private static Void task(Path data, TaskProcesses processes) throws Exception {
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
    return check(end instanceof TaskEnd.Exited exited && exited.code() == 0);
  }

  private static Void check(boolean success) {
    if (!success) {
      throw new IllegalStateException("not exit code 0");
    }
    return null;
  }

  private static double measure(Callable<Void> run) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(PARALLEL);
    AtomicInteger left = new AtomicInteger(RUNS);
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
    return RUNS * 1e9 / (System.nanoTime() - begun);
  }
}
