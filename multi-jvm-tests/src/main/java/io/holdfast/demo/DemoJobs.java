package io.holdfast.demo;

import io.holdfast.demo.Proof.Noted;
import io.holdfast.harness.EffectLedger;
import io.holdfast.harness.EffectLedger.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The jobs of the demo. Each execution notes its start and end in the ledger, and writes each line
 * of its output twice: to stdout, which agent and master take care of, and to a file of its own,
 * which nobody does. Output is read as ISO-8859-1, a character per byte.
 */
final class DemoJobs {
  /** Before the cut, in seconds. */
  static final int LEAD = 4;

  /** After the cut, until the last job has ended. */
  static final int TAIL = 8;

  static final String CUT_AGENT = "agent-1";
  static final String OTHER_AGENT = "agent-2";

  private final EffectLedger ledger;
  private final Path notes;
  private final Path witness;

  DemoJobs(EffectLedger ledger) {
    this.ledger = ledger;
    this.notes = ledger.file().resolveSibling("notes");
    this.witness = ledger.file().resolveSibling("witness.sh");
    try {
      Files.createDirectories(notes);
      Files.writeString(witness, witness());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The names, in the order in which they are started. */
  List<String> names() {
    return List.of("tick", "report", "backup");
  }

  /** The job file. */
  String yaml(int cutSeconds) {
    StringBuilder yaml = new StringBuilder("jobs:\n");
    job(yaml, "tick", CUT_AGENT, 1, LEAD + cutSeconds + TAIL, "still ticking");
    job(yaml, "report", CUT_AGENT, 2, (LEAD + cutSeconds / 2) / 2, "chapter done");
    job(yaml, "backup", OTHER_AGENT, 3, (LEAD + cutSeconds) / 3, "block copied");
    return yaml.toString();
  }

  private void job(
      StringBuilder yaml, String name, String agent, int pause, int times, String words) {
    String script =
        """
        # Notes its start, its end and its lines in files of its own, past agent and master.
        work() {
          n=0
          while [ $n -lt %1$d ]; do
            n=$((n + 1))
            say "$HOLDFAST_JOB $n of %1$d: %2$s"
            sleep %3$d
          done
          say "$HOLDFAST_JOB has ended"
        }
        . %4$s
        """
            .formatted(times, words, pause, quoted(witness));
    yaml.append("  %s:\n    agent: %s\n    run: |\n%s".formatted(name, agent, script.indent(6)));
  }

  /** What does the work of a job and notes it. */
  private String witness() {
    return ledger.script(
        """
        own=%s/$HOLDFAST_EXECUTION
        say() { echo "$*"; echo "$*" >> "$own"; }
        work"""
            .formatted(quoted(notes)));
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  /** What each execution has noted. */
  Map<String, Noted> noted() {
    Map<String, List<Entry>> byExecution = new LinkedHashMap<>();
    for (Entry entry : ledger.entries()) {
      byExecution.computeIfAbsent(entry.execution(), id -> new ArrayList<>()).add(entry);
    }
    Map<String, Noted> noted = new LinkedHashMap<>();
    byExecution.forEach((id, entries) -> noted.put(id, noted(id, entries)));
    return noted;
  }

  private Noted noted(String execution, List<Entry> entries) {
    int starts = 0;
    List<Integer> exits = new ArrayList<>();
    for (Entry entry : entries) {
      switch (entry.kind()) {
        case START -> starts++;
        case END -> exits.add(Math.toIntExact(entry.value()));
        case LOCKED, OVERLAP -> {}
      }
    }
    return new Noted(starts, exits, output(execution));
  }

  private String output(String execution) {
    try {
      Path file = notes.resolve(execution);
      return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the jobs of the agent that is cut off are doing, by their own notes. */
  static String meanwhile(Map<String, Noted> notes, List<String> executions) {
    List<String> words = new ArrayList<>();
    for (String execution : executions) {
      Noted noted = notes.getOrDefault(execution, new Noted(0, List.of(), ""));
      long lines = noted.output().lines().count();
      String state =
          noted.exitCodes().isEmpty()
              ? "is at line " + lines
              : "has ended with code " + noted.exitCodes().get(0);
      words.add(execution + (noted.starts() == 0 ? " has not begun" : " " + state));
    }
    return String.join(", ", words);
  }
}
