package io.holdfast.master.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.JournalAlteredException;
import io.holdfast.persistence.postgres.PostgresAudit;
import io.holdfast.persistence.postgres.PostgresSchema;
import io.holdfast.persistence.postgres.PostgresSettings;
import java.io.File;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Makes and checks the database of masters with {@code persistence = postgres}. Speaks with the
 * database, not with a master.
 */
@Command(
    name = "schema",
    synopsisSubcommandLabel = "COMMAND",
    description = "Prepare or check the PostgreSQL database of a master.",
    subcommands = {SchemaCommand.Apply.class, SchemaCommand.Verify.class})
final class SchemaCommand extends CommandGroup {
  SchemaCommand() {
    super("apply or verify");
  }

  /** What both need: the settings of the master, and how errors are told. */
  abstract static class OverDatabase implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
    private boolean help;

    @Option(
        names = "--config",
        required = true,
        paramLabel = "FILE",
        description = "The settings of the master; read is holdfast.journal.postgres.")
    private File file;

    abstract void with(PostgresSettings settings);

    PrintStream out() {
      return ((HoldfastCli) spec.root().userObject()).io().out();
    }

    @Override
    public Integer call() {
      if (!file.isFile()) {
        throw new CliFailure("there is no file " + file.getAbsolutePath());
      }
      try {
        Config all = PersistenceConfig.withDefaults(ConfigFactory.parseFile(file));
        with(PostgresSettings.of(all));
        return HoldfastCommand.OK;
      } catch (ConfigException | JournalException e) {
        throw new CliFailure(e.getMessage(), e);
      }
    }
  }

  /** Brings the schema to the version that this Holdfast needs. */
  @Command(
      name = "apply",
      description = "Make the schema, or bring it to the version of this Holdfast.")
  static final class Apply extends OverDatabase {
    @Option(names = "--dry-run", description = "Only print the SQL that would be carried out.")
    private boolean dryRun;

    @Override
    void with(PostgresSettings settings) {
      PostgresSchema schema = new PostgresSchema(settings);
      if (dryRun) {
        List<String> pending = schema.pending();
        if (pending.isEmpty()) {
          out().println("-- nothing to do: " + settings.url() + " has the newest schema");
        }
        pending.forEach(out()::println);
        return;
      }
      int applied = schema.apply(step -> out().println("applied " + step));
      if (applied == 0) {
        out().println("nothing to do: " + settings.url() + " has the newest schema");
      }
    }
  }

  /** Looks for events that are altered or missing. */
  @Command(
      name = "verify",
      description =
          "Read the whole journal and name the first event of each persistence id that is altered"
              + " or missing. A master may run meanwhile.")
  static final class Verify extends OverDatabase {
    @Override
    void with(PostgresSettings settings) {
      new PostgresSchema(settings).check();
      PostgresAudit.Report report = new PostgresAudit(settings).verify();
      for (JournalAlteredException finding : report.findings()) {
        out().println(finding.getMessage());
      }
      if (!report.findings().isEmpty()) {
        throw new CliFailure(
            "%d of %d persistence ids are not as they were written"
                .formatted(report.findings().size(), report.ids()));
      }
      out()
          .println(
              "%d events of %d persistence ids are as they were written"
                  .formatted(report.events(), report.ids()));
    }
  }
}
