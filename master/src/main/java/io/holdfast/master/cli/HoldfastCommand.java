package io.holdfast.master.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have: the way to the master, {@code -o} and {@code --help}. */
abstract class HoldfastCommand implements Callable<Integer> {
  static final int OK = 0;
  static final int RUN_FAILED = 1;

  @Spec private CommandSpec spec;

  @Mixin private OutputOption output;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
  private boolean help;

  private HoldfastCli holdfast() {
    return (HoldfastCli) spec.root().userObject();
  }

  MasterClient client() {
    return holdfast().client();
  }

  CliIo io() {
    return holdfast().io();
  }

  boolean json() {
    return output.isJson();
  }

  void print(Table table) {
    table.print(io().out(), io().colour());
  }
}
