package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.audit.AuditEvents;
import io.holdfast.master.audit.Finding;
import io.holdfast.master.audit.Findings;
import io.holdfast.master.audit.Seen;
import io.holdfast.master.audit.Teller;
import io.holdfast.master.audit.Totals;
import io.holdfast.master.audit.Verifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Whether the promises were kept. */
@Command(
    name = "verify",
    description = {
      "Replay whole journals and check P1 and P2: no two executions of a job at once, exactly one"
          + " outcome each, fencing tokens that grow, no event that cannot follow the one before it,"
          + " none that is altered or missing. With the journals of master and agents also what both"
          + " say of an execution."
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  nothing violates a promise; what is worth a look is told as a note",
      "  1  violations, each with the events that show it",
      "  2  wrong usage, or a journal cannot be read"
    })
final class AuditVerify extends AuditCommand.Part {
  static final int VIOLATED = 1;

  private static final List<String> COUNTS =
      List.of(
          "ids",
          "events",
          "jobs",
          "runs",
          "runs ended",
          "runs open",
          "executions",
          "adopted",
          "amendments",
          "links",
          "reconciliations",
          "alarms",
          "tasks",
          "cuts");

  @Mixin private AuditSources sources;
  @Mixin private OutputOption output;

  @Override
  public Integer call() {
    return sources.use(
        journals -> {
          Verifier verifier;
          try (Progress progress = new Progress(io(), "events", AuditSources.events(journals))) {
            verifier = new Verifier(AuditEvents.reader(), progress);
            verifier.verify(journals);
          }
          if (output.isJson()) {
            OutputOption.printJson(
                io().out(), json(journals.size(), verifier.findings(), verifier.totals()));
          } else {
            print(journals.size(), verifier.findings(), verifier.totals());
          }
          return verifier.findings().countOfViolations() == 0 ? HoldfastCommand.OK : VIOLATED;
        });
  }

  private void print(int journals, Findings findings, Totals totals) {
    findings.violations().forEach(finding -> print("VIOLATION " + finding.rule(), finding));
    more(findings.countOfViolations(), findings.violations().size(), "violations");
    findings.notes().forEach(finding -> print("note " + finding.rule(), finding));
    more(findings.countOfNotes(), findings.notes().size(), "notes");
    List<String> counts = new ArrayList<>();
    counts(totals).forEach((what, count) -> counts.add(count + " " + what));
    io().out()
        .println(
            (journals == 1 ? "1 journal: " : journals + " journals: ") + String.join(", ", counts));
    if (!totals.outcomes().isEmpty()) {
      List<String> outcomes = new ArrayList<>();
      totals.outcomes().forEach((kind, count) -> outcomes.add(kind + ": " + count));
      io().out().println("outcomes: " + String.join(", ", outcomes));
    }
    io().out()
        .println(
            findings.countOfViolations() == 0
                ? "no violation" + notes(findings)
                : findings.countOfViolations() + " violations" + notes(findings));
  }

  private static String notes(Findings findings) {
    return findings.countOfNotes() == 0 ? "" : ", " + findings.countOfNotes() + " notes";
  }

  private void print(String title, Finding finding) {
    io().out().println(Text.clean(title + "  " + finding.where() + ": " + finding.what()));
    for (Seen seen : finding.events()) {
      io().out()
          .println(
              Text.clean("    %s  %s: %s".formatted(seen.at(), seen.place(), Teller.line(seen))));
    }
  }

  private void more(long count, int shown, String what) {
    if (count > shown) {
      io().out().println("… and " + (count - shown) + " more " + what);
    }
  }

  private static Map<String, Long> counts(Totals totals) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (String what : COUNTS) {
      if (totals.of(what) > 0 || what.equals("ids") || what.equals("events")) {
        counts.put(what, totals.of(what));
      }
    }
    return counts;
  }

  private static ObjectNode json(int journals, Findings findings, Totals totals) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("journals", journals);
    ObjectNode counts = object.putObject("counts");
    counts(totals).forEach(counts::put);
    ObjectNode outcomes = object.putObject("outcomes");
    totals.outcomes().forEach(outcomes::put);
    object.put("violationCount", findings.countOfViolations());
    object.put("noteCount", findings.countOfNotes());
    ArrayNode violations = object.putArray("violations");
    findings.violations().forEach(finding -> violations.add(json(finding)));
    ArrayNode notes = object.putArray("notes");
    findings.notes().forEach(finding -> notes.add(json(finding)));
    return object;
  }

  private static ObjectNode json(Finding finding) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("rule", finding.rule()).put("where", finding.where()).put("what", finding.what());
    ArrayNode events = object.putArray("events");
    for (Seen seen : finding.events()) {
      events
          .addObject()
          .put("at", seen.at().toString())
          .put("journal", seen.origin().toString())
          .put("persistenceId", seen.stored().persistenceId())
          .put("sequenceNr", seen.stored().sequenceNr())
          .put("event", seen.stored().manifest())
          .put("text", Teller.line(seen));
    }
    return object;
  }
}
