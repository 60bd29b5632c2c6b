package io.holdfast.sim;

import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskTransitions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was visited: a mix of faults that never reaches the danger finds nothing. */
final class Coverage {
  /** Moments that the protocol is about. */
  enum Kind {
    HANDOVER_BY_TIME,
    HANDOVER_BY_PROOF,
    LATE_GRANT,
    OLD_GRANT,
    OLD_MASTER_COUPLE,
    ADOPTION,
    TOKEN_RACE,
    LEASE_OVER_STOP,
    FROZEN,
    HELD,
    DOUBT,
    PROVEN,
    FENCED,
    WENT_ON,
    CONFIRMED_LOST,
    RELEASED_BY_WORD,
    EXECUTION,
    RUN,
    CANCEL,
    CRASH_AT_WRITE,
    FAILOVER,
    THAW,
    FAULT
  }

  private final long[] kinds = new long[Kind.values().length];
  private final long[] decisions = new long[ReconcileDecision.values().length];
  private final long[] rows = new long[ReconcileRow.values().length];
  private final long[] steps = new long[TaskPhase.values().length * EVENTS.size()];

  private static final List<Class<? extends TaskEvent>> EVENTS =
      List.of(
          TaskEvent.Accepted.class,
          TaskEvent.Repeated.class,
          TaskEvent.Started.class,
          TaskEvent.StopBegun.class,
          TaskEvent.Finished.class,
          TaskEvent.Tombstoned.class,
          TaskEvent.Released.class,
          TaskEvent.JournalDamaged.class);

  void count(Kind kind) {
    kinds[kind.ordinal()]++;
  }

  long of(Kind kind) {
    return kinds[kind.ordinal()];
  }

  long handovers() {
    return of(Kind.HANDOVER_BY_TIME) + of(Kind.HANDOVER_BY_PROOF);
  }

  void decided(ReconcileEntry entry) {
    decisions[entry.decision().ordinal()]++;
    ReconcileRow.of(entry).ifPresent(row -> rows[row.ordinal()]++);
  }

  /** Counts what {@code event} does to a task in {@code from}, and says where that leads. */
  TaskPhase step(TaskPhase from, TaskEvent event) {
    int kind = EVENTS.indexOf(event.getClass());
    steps[from.ordinal() * EVENTS.size() + kind]++;
    return switch (kind) {
      case 0 -> TaskPhase.ACCEPTED;
      case 2 -> from == TaskPhase.STOPPING ? from : TaskPhase.RUNNING;
      case 3 -> TaskPhase.STOPPING;
      case 4 -> TaskPhase.FINISHED;
      case 5 -> TaskPhase.TOMBSTONED;
      case 6 -> TaskPhase.RELEASED;
      case 7 -> from.mayBeAlive() || from == TaskPhase.UNKNOWN ? TaskPhase.STOPPING : from;
      default -> from;
    };
  }

  void add(Coverage other) {
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] += other.kinds[i];
    }
    for (int i = 0; i < decisions.length; i++) {
      decisions[i] += other.decisions[i];
    }
    for (int i = 0; i < rows.length; i++) {
      rows[i] += other.rows[i];
    }
    for (int i = 0; i < steps.length; i++) {
      steps[i] += other.steps[i];
    }
  }

  /** Decisions, rows of the table of reconciliation and transitions that no world has visited. */
  List<String> unvisited() {
    List<String> missing = new ArrayList<>();
    for (ReconcileDecision decision : ReconcileDecision.values()) {
      if (decisions[decision.ordinal()] == 0) {
        missing.add("decision " + decision);
      }
    }
    for (ReconcileRow row : ReconcileRow.values()) {
      if (rows[row.ordinal()] == 0) {
        missing.add("row " + row);
      }
    }
    for (TaskTransitions.Step step : TaskTransitions.TABLE) {
      if (step.event() == TaskEvent.Repeated.class) {
        // An agent lets nobody couple while a start is on its way: what is sent again is not there.
        continue;
      }
      boolean isCut = step.event() == TaskEvent.JournalDamaged.class;
      if (isCut && (!Options.CUTS || step.from() == TaskPhase.RELEASED)) {
        // Released: a journal that is cut in the moment before it is deleted.
        continue;
      }
      if (steps[step.from().ordinal() * EVENTS.size() + EVENTS.indexOf(step.event())] == 0) {
        missing.add("transition " + step.from() + " by " + step.event().getSimpleName());
      }
    }
    return missing;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Kind kind : Kind.values()) {
      text.append(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '))
          .append(' ')
          .append(of(kind))
          .append(", ");
    }
    text.append("decisions");
    for (ReconcileDecision decision : ReconcileDecision.values()) {
      text.append(' ').append(decision).append(' ').append(decisions[decision.ordinal()]);
    }
    text.append(", rows");
    for (ReconcileRow row : ReconcileRow.values()) {
      text.append(' ').append(row).append(' ').append(rows[row.ordinal()]).append(';');
    }
    return text.toString();
  }
}
