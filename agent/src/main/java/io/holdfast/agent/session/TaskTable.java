package io.holdfast.agent.session;

import akka.actor.typed.ActorRef;
import io.holdfast.agent.task.TaskActor;
import io.holdfast.agent.task.TaskEdge;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import java.io.UncheckedIOException;
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
import java.util.function.BiFunction;

/**
 * A session's view of its tasks: soft, built from what the task actors report. Bounded by {@link
 * #MOST_TASKS}, beyond which new starts are refused.
 */
final class TaskTable {
  /** Tasks of one master that are not released yet, ended ones included. */
  static final int MOST_TASKS = 10_000;

  /** Reports in one answer, so that its size is bounded. */
  static final int MOST_REPORTS = 500;

  private final Map<ExecutionId, ActorRef<TaskActor.Message>> actors = new TreeMap<>();
  private final Map<ExecutionId, TaskState> states = new TreeMap<>();
  private final Map<ExecutionId, Exchange.OutputSize> reportedSizes = new TreeMap<>();
  private final Deque<Exchange.Report> unsent = new ArrayDeque<>();
  private final Map<ExecutionId, Exchange.OutputSize> unsentSizes = new LinkedHashMap<>();
  private int urgent;
  private final Set<ExecutionId> unrecovered;
  private final ActorRef<TaskActor.News> listener;
  private final BiFunction<ExecutionId, ActorRef<TaskActor.News>, ActorRef<TaskActor.Message>>
      spawn;

  TaskTable(
      List<ExecutionId> known,
      ActorRef<TaskActor.News> listener,
      BiFunction<ExecutionId, ActorRef<TaskActor.News>, ActorRef<TaskActor.Message>> spawn) {
    this.unrecovered = new HashSet<>(known);
    this.listener = listener;
    this.spawn = spawn;
  }

  /** Wakes the tasks of an earlier life of the agent. */
  void recover() {
    List.copyOf(unrecovered).forEach(this::actor);
  }

  /** Whether the inventory is whole. */
  boolean isRecovered() {
    return unrecovered.isEmpty();
  }

  private ActorRef<TaskActor.Message> actor(ExecutionId execution) {
    return actors.computeIfAbsent(execution, id -> spawn.apply(id, listener));
  }

  void perform(
      ExecutionId execution,
      TaskCommand command,
      long correlation,
      ActorRef<TaskActor.Performed> replyTo) {
    if (command instanceof TaskCommand.Start) {
      // On its way to its journal: it counts as alive. Any other order starts nothing.
      states.putIfAbsent(execution, TaskState.UNKNOWN);
    }
    actor(execution).tell(new TaskActor.Perform(command, correlation, replyTo));
  }

  /** Takes over what a task says of itself. */
  void note(TaskActor.News news) {
    unrecovered.remove(news.execution());
    TaskState before = states.get(news.execution());
    boolean isKnown = news.state().phase() != TaskPhase.UNKNOWN;
    if (isKnown && (before == null || before.version() <= news.state().version())) {
      states.put(news.execution(), news.state());
    }
    long number = news.state().version() - news.events().size();
    for (TaskEvent event : news.events()) {
      number++;
      if (!(event instanceof TaskEvent.Released)) {
        unsent.add(new Exchange.Report(news.execution(), number, event));
        urgent += isUrgent(event) ? 1 : 0;
      }
    }
  }

  /** The actor of a released task is gone. */
  void ended(ExecutionId execution) {
    actors.remove(execution);
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

  void lookAtOutputs(TaskEdge edge) {
    states.forEach(
        (execution, state) -> {
          if (state.phase() == TaskPhase.RUNNING || state.phase() == TaskPhase.STOPPING) {
            Exchange.OutputSize size = sizeNow(execution, edge);
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
          boolean concerned =
              state.spec().map(TaskSpec::onConnectionLoss).filter(p -> p == policy).isPresent();
          // An order that is on its way to its journal counts as well: its policy is not known yet.
          if (state.phase() == TaskPhase.UNKNOWN || (concerned && state.phase().mayBeAlive())) {
            alive.add(execution);
          }
        });
    return alive;
  }

  /** Why no further task can be taken, if so. */
  Optional<String> refuseNew(int taskLimit) {
    long active =
        states.values().stream().filter(state -> MasterSession.isActive(state.phase())).count();
    if (active >= taskLimit) {
      return Optional.of("the agent's task limit of " + taskLimit + " is reached");
    }
    if (states.size() >= MOST_TASKS) {
      return Optional.of("the agent holds " + MOST_TASKS + " ended tasks that are not released");
    }
    return Optional.empty();
  }

  List<InventoryItem> inventory(TaskEdge edge) {
    List<InventoryItem> items = new ArrayList<>();
    states.forEach(
        (execution, state) -> {
          if (state.phase() != TaskPhase.UNKNOWN && state.phase() != TaskPhase.RELEASED) {
            items.add(item(execution, state, edge));
          }
        });
    return items;
  }

  /** Only a hint what can be fetched already: a file that cannot be looked at now is empty. */
  private static Exchange.OutputSize sizeNow(ExecutionId execution, TaskEdge edge) {
    try {
      return edge.outputSize(execution);
    } catch (UncheckedIOException e) {
      return new Exchange.OutputSize(execution, 0, 0);
    }
  }

  private static InventoryItem item(ExecutionId execution, TaskState state, TaskEdge edge) {
    Exchange.OutputSize size =
        state
            .end()
            .map(end -> new Exchange.OutputSize(execution, end.stdoutBytes(), end.stderrBytes()))
            .orElseGet(() -> sizeNow(execution, edge));
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
