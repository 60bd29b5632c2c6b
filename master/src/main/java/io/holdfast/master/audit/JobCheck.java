package io.holdfast.master.audit;

import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One job's journal: no execution begins while another has no outcome (P1), each has exactly one
 * (P2), fencing tokens grow, and nothing happens to what there is not. It does not ask the rules by
 * which the master decided, only what became of them. Bounded by what is open, and by what {@link
 * JobState} keeps.
 */
final class JobCheck implements IdCheck {
  private static final int MOST_ENDS = 1000;

  private final Findings findings;
  private final Totals totals;
  private final Across across;
  private final Map<ExecutionId, Seen> open = new LinkedHashMap<>();
  private final Map<ExecutionId, Seen> ends =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ExecutionId, Seen> eldest) {
          return size() > MOST_ENDS;
        }
      };
  private JobState state = JobState.EMPTY;
  private FencingToken newestToken = new FencingToken(0);
  private Seen tokenBy;
  private Seen last;

  JobCheck(Findings findings, Totals totals, Across across) {
    this.findings = findings;
    this.totals = totals;
    this.across = across;
  }

  @Override
  public void take(Seen seen, Object any) {
    if (!(any instanceof JobEvent event)) {
      findings.violation("order", seen, "an event that is none of a job's", seen);
      return;
    }
    long before = findings.countOfViolations();
    check(seen, event);
    try {
      state = state.evolve(event);
    } catch (RuntimeException e) {
      if (findings.countOfViolations() == before) {
        order(seen, "it has no meaning here: " + e.getMessage());
      }
    }
    last = seen;
  }

  private void check(Seen seen, JobEvent event) {
    if (event instanceof JobEvent.RunRequested asked) {
      requested(seen, asked);
    } else if (event instanceof JobEvent.CancelRequested cancel) {
      Optional<RunRecord> run = openRun(seen, cancel.run());
      if (run.flatMap(RunRecord::cancel).isPresent()) {
        order(seen, "run " + cancel.run() + " is cancelled a second time");
      }
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
    if (state.definition().isEmpty()) {
      order(seen, "a run of a job that was never defined");
    }
    if (asked.run().number() != state.newestRun() + 1) {
      order(
          seen,
          "run %s follows run number %d: a run is missing, or its number was used twice"
              .formatted(asked.run(), state.newestRun()));
    }
  }

  private void begun(Seen seen, JobEvent.ExecutionBegun begun) {
    totals.add("executions");
    Optional<RunRecord> run = openRun(seen, begun.execution().run());
    for (Map.Entry<ExecutionId, Seen> other : open.entrySet()) {
      findings.violation(
          "P1",
          seen,
          "%s may begin while %s of the same job has no outcome"
              .formatted(begun.execution(), other.getKey()),
          other.getValue(),
          seen);
    }
    int attempts = run.map(r -> r.executions().size()).orElse(begun.execution().attempt() - 1);
    if (begun.execution().attempt() != attempts + 1) {
      order(
          seen,
          "%s is not the next of its run, which has %d".formatted(begun.execution(), attempts));
    }
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
      Seen first = ends.get(ended.execution());
      if (first != null) {
        findings.violation(
            "P2",
            seen,
            "%s has a second outcome: %s".formatted(ended.execution(), ended.outcome().words()),
            first,
            seen);
      } else {
        order(seen, ended.execution() + " has an outcome and never began");
      }
      return;
    }
    totals.outcome(ended.outcome());
    ends.put(ended.execution(), seen);
    across.ended(begun, seen, ended.execution(), ended.outcome());
  }

  private void amended(Seen seen, JobEvent.ExecutionAmended amended) {
    totals.add("amendments");
    Optional<ExecutionRecord> record =
        state
            .run(amended.execution().run())
            .flatMap(
                run ->
                    run.executions().stream()
                        .filter(e -> e.id().equals(amended.execution()))
                        .findFirst());
    if (record.isEmpty() || record.get().end().isEmpty()) {
      order(seen, amended.execution() + " is amended and has no verdict");
      return;
    }
    Outcome verdict = record.get().end().get().outcome();
    if (record.get().amended().isPresent()) {
      findings.violation(
          "P2",
          seen,
          "%s is amended a second time: %s"
              .formatted(amended.execution(), amended.outcome().words()),
          seen);
    } else if (!(verdict instanceof Outcome.Lost || verdict instanceof Outcome.Refused)) {
      findings.violation(
          "P2",
          seen,
          "%s has the outcome '%s', which is final, and is amended: %s"
              .formatted(amended.execution(), verdict.words(), amended.outcome().words()),
          shown(ends.get(amended.execution()), seen));
    }
    across.amended(seen, amended.execution(), amended.outcome());
  }

  private static Seen[] shown(Seen first, Seen second) {
    return first == null ? new Seen[] {second} : new Seen[] {first, second};
  }

  private void runEnded(Seen seen, JobEvent.RunEnded ended) {
    totals.add("runs ended");
    Optional<RunRecord> run = openRun(seen, ended.run());
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
    boolean success =
        run.flatMap(RunRecord::last)
            .flatMap(ExecutionRecord::end)
            .filter(end -> end.outcome().isSuccess())
            .isPresent();
    if (run.isPresent() && success != (ended.result() == RunResult.SUCCEEDED)) {
      Seen outcome = run.get().last().map(e -> ends.get(e.id())).orElse(null);
      findings.violation(
          "P2",
          seen,
          "run %s ended as %s, and its last execution %s"
              .formatted(
                  ended.run(), ended.result().word(), success ? "succeeded" : "did not succeed"),
          shown(outcome, seen));
    }
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
    newestToken = newer(adopted.token().orElse(newestToken), seen);
  }

  private void current(Seen seen, ExecutionId execution) {
    if (!open.containsKey(execution)) {
      order(seen, execution + " told something, and it is not running");
    }
  }

  private Optional<RunRecord> openRun(Seen seen, RunId id) {
    Optional<RunRecord> run = state.run(id);
    if (run.isEmpty()) {
      order(seen, "run " + id + " was never requested");
    } else if (run.get().end().isPresent()) {
      order(seen, "run " + id + " has ended already");
    }
    return run;
  }

  private void order(Seen seen, String what) {
    findings.violation("order", seen, what, seen);
  }

  @Override
  public void end() {
    totals.add("jobs");
    long waiting = state.runs().values().stream().filter(run -> run.end().isEmpty()).count();
    totals.add("runs open", waiting);
    if (last != null) {
      across.open(last, open);
    }
  }
}
