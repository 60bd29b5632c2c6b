package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the commands of a master become at its tasks, and which starts were refused. A start that
 * the agent does not take is an order as well: that it was refused must be in the journal.
 *
 * <p>Threading: one at a time. State: soft; bounded by the commands of two exchanges.
 */
final class Orders {
  private final int taskLimit;
  private final Session.Surroundings<?> surroundings;
  private final Tenure tenure;
  private final TaskTable tasks;
  private final Set<Long> starts = new HashSet<>();
  private final Set<Long> stops = new HashSet<>();
  private final List<Exchange.RefusedStart> refused = new ArrayList<>();

  Orders(int taskLimit, Session.Surroundings<?> surroundings, Tenure tenure, TaskTable tasks) {
    this.taskLimit = taskLimit;
    this.surroundings = surroundings;
    this.tenure = tenure;
    this.tasks = tasks;
  }

  /** Gives a master's command to its task. */
  void perform(MasterCommand command, long correlation, Duration now) {
    if (command instanceof MasterCommand.Start) {
      starts.add(correlation);
    } else if (command instanceof MasterCommand.Stop) {
      stops.add(correlation);
    }
    perform(command.execution(), order(command, now), correlation);
  }

  /** Gives an order to a task. */
  void perform(ExecutionId execution, TaskCommand order, long correlation) {
    tasks.ordered(execution, order);
    surroundings.perform(execution, order, correlation);
  }

  private TaskCommand order(MasterCommand command, Duration now) {
    var journal = tenure.masterJournal().orElseThrow();
    if (command instanceof MasterCommand.Start start) {
      return new TaskCommand.Start(
          start.spec(),
          start.request(),
          journal,
          surroundings.bootId(),
          refuseStart(start.spec(), now));
    }
    if (command instanceof MasterCommand.Stop stop) {
      return new TaskCommand.Stop(stop.reason());
    }
    if (command instanceof MasterCommand.GiveUp) {
      return new TaskCommand.GiveUp(journal);
    }
    if (command instanceof MasterCommand.Release) {
      return new TaskCommand.Release();
    }
    throw new IllegalArgumentException("no order for " + command);
  }

  private Optional<String> refuseStart(TaskSpec spec, Duration now) {
    Duration longest = tenure.timing().killGrace();
    if (spec.killGrace().compareTo(longest) > 0) {
      return Optional.of(
          "kill-grace "
              + spec.killGrace()
              + " is longer than the lease counts on: at most "
              + longest);
    }
    if (!tenure.isLive(now)) {
      return Optional.of("no living lease");
    }
    return tasks.refuseNew(taskLimit).or(surroundings::refusal);
  }

  /** Whether these commands have an order to stop among them, or one is not durable yet. */
  boolean stops(List<MasterCommand> commands) {
    return !stops.isEmpty() || commands.stream().anyMatch(MasterCommand.Stop.class::isInstance);
  }

  /** An order is durable, and this is what its task made of it. */
  void performed(ExecutionId execution, TaskState state, long correlation) {
    stops.remove(correlation);
    if (starts.remove(correlation)) {
      TaskRules.refusal(state, tenure.masterJournal().orElseThrow())
          .ifPresent(why -> refused.add(new Exchange.RefusedStart(execution, why)));
    }
  }

  boolean hasRefused() {
    return !refused.isEmpty();
  }

  /** The starts to be told of as refused, once. */
  List<Exchange.RefusedStart> takeRefused() {
    List<Exchange.RefusedStart> taken = List.copyOf(refused);
    refused.clear();
    return taken;
  }

  /** The session is over: the next one begins with an inventory, which says all of this. */
  void forget() {
    starts.clear();
    stops.clear();
    refused.clear();
  }
}
