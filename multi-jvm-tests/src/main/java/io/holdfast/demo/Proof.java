package io.holdfast.demo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the master recorded against what the jobs themselves noted. The two know nothing of each
 * other: a job's notes go to a file of its own, past agent and master.
 *
 * @param promised how many executions the master has promised
 * @param startedOnce how many of them started exactly once
 * @param endedAsRecorded how many ended exactly once, as the master recorded
 * @param taskBytes the output as the tasks wrote it
 * @param masterBytes the output as the master has it
 * @param mismatches what does not fit, in words
 */
record Proof(
    int promised,
    int startedOnce,
    int endedAsRecorded,
    long taskBytes,
    long masterBytes,
    List<String> mismatches) {

  /** An execution in the master's history. {@code exitCode}: -1 where no exit is recorded. */
  record Recorded(String execution, int exitCode, String outcome, String output) {}

  /** An execution as it noted itself. */
  record Noted(int starts, List<Integer> exitCodes, String output) {}

  /**
   * Compares.
   *
   * @param runs the runs that the master has promised, each to have an execution
   */
  static Proof of(Collection<String> runs, Collection<Recorded> history, Map<String, Noted> notes) {
    List<String> mismatches = new ArrayList<>();
    TreeSet<String> missing = new TreeSet<>(runs);
    TreeMap<String, Noted> unknown = new TreeMap<>(notes);
    int started = 0;
    int ended = 0;
    long taskBytes = 0;
    long masterBytes = 0;
    for (Recorded recorded : history) {
      String id = recorded.execution();
      missing.remove(runOf(id));
      unknown.remove(id);
      Noted noted = notes.getOrDefault(id, new Noted(0, List.of(), ""));
      if (noted.starts() == 1) {
        started++;
      } else {
        mismatches.add(id + " started " + noted.starts() + " times, not once");
      }
      if (noted.exitCodes().equals(List.of(recorded.exitCode()))) {
        ended++;
      } else {
        mismatches.add(
            id
                + " ended by its own notes "
                + codes(noted)
                + "; the master has: "
                + recorded.outcome());
      }
      long own = bytes(noted.output());
      long stored = bytes(recorded.output());
      taskBytes += own;
      masterBytes += stored;
      if (!noted.output().equals(recorded.output())) {
        mismatches.add(
            "%s wrote %d bytes of output, the master has %d%s"
                .formatted(id, own, stored, own == stored ? ", but others" : ""));
      }
    }
    missing.forEach(run -> mismatches.add(run + " was promised and has no execution"));
    unknown.keySet().forEach(id -> mismatches.add(id + " ran, and the master has no record of it"));
    return new Proof(
        history.size() + missing.size(),
        started,
        ended,
        taskBytes,
        masterBytes,
        List.copyOf(mismatches));
  }

  boolean holds() {
    return mismatches.isEmpty();
  }

  /** In one line. */
  String words() {
    return "executions promised %d, started exactly once %d, ended as recorded %d, output bytes at the tasks %d, at the master %d"
        .formatted(promised, startedOnce, endedAsRecorded, taskBytes, masterBytes);
  }

  private static String codes(Noted noted) {
    return switch (noted.exitCodes().size()) {
      case 0 -> "never";
      case 1 -> "with code " + noted.exitCodes().get(0);
      default -> noted.exitCodes().size() + " times";
    };
  }

  private static String runOf(String execution) {
    int dot = execution.lastIndexOf('.');
    return dot < 0 ? execution : execution.substring(0, dot);
  }

  /** One character per byte: see {@link DemoJobs}. */
  private static long bytes(String latin1) {
    return latin1.length();
  }
}
