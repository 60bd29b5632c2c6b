package io.holdfast.master.audit;

import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One job's journal: no execution begins while another has no outcome (P1), each has exactly one
 * (P2), fencing tokens grow, and nothing happens to what there is not. It does not ask the rules by
 * which the master decided, nor the state that these see, only what became of them. Holds what is
 * open, and the newest {@value #MOST_ENDS} ends: more than a master keeps at hand and may amend.
 */
final class JobCheck implements IdCheck {
  private static final int MOST_ENDS = 2500;

  private final Findings findings;
  private final Totals totals;
  private final Across across;
  private final JobPairs pairs;
  private final Map<ExecutionId, Seen> open = new LinkedHashMap<>();
  private final Map<RunId, Run> runs = new LinkedHashMap<>();
  private final Map<ExecutionId, End> ends = new Newest<>(MOST_ENDS);
  private final Map<RunId, Seen> runEnds = new Newest<>(MOST_ENDS);
  private boolean defined;
  private long newestRun;
  private FencingToken newestToken = new FencingToken(0);
  private Seen tokenBy;
  private Seen last;

  /** A run that has not ended. */
  private static final class Run {
    private boolean cancelled;
    private int executions;
    private End last;
  }

  /** The outcome of an execution. */
  private static final class End {
    private final Seen seen;
    private final Outcome outcome;
    private boolean amended;

    End(Seen seen, Outcome outcome) {
      this.seen = seen;
      this.outcome = outcome;
    }
  }

  JobCheck(Findings findings, Totals totals, Across across, JobPairs pairs) {
    this.findings = findings;
    this.totals = totals;
    this.across = across;
    this.pairs = pairs;
  }

  @Override
  public void take(Seen seen, Object any) {
    if (!(any instanceof JobEvent event)) {
      findings.violation("order", seen, "an event that is none of a job's", seen);
      return;
    }
    check(seen, event);
    last = seen;
  }

  private void check(Seen seen, JobEvent event) {
    if (event instanceof JobEvent.Defined) {
      defined = true;
    } else if (event instanceof JobEvent.RunRequested asked) {
      requested(seen, asked);
    } else if (event instanceof JobEvent.CancelRequested cancel) {
      Run run = openRun(seen, cancel.run());
      if (run.cancelled) {
        order(seen, "run " + cancel.run() + " is cancelled a second time");
      }
      run.cancelled = true;
    } else if (event instanceof JobEvent.ExecutionBegun begun) {
      begun(seen, begun);
    } else if (event instanceof JobEvent.ExecutionEnded ended) {
      ended(seen, ended);
    } else if (event instanceof JobEvent.ExecutionAmended amended) {
      amended(seen, amended);
    } else if (event instanceof JobEvent.RunEnded ended) {
      runEnded(seen, ended);
    } else if (event instanceof JobEvent.RunAdopted adopted) {
      adopted(seen, adopted);
    } else if (event instanceof JobEvent.NumberingRaised raised) {
      newestRun = Math.max(newestRun, raised.run());
      newestToken = newer(raised.token(), seen);
    } else if (event instanceof JobEvent.VariableSet set) {
      current(seen, set.execution());
    } else if (event instanceof JobEvent.NoteAdded note) {
      current(seen, note.execution());
    } else if (event instanceof JobEvent.ProgressMade progress) {
      current(seen, progress.execution());
    }
  }

  private void requested(Seen seen, JobEvent.RunRequested asked) {
    totals.add("runs");
    if (!defined) {
      order(seen, "a run of a job that was never defined");
    }
    if (asked.run().number() != newestRun + 1) {
      order(
          seen,
          "run %s follows run number %d: a run is missing, or its number was used twice"
              .formatted(asked.run(), newestRun));
    }
    newestRun = Math.max(newestRun, asked.run().number());
    runs.put(asked.run(), new Run());
  }

  private void begun(Seen seen, JobEvent.ExecutionBegun begun) {
    totals.add("executions");
    Run run = openRun(seen, begun.execution().run());
    for (Map.Entry<ExecutionId, Seen> other : open.entrySet()) {
      findings.violation(
          "P1",
          seen,
          "%s may begin while %s of the same job has no outcome"
              .formatted(begun.execution(), other.getKey()),
          other.getValue(),
          seen);
    }
    if (begun.execution().attempt() != run.executions + 1) {
      order(
          seen,
          "%s is not the next of its run, which has %d"
              .formatted(begun.execution(), run.executions));
    }
    run.executions = Math.max(run.executions, begun.execution().attempt());
    if (begun.token().compareTo(newestToken) <= 0) {
      String what =
          "%s has fencing token %s, which is not above %s"
              .formatted(begun.execution(), begun.token(), newestToken);
      if (tokenBy == null) {
        findings.violation("token", seen, what, seen);
      } else {
        findings.violation("token", seen, what, tokenBy, seen);
      }
    }
    newestToken = newer(begun.token(), seen);
    open.put(begun.execution(), seen);
  }

  private FencingToken newer(FencingToken token, Seen by) {
    if (token.compareTo(newestToken) > 0) {
      tokenBy = by;
      return token;
    }
    return newestToken;
  }

  private void ended(Seen seen, JobEvent.ExecutionEnded ended) {
    Seen begun = open.remove(ended.execution());
    if (begun == null) {
      End first = ends.get(ended.execution());
      if (first != null) {
        findings.violation(
            "P2",
            seen,
            "%s has a second outcome: %s".formatted(ended.execution(), ended.outcome().words()),
            first.seen,
            seen);
      } else {
        order(seen, ended.execution() + " has an outcome and never began");
        pairs.excuse(seen, ended.execution());
      }
      return;
    }
    totals.outcome(ended.outcome());
    End end = new End(seen, ended.outcome());
    ends.put(ended.execution(), end);
    Run run = runs.get(ended.execution().run());
    if (run != null) {
      run.last = end;
    }
    across.ended(begun, seen, ended.execution(), ended.outcome());
    pairs.ended(begun, seen, ended.execution(), ended.outcome());
  }

  private void amended(Seen seen, JobEvent.ExecutionAmended amended) {
    totals.add("amendments");
    End end = ends.get(amended.execution());
    if (end == null) {
      order(seen, amended.execution() + " is amended and has no verdict");
      return;
    }
    if (end.amended) {
      findings.violation(
          "P2",
          seen,
          "%s is amended a second time: %s"
              .formatted(amended.execution(), amended.outcome().words()),
          end.seen,
          seen);
    } else if (!(end.outcome instanceof Outcome.Lost || end.outcome instanceof Outcome.Refused)) {
      findings.violation(
          "P2",
          seen,
          "%s has the outcome '%s', which is final, and is amended: %s"
              .formatted(amended.execution(), end.outcome.words(), amended.outcome().words()),
          end.seen,
          seen);
    }
    end.amended = true;
    across.amended(seen, amended.execution(), amended.outcome());
    pairs.amended(seen, amended.execution(), amended.outcome());
  }

  private void runEnded(Seen seen, JobEvent.RunEnded ended) {
    totals.add("runs ended");
    Run run = openRun(seen, ended.run());
    for (Map.Entry<ExecutionId, Seen> other : open.entrySet()) {
      if (other.getKey().run().equals(ended.run())) {
        findings.violation(
            "P2",
            seen,
            "run %s has ended while %s has no outcome".formatted(ended.run(), other.getKey()),
            other.getValue(),
            seen);
      }
    }
    boolean success = run.last != null && run.last.outcome.isSuccess();
    if (success != (ended.result() == RunResult.SUCCEEDED)) {
      findings.violation(
          "P2",
          seen,
          "run %s ended as %s, and its last execution %s"
              .formatted(
                  ended.run(), ended.result().word(), success ? "succeeded" : "did not succeed"),
          run.last == null ? new Seen[] {seen} : new Seen[] {run.last.seen, seen});
    }
    runs.remove(ended.run());
    runEnds.put(ended.run(), seen);
  }

  private void adopted(Seen seen, JobEvent.RunAdopted adopted) {
    totals.add("executions");
    totals.add("adopted");
    if (open.containsKey(adopted.execution()) || ends.containsKey(adopted.execution())) {
      order(seen, adopted.execution() + " is taken into the history, and is there already");
      return;
    }
    for (Map.Entry<ExecutionId, Seen> other : open.entrySet()) {
      findings.note(
          "P1",
          seen,
          "%s was found at %s while %s of the same job had no outcome: P1 was at risk"
              .formatted(adopted.execution(), adopted.agent(), other.getKey()),
          other.getValue(),
          seen);
    }
    open.put(adopted.execution(), seen);
    RunId id = adopted.execution().run();
    newestRun = Math.max(newestRun, id.number());
    if (!runs.containsKey(id) && !runEnds.containsKey(id)) {
      totals.add("runs");
      runs.put(id, new Run());
    }
    Run run = runs.get(id);
    if (run != null) {
      run.executions = Math.max(run.executions, adopted.execution().attempt());
    }
    newestToken = newer(adopted.token().orElse(newestToken), seen);
  }

  private void current(Seen seen, ExecutionId execution) {
    if (!open.containsKey(execution)) {
      order(seen, execution + " told something, and it is not running");
    }
  }

  /** Of one that is not there something is made, so that what follows from it is not told too. */
  private Run openRun(Seen seen, RunId id) {
    Run run = runs.get(id);
    if (run != null) {
      return run;
    }
    Seen end = runEnds.get(id);
    if (end == null) {
      order(seen, "run " + id + " was never requested");
    } else {
      findings.violation("order", seen, "run " + id + " has ended already", end, seen);
    }
    Run made = new Run();
    runs.put(id, made);
    return made;
  }

  private void order(Seen seen, String what) {
    findings.violation("order", seen, what, seen);
  }

  @Override
  public void end() {
    totals.add("jobs");
    totals.add("runs open", runs.size());
    if (last != null) {
      across.open(last, open);
      pairs.open(open);
    }
  }

  @Override
  public void broken() {
    pairs.broken(open);
  }
}
