package io.holdfast.master.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Reads journals, without a master: what happened, and whether it was right (P5). */
@Command(
    name = "audit",
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Read the journals of masters and agents: what happened, what was running at a past moment,"
            + " whether P1 and P2 were kept. Also takes a journal out and brings it in elsewhere."
            + " Needs no master, and changes nothing that it reads.",
    subcommands = {
      AuditTimeline.class,
      AuditState.class,
      AuditVerify.class,
      AuditExport.class,
      AuditImport.class
    })
final class AuditCommand extends CommandGroup {
  AuditCommand() {
    super("timeline, state, verify, export or import");
  }

  /** What they have in common. */
  abstract static class Part implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli sets it; that it is there is enough
    private boolean help;

    CliIo io() {
      return ((HoldfastCli) spec.root().userObject()).io();
    }

    ParameterException usage(String message) {
      return new ParameterException(spec.commandLine(), message);
    }

    /** Says what is damaged; 1 if anything is. */
    int damaged(List<String> faults) {
      faults.forEach(fault -> io().notice("not as it was written: " + Text.clean(fault)));
      return faults.isEmpty() ? HoldfastCommand.OK : AuditVerify.VIOLATED;
    }
  }

  /**
   * A moment: {@code 2026-11-22T15:00:00Z}, or without the zone, which is then the reader's.
   *
   * @throws CliFailure saying what would be right
   */
  static Instant time(String option, String written, ZoneId zone) {
    String text = written.strip().replace(' ', 'T');
    try {
      return text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw new CliFailure(
          "%s '%s' is no time: write 2026-11-22T15:00:00, with Z behind it for UTC"
              .formatted(option, Text.clean(written)),
          e);
    }
  }
}
