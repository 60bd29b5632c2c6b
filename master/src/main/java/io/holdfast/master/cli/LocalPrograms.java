package io.holdfast.master.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * The commands that are programs of their own. The launcher starts them and they have their own
 * {@code --help}; they stand here so that {@code holdfast --help} shows everything there is.
 */
final class LocalPrograms {
  private LocalPrograms() {}

  @Command(name = "demo", description = "Show it: a master and agents on this machine, and faults.")
  static final class Demo extends Program {}

  @Command(name = "master", description = "Run a master.")
  static final class Master extends Program {}

  @Command(name = "agent", description = "Run an agent.")
  static final class Agent extends Program {}

  @Command(name = "bench", description = "Measure this machine.")
  static final class Bench extends Program {}

  /** Reached only by those who start Java by themselves. */
  abstract static class Program implements Runnable {
    @Parameters(hidden = true)
    @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
    private List<String> arguments = List.of();

    @Override
    public void run() {
      throw new CliFailure("this is started by the script 'holdfast' at the top of the repository");
    }
  }
}
