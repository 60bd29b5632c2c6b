package io.holdfast.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code holdfast bench}: how fast runs go through a real master and a real agent. */
@Command(
    name = "holdfast bench",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a master and an agent, drives runs of /bin/true through the public API, and prints how",
      "fast they went, beside the rate of a bare process-start loop on the same machine in the same run."
    })
public final class BenchMain implements Callable<Integer> {
  @Option(
      names = "--runs",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Measured runs (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--warm-up",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Runs before them that are not measured (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--parallel",
      defaultValue = "16",
      paramLabel = "N",
      description = "Runs at a time (default: ${DEFAULT-VALUE}).")
  private int parallel;

  private BenchMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchMain()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    if (runs < 1 || runs > 1_000_000 || warmUp < 0 || parallel < 1 || parallel > 256) {
      System.err.println(
          "holdfast bench: --runs is 1 to 1000000, --warm-up not negative, --parallel 1 to 256");
      return 2;
    }
    try (BenchSystem system = BenchSystem.start(parallel)) {
      System.out.printf("machine: %s%n", BenchSystem.machine());
      RunLoad load = new RunLoad(system.client(), parallel);
      load.run(warmUp);
      RunLoad.Figures figures = load.run(runs);
      BareLoop.starts(Math.min(runs, 500), parallel);
      double bare = BareLoop.starts(runs, parallel);
      System.out.printf(
          Locale.ROOT, "%d runs, %d at a time, after %d to warm up%n", runs, parallel, warmUp);
      System.out.printf(
          Locale.ROOT,
          "  runs per second, first request to last outcome durable at the master: %.0f%n",
          figures.perSecond());
      System.out.printf(
          Locale.ROOT,
          "  bare ProcessBuilder(\"/bin/true\") loop, %d at a time, starts per second: %.0f%n",
          parallel,
          bare);
      System.out.printf(Locale.ROOT, "  ratio: %.0f %%%n", 100 * figures.perSecond() / bare);
      System.out.printf(
          "  request -> process running:       %s%n", figures.requestToRunning().words());
      System.out.printf(
          "  process ended -> outcome visible: %s (the end is recorded in steps of 10 ms)%n",
          figures.endToVisible().words());
      System.out.printf(
          "  resident memory: master %d MB, agent %d MB%n",
          system.masterMegabytes(), system.agentMegabytes());
      return 0;
    } catch (IOException | IllegalStateException e) {
      System.err.println("holdfast bench: " + e.getMessage());
      return 1;
    }
  }
}
