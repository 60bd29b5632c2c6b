package io.holdfast.search;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Questions that are asked of the rules in each state that a task comes to, without a step: what if
 * this came again, what if a start came now, from wherever it was held up? Sessions and exchange
 * numbers keep most of that away; a task does not rely on them.
 */
final class Probes {
  private Probes() {}

  /** I9: what is handled twice has the effect of once. */
  static void again(Rules rules, ExecutionId id, TaskState state, TaskCommand command) {
    Decision<TaskEvent, TaskDirective> second = rules.task(state, command);
    if (state.phase() != TaskPhase.UNKNOWN
        && !(second.events().isEmpty() && second.directives().isEmpty())) {
      throw new Violation(
          "I9",
          id
              + ": "
              + command.getClass().getSimpleName()
              + " handled twice leads to "
              + second.events().stream().map(e -> e.getClass().getSimpleName()).toList()
              + second.directives().stream().map(d -> d.getClass().getSimpleName()).toList());
    }
  }

  /** I2 and I3: a start that was held up begins nothing where something was, or was given up. */
  static void lateStart(Rules rules, ExecutionId id, TaskState state, TaskCommand after) {
    boolean given = after instanceof TaskCommand.GiveUp;
    if (state.phase() == TaskPhase.UNKNOWN && !given) {
      return;
    }
    TaskSpec spec =
        state
            .spec()
            .orElseGet(
                () ->
                    new TaskSpec(
                        id,
                        new FencingToken(1),
                        "true",
                        new TreeMap<>(),
                        Optional.empty(),
                        Ticks.POLICY.killGrace(),
                        ConnectionLossPolicy.STOP_AFTER_LEASE));
    var late =
        new TaskCommand.Start(spec, id.request(1), AgentMoves.MASTER, "boot-1", Optional.empty());
    Decision<TaskEvent, TaskDirective> decision = rules.task(state, late);
    boolean launches =
        decision.directives().stream().anyMatch(TaskDirective.Launch.class::isInstance);
    if (launches) {
      boolean over = given || state.phase() == TaskPhase.TOMBSTONED;
      throw new Violation(
          over ? "I3" : "I2",
          id + ": a start that comes late, when it is " + state.phase() + ", launches it");
    }
  }

  /** I3: a lease that is closed leaves no task that nobody stops. */
  static void marked(ExecutionId id, TaskState state) {
    if (state.phase() == TaskPhase.ACCEPTED || state.phase() == TaskPhase.RUNNING) {
      throw new Violation("I3", id + " is not being stopped, and its lease is closed");
    }
  }
}
