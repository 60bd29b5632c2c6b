package io.holdfast.master.audit;

import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskTransitions;
import java.util.Optional;

/**
 * One task's journal at an agent, against {@link TaskTransitions}. What was deleted was released
 * before; what comes after it begins anew.
 */
final class TaskCheck implements IdCheck {
  private final Findings findings;
  private final Totals totals;
  private final Across across;
  private final TaskFact fact;
  private TaskPhase phase = TaskPhase.UNKNOWN;

  TaskCheck(Findings findings, Totals totals, Across across, TaskFact fact) {
    this.findings = findings;
    this.totals = totals;
    this.across = across;
    this.fact = fact;
  }

  @Override
  public void take(Seen seen, Object any) {
    if (!(any instanceof TaskEvent event)) {
      findings.violation("order", seen, "an event that is none of a task's", seen);
      return;
    }
    Optional<TaskPhase> next = TaskTransitions.next(phase, event.getClass());
    if (next.isPresent()) {
      phase = next.get();
    } else if (event instanceof TaskEvent.Finished finished && fact.finished != null) {
      findings.violation(
          "P2",
          seen,
          "%s has a second outcome at %s: %s"
              .formatted(fact.execution, fact.origin, finished.outcome().words()),
          fact.finished,
          seen);
      return;
    } else {
      Seen before = fact.newest();
      findings.violation(
          "order",
          seen,
          "%s: '%s' cannot follow the phase %s"
              .formatted(fact.execution, seen.stored().manifest(), JobWords.dashed(phase)),
          before == null ? new Seen[] {seen} : new Seen[] {before, seen});
    }
    fact.take(seen, event);
    fact.order()
        .filter(order -> !order.spec().execution().equals(fact.execution))
        .ifPresent(
            order ->
                findings.violation(
                    "order",
                    seen,
                    "the journal of %s has the order for %s"
                        .formatted(fact.execution, order.spec().execution()),
                    seen));
  }

  @Override
  public void end() {
    if (fact.newest() != null) {
      totals.add("tasks");
      across.task(fact);
    }
  }
}
