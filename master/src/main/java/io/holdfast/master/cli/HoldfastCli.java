package io.holdfast.master.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code holdfast}, as far as it is written in Java; see the launcher script. */
@Command(
    name = "holdfast",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Version.class,
    description =
        "Runs shell jobs on many machines, and keeps hold of them when the network does not.",
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done; with 'run --wait' or '--follow': the run succeeded",
      "  1  the run that was waited for failed, was cancelled or is lost",
      "  2  wrong usage, no contact with the master, or the master refused"
    },
    subcommands = {
      LocalPrograms.Demo.class,
      LocalPrograms.Master.class,
      LocalPrograms.Agent.class,
      ApplyCommand.class,
      JobsCommand.class,
      RunCommand.class,
      RunsCommand.class,
      ShowCommand.class,
      LogsCommand.class,
      CancelCommand.class,
      AgentsCommand.class,
      HistoryCommand.class,
      RebuildHistoryCommand.class,
      SchemaCommand.class,
      JournalCommand.class,
      AuditCommand.class,
      LocalPrograms.Bench.class,
      CommandLine.HelpCommand.class
    })
public final class HoldfastCli implements Runnable {
  /** The command itself failed: usage, connection, refusal. */
  static final int FAILED = 2;

  private final CliIo io;

  @Spec private CommandSpec spec;

  @Option(
      names = "--master",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "The master. Default: " + MasterAddress.DEFAULT + " or $HOLDFAST_MASTER_URL.")
  private String master;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      scope = ScopeType.INHERIT,
      description =
          "The master's token. Other users of this machine can see it: better $HOLDFAST_TOKEN or"
              + " --token-file.")
  private String token;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "A file that holds the token.")
  private Path tokenFile;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help; 'holdfast COMMAND --help' shows a command's.")
  @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
  private boolean version;

  private HoldfastCli(CliIo io) {
    this.io = io;
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(execute(CliIo.ofProcess(), args));
  }

  /** Runs one command; the exit code. */
  static int execute(CliIo io, String... args) {
    if (Arrays.stream(args).anyMatch(HoldfastCli::isMangled)) {
      io.notice("an argument holds characters that this locale cannot express: set LC_ALL=C.UTF-8");
      return FAILED;
    }
    CommandLine command = new CommandLine(new HoldfastCli(io));
    command
        .setOut(new PrintWriter(io.out(), true))
        .setErr(new PrintWriter(io.err(), true))
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi(io)))
        .setParameterExceptionHandler((e, wrong) -> usage(io, e))
        .setExecutionExceptionHandler((e, failed, parsed) -> failure(io, e));
    int exit = command.execute(args);
    io.out().flush();
    return exit;
  }

  private static CommandLine.Help.Ansi ansi(CliIo io) {
    return io.colour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
  }

  /** What Java puts in the place of bytes that are no text in the locale of the process. */
  private static boolean isMangled(String argument) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    return argument.indexOf('\ufffd') >= 0 && !encoding.equalsIgnoreCase("UTF-8");
  }

  private static int usage(CliIo io, ParameterException e) {
    List<String> meant =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    boolean command = e instanceof UnmatchedArgumentException && isRoot(e.getCommandLine());
    io.notice(command ? "there is no such command or option: " + unmatched(e) : e.getMessage());
    String question = meant.isEmpty() ? "" : "Did you mean '" + meant.get(0) + "'? ";
    io.err()
        .println(
            question + "See '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'");
    return FAILED;
  }

  private static boolean isRoot(CommandLine command) {
    return command.getParent() == null;
  }

  private static String unmatched(ParameterException e) {
    return Text.clean(((UnmatchedArgumentException) e).getUnmatched().get(0));
  }

  private static int failure(CliIo io, Exception e) {
    io.out().flush();
    if (e instanceof CliFailure) {
      io.notice(e.getMessage());
    } else {
      io.notice("unexpected: " + e + ". With HOLDFAST_DEBUG=1 in the environment it shows where");
    }
    if (!io.env().getOrDefault("HOLDFAST_DEBUG", "").isEmpty()) {
      e.printStackTrace(io.err());
    }
    return FAILED;
  }

  CliIo io() {
    return io;
  }

  MasterClient client() {
    return new MasterClient(MasterAddress.of(master, token, tokenFile, io.env()));
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: a command is missing");
  }
}
