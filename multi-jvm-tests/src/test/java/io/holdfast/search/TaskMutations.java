package io.holdfast.search;

import io.holdfast.protocol.Decision;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskState;
import java.util.List;
import java.util.Optional;

/** What may be wrong with an agent's tasks (P2, R2, R5, R7, R8). */
final class TaskMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private TaskMutations() {}

  /** A rule that answers one task command differently. */
  private interface Task extends Rules {
    Optional<Decision<TaskEvent, TaskDirective>> instead(TaskState state, TaskCommand command);

    @Override
    default Decision<TaskEvent, TaskDirective> task(TaskState state, TaskCommand command) {
      return instead(state, command).orElseGet(() -> Rules.REAL.task(state, command));
    }
  }

  static List<Mutation> all() {
    return List.of(
        new Mutation(
            "a restart forgets what runs",
            "R8",
            "I3",
            AGAIN.restarts(1),
            new Rules() {
              @Override
              public TaskState taskAfterRestart(TaskState state) {
                return state.phase().mayBeAlive() ? TaskState.UNKNOWN : state;
              }
            }),
        new Mutation(
            "a restart deletes an outcome that nobody has",
            "P2",
            "I2",
            AGAIN.restarts(1).sendings(2),
            new Rules() {
              @Override
              public List<TaskDirective> outstanding(TaskState state) {
                return state.phase() == TaskPhase.FINISHED
                    ? List.of(new TaskDirective.Delete())
                    : TaskRules.outstanding(state);
              }
            }),
        new Mutation(
            "a start that comes again launches again",
            "R5",
            "I9",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.ACCEPTED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "what has finished is launched again",
            "R5",
            "I2",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.FINISHED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "the tombstone is not journalled",
            "R7",
            "I3",
            AGAIN.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.GiveUp
                        ? Optional.of(Decision.none())
                        : Optional.empty()),
        new Mutation(
            "a tombstone lets a start in",
            "R7",
            "I3",
            AGAIN.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Start start
                            && state.phase() == TaskPhase.TOMBSTONED
                        ? Optional.of(
                            new Decision<>(
                                List.of(), List.of(new TaskDirective.Launch(start.spec()))))
                        : Optional.empty()),
        new Mutation(
            "a stop at the end of the lease is ignored",
            "R2",
            "I3",
            ONE,
            (Task)
                (state, command) ->
                    command.equals(new TaskCommand.Stop(StopReason.LEASE_OVER))
                        ? Optional.of(Decision.none())
                        : Optional.empty()),
        new Mutation(
            "a stop that comes again is begun again",
            "R5",
            "I9",
            ONE.cancels(1),
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.Stop stop && state.phase() == TaskPhase.STOPPING
                        ? Optional.of(
                            new Decision<>(
                                List.of(new TaskEvent.StopBegun(stop.reason(), Ticks.STAMP)),
                                List.of()))
                        : Optional.empty()),
        new Mutation(
            "how it ended is guessed to be well",
            "P2",
            "I7",
            ONE,
            (Task)
                (state, command) ->
                    command instanceof TaskCommand.ProcessEnded end
                            && !end.outcome().isSuccess()
                            && state.phase().mayBeAlive()
                        ? Optional.of(
                            Rules.REAL.task(
                                state,
                                new TaskCommand.ProcessEnded(
                                    new Outcome.Exited(0), 0, 0, Optional.empty())))
                        : Optional.empty()));
  }
}
