package io.holdfast.master.audit;

import io.holdfast.master.run.JobEvent;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Compares what the journals of both sides say. Agents come first: they hold only what their
 * masters have not released, at most {@value #MOST_TASKS} tasks here. Agents and masters that were
 * not named are not compared, nor are tasks that another journal of the same name ordered.
 */
final class Across {
  static final int MOST_TASKS = 200_000;

  private record Key(String master, ExecutionId execution) {}

  private record Pending(Seen ended, TaskFact fact, Outcome late) {}

  private final Findings findings;
  private final int mostTasks;
  private final Map<Key, TaskFact> tasks = new HashMap<>();
  private final Map<Key, Pending> pending = new LinkedHashMap<>();
  private final Map<String, Origin> masters = new TreeMap<>();
  private long passedOver;

  Across(Findings findings) {
    this(findings, MOST_TASKS);
  }

  /**
   * @param mostTasks further ones are not compared
   */
  Across(Findings findings, int mostTasks) {
    this.findings = findings;
    this.mostTasks = mostTasks;
  }

  /** The journal of a master is gone through. */
  void master(Origin origin) {
    origin.master().ifPresent(owner -> masters.put(owner.owner(), origin));
  }

  /** An agent has a task. */
  void task(TaskFact fact) {
    if (tasks.size() >= mostTasks) {
      passedOver++;
      return;
    }
    TaskFact other = tasks.put(new Key(fact.master, fact.execution), fact);
    if (other != null && other.origin.number() != fact.origin.number()) {
      findings.note(
          new Finding(
              "P1",
              fact.origin + ", " + other.origin,
              "%s is at two agents: the number was used twice, or one directory is a copy"
                  .formatted(fact.execution),
              List.of(other.newest(), fact.newest())));
    }
  }

  private Optional<TaskFact> find(Seen by, ExecutionId execution) {
    Optional<DirectoryIdentity> master = by.origin().master();
    return master
        .map(owner -> tasks.get(new Key(owner.owner(), execution)))
        .filter(fact -> isOurs(fact, master.get()));
  }

  private static boolean isOurs(TaskFact fact, DirectoryIdentity master) {
    return master.journalId().isEmpty()
        || fact.order()
            .map(order -> order.masterJournal().value().equals(master.journalId()))
            .orElse(true);
  }

  /** A master has the outcome of an execution. */
  void ended(Seen begun, Seen ended, ExecutionId execution, Outcome outcome) {
    Optional<TaskFact> found = find(ended, execution);
    if (found.isEmpty()) {
      return;
    }
    TaskFact fact = found.get();
    fact.known = true;
    tokens(begun, fact);
    boolean mayBeAmended = outcome instanceof Outcome.Lost || outcome instanceof Outcome.Refused;
    Optional<Outcome> agents = fact.end().map(TaskEvent.Finished::outcome);
    if (agents.isPresent() && !agents.get().equals(outcome)) {
      if (mayBeAmended) {
        pending.put(new Key(fact.master, execution), new Pending(ended, fact, agents.get()));
      } else {
        differ(ended, fact, agents.get(), outcome);
      }
    } else if (agents.isEmpty() && fact.tombstoned == null && !mayBeAmended) {
      findings.note(
          "P2",
          ended,
          "%s ended at the master as '%s', and the journal of %s has no outcome: is it an older copy?"
              .formatted(execution, outcome.words(), fact.origin),
          fact.newest(),
          ended);
    } else if (agents.isEmpty() && fact.tombstoned == null) {
      findings.note(
          "P2",
          ended,
          "%s was given up by the master, and the journal of %s has no outcome yet"
              .formatted(execution, fact.origin),
          fact.newest(),
          ended);
    }
  }

  private void tokens(Seen begun, TaskFact fact) {
    if (fact.order().isPresent()
        && begun.event().orElse(null) instanceof JobEvent.ExecutionBegun b
        && !fact.order().get().spec().fencingToken().equals(b.token())) {
      findings.violation(
          "token",
          begun,
          "%s has fencing token %s at the master and %s at %s"
              .formatted(
                  fact.execution, b.token(), fact.order().get().spec().fencingToken(), fact.origin),
          begun,
          fact.accepted);
    }
  }

  private void differ(Seen ended, TaskFact fact, Outcome agents, Outcome masters) {
    findings.violation(
        "P2",
        ended,
        "%s ended as '%s' at %s, and the master has '%s' without an amendment"
            .formatted(fact.execution, agents.words(), fact.origin, masters.words()),
        fact.finished,
        ended);
  }

  /** A master has added an outcome to a verdict. */
  void amended(Seen amended, ExecutionId execution, Outcome late) {
    Optional<TaskFact> found = find(amended, execution);
    if (found.isPresent()) {
      Pending waited = pending.remove(new Key(found.get().master, execution));
      if (waited != null && !waited.late.equals(late)) {
        differ(amended, waited.fact, waited.late, late);
      }
    }
  }

  /** What a job has open at the end of its journal. */
  void open(Seen last, Map<ExecutionId, Seen> open) {
    open.forEach(
        (execution, begun) ->
            find(last, execution)
                .ifPresent(
                    fact -> {
                      fact.known = true;
                      tokens(begun, fact);
                      if (fact.finished != null && fact.released != null) {
                        findings.violation(
                            "P2",
                            begun,
                            "%s was released at %s, and the master has no outcome"
                                .formatted(execution, fact.origin),
                            begun,
                            fact.finished,
                            fact.released);
                      } else if (fact.finished != null) {
                        findings.note(
                            "P2",
                            begun,
                            "%s has ended at %s, and the master has not taken it over yet"
                                .formatted(execution, fact.origin),
                            begun,
                            fact.finished);
                      }
                    }));
  }

  /** All journals have been read. */
  void conclude() {
    pending.values().forEach(this::neverAmended);
    Map<String, List<TaskFact>> jobs = new TreeMap<>();
    for (TaskFact fact : tasks.values()) {
      unknown(fact);
      if (fact.started != null) {
        jobs.computeIfAbsent(fact.master + " " + fact.execution.job(), k -> new ArrayList<>())
            .add(fact);
      }
    }
    jobs.values().forEach(this::overlaps);
    if (passedOver > 0) {
      findings.note(
          new Finding(
              "P2",
              "agents",
              "%d tasks beyond the first %d were not compared".formatted(passedOver, mostTasks),
              List.of()));
    }
  }

  private void neverAmended(Pending one) {
    if (one.fact.released != null) {
      differ(
          one.ended,
          one.fact,
          one.late,
          ((JobEvent.ExecutionEnded) one.ended.event().orElseThrow()).outcome());
    } else {
      findings.note(
          "P2",
          one.ended,
          "%s was given up by the master, and ended as '%s' at %s, which the master has not heard yet"
              .formatted(one.fact.execution, one.late.words(), one.fact.origin),
          one.fact.finished,
          one.ended);
    }
  }

  private void unknown(TaskFact fact) {
    Origin master = masters.get(fact.master);
    if (!fact.known
        && master != null
        && fact.accepted != null
        && isOurs(fact, master.master().orElseThrow())) {
      findings.note(
          new Finding(
              "P2",
              fact.origin + " task|" + fact.master + "|" + fact.execution,
              "%s is at %s, and the job's journal of master %s does not have it: its tail was lost"
                  .formatted(fact.execution, fact.origin, fact.master),
              List.of(fact.accepted)));
    }
  }

  /** P1, by what the agents say of when processes were there. */
  private void overlaps(List<TaskFact> facts) {
    facts.sort(
        Comparator.comparing((TaskFact fact) -> fact.started.at())
            .thenComparing(fact -> fact.execution));
    TaskFact longest = null;
    for (TaskFact fact : facts) {
      if (longest != null
          && (longest.endedAt() == null || longest.endedAt().isAfter(fact.started.at()))) {
        overlap(longest, fact);
      }
      if (longest == null || isLater(fact.endedAt(), longest.endedAt())) {
        longest = fact;
      }
    }
  }

  private static boolean isLater(Instant one, Instant other) {
    return other != null && (one == null || one.isAfter(other));
  }

  private void overlap(TaskFact first, TaskFact second) {
    boolean sameClock = first.origin.number() == second.origin.number();
    String what =
        "%s had started at %s before %s had ended at %s"
            .formatted(second.execution, second.origin, first.execution, first.origin);
    List<Seen> events = new ArrayList<>(List.of(first.started, second.started));
    if (first.finished != null) {
      events.add(first.finished);
    }
    String where = second.origin + " task|" + second.master + "|" + second.execution;
    if (sameClock) {
      findings.violation(new Finding("P1", where, what + ", by one clock", events));
    } else {
      findings.note(
          new Finding(
              "P1", where, what + ", by the clocks of two machines, which may differ", events));
    }
  }
}
