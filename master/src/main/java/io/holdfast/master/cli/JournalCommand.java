package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.persistence.JournalCheck;
import io.holdfast.persistence.JournalDamage;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.JournalReport;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks after a journal that nobody has open. Needs no master. */
@Command(
    name = "journal",
    description = "Check or repair the journal of a master or an agent that is stopped.",
    subcommands = {JournalCommand.Check.class, JournalCommand.Repair.class})
final class JournalCommand extends CommandGroup {
  JournalCommand() {
    super("'check' or 'repair'");
  }

  private static final String DIR =
      "The data directory of a master or an agent, or the folder 'journal' in it.";

  /** Says what is damaged. */
  @Command(
      name = "check",
      description = "Read every event of a journal and say what is damaged. Changes nothing.",
      footerHeading = "%nExit codes:%n",
      footer = {"  0  sound", "  1  damaged", "  2  there is no journal, or it is in use"})
  static final class Check extends HoldfastCommand {
    static final int DAMAGED = 1;

    @Parameters(paramLabel = "DIR", description = DIR)
    private Path directory;

    @Override
    public Integer call() {
      JournalReport report = asking(() -> JournalCheck.of(directory));
      if (json()) {
        OutputOption.printJson(io().out(), object(report));
      } else {
        report.damages().forEach(damage -> io().out().println(Text.clean(damage.toString())));
        io().out().println(sound(report) + (report.isSound() ? "" : " are sound; the rest is not"));
      }
      return report.isSound() ? OK : DAMAGED;
    }
  }

  /** Makes it usable again. */
  @Command(
      name = "repair",
      description = {
        "Copy what is whole into a new journal; of the rest, the events up to the first that is"
            + " damaged or missing. The old files are kept. Master and agent know at the next start"
            + " that there was more, and act on that: see what is printed for each persistence id."
      },
      footerHeading = "%nExit codes:%n",
      footer = {
        "  0  the journal is sound now, or was before",
        "  2  it could not be repaired, or --yes is missing"
      })
  static final class Repair extends HoldfastCommand {
    @Parameters(paramLabel = "DIR", description = DIR)
    private Path directory;

    @Option(names = "--yes", description = "Do it. Without it only what is damaged is shown.")
    private boolean yes;

    @Override
    public Integer call() {
      if (!yes) {
        JournalReport report = asking(() -> JournalCheck.of(directory));
        report.damages().forEach(damage -> io().err().println(Text.clean(damage.toString())));
        if (report.isSound()) {
          io().out().println(sound(report) + "; there is nothing to repair");
          return OK;
        }
        throw new CliFailure(
            "nothing was changed. A copy of the journal from before the damage is better than a"
                + " repair; without one, say --yes to cut off what is damaged");
      }
      JournalRepair.Outcome outcome = asking(() -> JournalRepair.of(directory));
      if (json()) {
        OutputOption.printJson(io().out(), object(outcome));
      } else {
        print(outcome);
      }
      return OK;
    }

    private void print(JournalRepair.Outcome outcome) {
      if (outcome.folder() == null) {
        io().out().println(sound(outcome.before()) + "; there is nothing to repair");
        return;
      }
      for (JournalRepair.Cut cut : outcome.cuts()) {
        String known = cut.highest() > cut.readableTo() ? " of " + cut.highest() : "";
        io().out()
            .println(
                Text.clean(
                    "cut '%s' after event %d%s: %s"
                        .formatted(cut.persistenceId(), cut.readableTo(), known, cut.what())));
        io().out().println(Text.clean("  at the next start: " + CutWords.atNextStart(cut)));
      }
      if (outcome.mayMissIds()) {
        io().notice(
                "there may have been further persistence ids of which not even the name is left");
      }
      io().out().println(sound(outcome.before()) + " are in the repaired journal");
      io().out().println("the old files, and what was cut off: " + outcome.folder());
    }
  }

  private static String sound(JournalReport report) {
    return "%s: %d persistence ids with %d events"
        .formatted(report.directory(), report.soundIds(), report.soundEvents());
  }

  private static <T> T asking(Supplier<T> work) {
    try {
      return work.get();
    } catch (JournalException e) {
      throw new CliFailure(e.getMessage(), e);
    }
  }

  private static ObjectNode object(JournalReport report) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("directory", report.directory().toString());
    object.put("sound", report.isSound());
    object.put("format", report.format());
    object.put("commits", report.commits());
    object.put("soundPersistenceIds", report.soundIds());
    object.put("soundEvents", report.soundEvents());
    object.put("soundBytes", report.soundBytes());
    ArrayNode damages = object.putArray("damages");
    for (JournalDamage damage : report.damages()) {
      ObjectNode each = damages.addObject();
      if (!damage.file().isEmpty()) {
        each.put("file", damage.file()).put("offset", damage.offset());
      }
      if (!damage.persistenceId().isEmpty()) {
        each.put("persistenceId", damage.persistenceId());
      }
      if (damage.sequenceNr() > 0) {
        each.put("sequenceNr", damage.sequenceNr());
      }
      each.put("what", damage.what());
    }
    return object;
  }

  private static JsonNode object(JournalRepair.Outcome outcome) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.set("before", object(outcome.before()));
    object.put("repaired", outcome.folder() != null);
    if (outcome.folder() != null) {
      object.put("folder", outcome.folder().toString());
    }
    object.put("mayMissIds", outcome.mayMissIds());
    ArrayNode cuts = object.putArray("cuts");
    for (JournalRepair.Cut cut : outcome.cuts()) {
      cuts.addObject()
          .put("persistenceId", cut.persistenceId())
          .put("readableTo", cut.readableTo())
          .put("highest", cut.highest())
          .put("number", cut.number())
          .put("over", cut.over())
          .put("what", cut.what())
          .put("atNextStart", CutWords.atNextStart(cut));
    }
    return object;
  }
}
