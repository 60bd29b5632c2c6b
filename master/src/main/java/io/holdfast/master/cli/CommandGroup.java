package io.holdfast.master.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does nothing alone: one of its subcommands must be named. */
abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
  private boolean help;

  private final String choices;

  /**
   * @param choices the subcommands, as the end of a sentence
   */
  CommandGroup(String choices) {
    this.choices = choices;
  }

  @Override
  public final void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: " + choices);
  }
}
