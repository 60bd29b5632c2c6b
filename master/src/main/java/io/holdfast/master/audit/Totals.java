package io.holdfast.master.audit;

import io.holdfast.protocol.task.Outcome;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What was counted while journals were gone through. */
public final class Totals {
  private final SortedMap<String, Long> counts = new TreeMap<>();
  private final SortedMap<String, Long> outcomes = new TreeMap<>();

  void add(String what) {
    add(what, 1);
  }

  void add(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  void outcome(Outcome outcome) {
    outcomes.merge(kind(outcome), 1L, Long::sum);
  }

  private static String kind(Outcome outcome) {
    if (outcome instanceof Outcome.Exited exited) {
      return exited.code() == 0 ? "exited 0" : "exited with another code";
    }
    if (outcome instanceof Outcome.Stopped stopped) {
      return "stopped: " + stopped.reason().word();
    }
    if (outcome instanceof Outcome.Signalled) {
      return "ended by a signal";
    }
    if (outcome instanceof Outcome.FailedToStart) {
      return "failed to start";
    }
    if (outcome instanceof Outcome.Vanished) {
      return "vanished";
    }
    if (outcome instanceof Outcome.Refused) {
      return "refused";
    }
    return outcome instanceof Outcome.NeverStarted ? "never started" : "lost";
  }

  /** How many there are of something; 0 when none was met. */
  public long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  /** How many executions ended in which way, as the masters have it. */
  public SortedMap<String, Long> outcomes() {
    return Collections.unmodifiableSortedMap(outcomes);
  }
}
