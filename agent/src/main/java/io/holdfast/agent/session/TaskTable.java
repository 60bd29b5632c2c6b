package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A session's view of its tasks: soft, built from what the tasks report. Bounded by {@link
 * #MOST_TASKS}, beyond which new starts are refused.
 */
final class TaskTable {
  /** Tasks of one master that are not released yet, ended ones included. */
  static final int MOST_TASKS = 10_000;

  /** Reports in one answer, so that its size is bounded. */
  static final int MOST_REPORTS = 500;

  private final Map<ExecutionId, TaskState> states = new TreeMap<>();
  private final OrdersUnderWay ordersUnderWay = new OrdersUnderWay();
  private final Map<ExecutionId, Exchange.OutputSize> reportedSizes = new TreeMap<>();
  private final Deque<Exchange.Report> unsent = new ArrayDeque<>();
  private final Map<ExecutionId, Exchange.OutputSize> unsentSizes = new LinkedHashMap<>();
  private int urgent;
  private final Set<ExecutionId> unrecovered;
  private final Function<ExecutionId, Exchange.OutputSize> outputSize;
  private Optional<JournalId> master = Optional.empty();

  TaskTable(List<ExecutionId> known, Function<ExecutionId, Exchange.OutputSize> outputSize) {
    this.unrecovered = new HashSet<>(known);
    this.outputSize = outputSize;
  }

  boolean awaits(ExecutionId execution) {
    return unrecovered.contains(execution);
  }

  /** From now on the tasks are those of a master with this journal, or foreign. */
  void serve(Optional<JournalId> masterJournal) {
    master = masterJournal;
  }

  /** Whether a start is on its way to its journal: it would be in no inventory that is made now. */
  boolean hasOrdersUnderWay() {
    return !ordersUnderWay.isEmpty();
  }

  /** What a task has last said of itself. */
  Optional<TaskState> state(ExecutionId execution) {
    return Optional.ofNullable(states.get(execution));
  }

  /**
   * Whether calls of this task are taken: it runs, or its journal may yet say so, and it is not a
   * former master's, whose executions may have the names of others.
   */
  boolean hears(ExecutionId execution) {
    TaskState state = states.get(execution);
    return awaits(execution)
        || (state != null && isHeard(state.phase()) && foreign(state).isEmpty());
  }

  /** All tasks that have spoken. */
  List<ExecutionId> executions() {
    return List.copyOf(states.keySet());
  }

  /** By which other master's journal it was ordered, if so. */
  private Optional<JournalId> foreign(TaskState state) {
    if (master.isEmpty()) {
      // Its session's journal was damaged: nobody knows before the master has coupled.
      return Optional.empty();
    }
    return state.masterJournal().filter(orderer -> !Optional.of(orderer).equals(master));
  }

  private static boolean isHeard(TaskPhase phase) {
    return phase == TaskPhase.UNKNOWN || phase == TaskPhase.ACCEPTED || phase == TaskPhase.RUNNING;
  }

  Standing standing(ExecutionId execution, boolean leaseIsOver, Optional<Duration> remaining) {
    Optional<TaskState> state = state(execution);
    Optional<TaskSpec> spec = state.flatMap(TaskState::spec);
    boolean kept = spec.filter(s -> s.onConnectionLoss() == ConnectionLossPolicy.KEEP).isPresent();
    return new Standing(
        execution,
        state.filter(s -> isHeard(s.phase())).isPresent() && (kept || !leaseIsOver),
        spec.map(TaskSpec::fencingToken),
        kept ? Optional.empty() : remaining);
  }

  /** Whether the inventory is whole. */
  boolean isRecovered() {
    return unrecovered.isEmpty();
  }

  /** An order is on its way to a task. */
  void ordered(ExecutionId execution, TaskCommand command) {
    if (command instanceof TaskCommand.Start) {
      // On its way to its journal: it counts as alive. Any other order starts nothing.
      begins(execution, states.putIfAbsent(execution, TaskState.UNKNOWN));
    } else if (command instanceof TaskCommand.GiveUp) {
      // Its tombstone would be left behind by a master that compares without it.
      begins(execution, states.get(execution));
    }
  }

  private void begins(ExecutionId execution, TaskState state) {
    if (state == null || state.phase() == TaskPhase.UNKNOWN) {
      ordersUnderWay.ordered(execution);
    }
  }

  /**
   * Takes over what a task says of itself.
   *
   * @return whether {@code events} are all that is new in {@code state}; they are not after a write
   *     of unknown fate, when the task has read its journal again
   */
  boolean note(ExecutionId execution, TaskState state, List<TaskEvent> events) {
    unrecovered.remove(execution);
    TaskState before = states.get(execution);
    long known = before == null ? 0 : before.version();
    boolean isKnown = state.phase() != TaskPhase.UNKNOWN;
    if (isKnown && (before == null || before.version() <= state.version())) {
      states.put(execution, state);
      ordersUnderWay.durable(execution);
    }
    Optional<JournalId> foreign = foreign(state);
    long number = state.version() - events.size();
    for (TaskEvent event : events) {
      number++;
      if (!(event instanceof TaskEvent.Released)) {
        unsent.add(new Exchange.Report(execution, number, event, foreign));
        urgent += isUrgent(event) ? 1 : 0;
      }
    }
    return state.version() - events.size() <= known;
  }

  /** A task has read its journal, and there is nothing in it (any more). */
  void foundNothing(ExecutionId execution) {
    TaskState state = states.get(execution);
    if (ordersUnderWay.foundNothing(execution)
        && state != null
        && state.phase() == TaskPhase.UNKNOWN) {
      states.remove(execution);
    }
  }

  /** A released task is gone. */
  void gone(ExecutionId execution) {
    ordersUnderWay.gone(execution);
    states.remove(execution);
    reportedSizes.remove(execution);
    unsentSizes.remove(execution);
  }

  /**
   * Whether somebody should hear of it now. That an order was taken is not worth an answer of its
   * own: what follows from it is on its way.
   */
  boolean hasNews() {
    return urgent > 0 || !unsentSizes.isEmpty();
  }

  private static boolean isUrgent(TaskEvent event) {
    return !(event instanceof TaskEvent.Accepted || event instanceof TaskEvent.Repeated);
  }

  List<Exchange.Report> takeReports() {
    List<Exchange.Report> reports = new ArrayList<>();
    while (!unsent.isEmpty() && reports.size() < MOST_REPORTS) {
      Exchange.Report report = unsent.remove();
      urgent -= isUrgent(report.event()) ? 1 : 0;
      reports.add(report);
    }
    return reports;
  }

  List<Exchange.OutputSize> takeOutputs() {
    List<Exchange.OutputSize> sizes = List.copyOf(unsentSizes.values());
    unsentSizes.clear();
    return sizes;
  }

  /** A new session begins with the inventory, which says all of this. */
  void forgetUnsent() {
    unsent.clear();
    urgent = 0;
    unsentSizes.clear();
    reportedSizes.clear();
  }

  void lookAtOutputs() {
    states.forEach(
        (execution, state) -> {
          if (state.phase() == TaskPhase.RUNNING || state.phase() == TaskPhase.STOPPING) {
            Exchange.OutputSize size = sizeNow(execution);
            if (!size.equals(reportedSizes.put(execution, size))
                && size.stdoutBytes() + size.stderrBytes() > 0) {
              unsentSizes.put(execution, size);
            }
          }
        });
  }

  List<ExecutionId> alive(ConnectionLossPolicy policy) {
    List<ExecutionId> alive = new ArrayList<>();
    states.forEach(
        (execution, state) -> {
          // Of one that its journal does not know, the policy is not known either.
          boolean concerned =
              state
                      .spec()
                      .map(TaskSpec::onConnectionLoss)
                      .orElse(ConnectionLossPolicy.STOP_AFTER_LEASE)
                  == policy;
          // An order that is on its way to its journal counts as well: its policy is not known yet.
          if (state.phase() == TaskPhase.UNKNOWN || (concerned && state.phase().mayBeAlive())) {
            alive.add(execution);
          }
        });
    return alive;
  }

  /** Why no further task can be taken, if so. */
  Optional<String> refuseNew(int taskLimit) {
    long active = states.values().stream().filter(state -> isActive(state.phase())).count();
    if (active >= taskLimit) {
      return Optional.of("the agent's task limit of " + taskLimit + " is reached");
    }
    if (states.size() >= MOST_TASKS) {
      return Optional.of("the agent holds " + MOST_TASKS + " ended tasks that are not released");
    }
    return Optional.empty();
  }

  /** Whether a phase counts against the task limit. */
  private static boolean isActive(TaskPhase phase) {
    return phase == TaskPhase.UNKNOWN || phase.mayBeAlive();
  }

  List<InventoryItem> inventory() {
    List<InventoryItem> items = new ArrayList<>();
    states.forEach(
        (execution, state) -> {
          if (state.phase() != TaskPhase.UNKNOWN && state.phase() != TaskPhase.RELEASED) {
            items.add(item(execution, state));
          }
        });
    return items;
  }

  /** Only a hint what can be fetched already: a file that cannot be looked at now is empty. */
  private Exchange.OutputSize sizeNow(ExecutionId execution) {
    try {
      return outputSize.apply(execution);
    } catch (UncheckedIOException e) {
      return new Exchange.OutputSize(execution, 0, 0);
    }
  }

  private InventoryItem item(ExecutionId execution, TaskState state) {
    Exchange.OutputSize size =
        state
            .end()
            .map(end -> new Exchange.OutputSize(execution, end.stdoutBytes(), end.stderrBytes()))
            .orElseGet(() -> sizeNow(execution));
    return new InventoryItem(
        execution,
        state.masterJournal(),
        state.spec().map(TaskSpec::fencingToken),
        state.requests(),
        state.phase(),
        state.version(),
        state.startedAt(),
        state.end().flatMap(end -> end.endedAt().or(() -> Optional.of(end.at()))),
        state.outcome(),
        size.stdoutBytes(),
        size.stderrBytes());
  }
}
