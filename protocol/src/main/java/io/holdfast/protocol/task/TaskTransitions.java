package io.holdfast.protocol.task;

import static io.holdfast.protocol.task.TaskPhase.ACCEPTED;
import static io.holdfast.protocol.task.TaskPhase.FINISHED;
import static io.holdfast.protocol.task.TaskPhase.RELEASED;
import static io.holdfast.protocol.task.TaskPhase.RUNNING;
import static io.holdfast.protocol.task.TaskPhase.STOPPING;
import static io.holdfast.protocol.task.TaskPhase.TOMBSTONED;
import static io.holdfast.protocol.task.TaskPhase.UNKNOWN;

import java.util.List;
import java.util.Optional;

/** The life of a task as a table: which event leads from which phase to which. */
public final class TaskTransitions {
  /** One legal step. */
  public record Step(TaskPhase from, Class<? extends TaskEvent> event, TaskPhase to) {}

  /** All legal steps. */
  public static final List<Step> TABLE =
      List.of(
          new Step(UNKNOWN, TaskEvent.Accepted.class, ACCEPTED),
          new Step(UNKNOWN, TaskEvent.Tombstoned.class, TOMBSTONED),
          new Step(ACCEPTED, TaskEvent.Repeated.class, ACCEPTED),
          new Step(ACCEPTED, TaskEvent.Started.class, RUNNING),
          new Step(ACCEPTED, TaskEvent.StopBegun.class, STOPPING),
          new Step(ACCEPTED, TaskEvent.Finished.class, FINISHED),
          new Step(RUNNING, TaskEvent.Repeated.class, RUNNING),
          new Step(RUNNING, TaskEvent.StopBegun.class, STOPPING),
          new Step(RUNNING, TaskEvent.Finished.class, FINISHED),
          new Step(STOPPING, TaskEvent.Repeated.class, STOPPING),
          // The claim and the stop crossed: what was claimed is recorded, and is stopped all the
          // same.
          new Step(STOPPING, TaskEvent.Started.class, STOPPING),
          new Step(STOPPING, TaskEvent.Finished.class, FINISHED),
          new Step(FINISHED, TaskEvent.Repeated.class, FINISHED),
          new Step(FINISHED, TaskEvent.Released.class, RELEASED),
          new Step(TOMBSTONED, TaskEvent.Released.class, RELEASED),
          // What is over stays so; anything else is ended, whatever the lost part of the journal
          // was.
          new Step(UNKNOWN, TaskEvent.JournalDamaged.class, STOPPING),
          new Step(ACCEPTED, TaskEvent.JournalDamaged.class, STOPPING),
          new Step(RUNNING, TaskEvent.JournalDamaged.class, STOPPING),
          new Step(STOPPING, TaskEvent.JournalDamaged.class, STOPPING),
          new Step(FINISHED, TaskEvent.JournalDamaged.class, FINISHED),
          new Step(TOMBSTONED, TaskEvent.JournalDamaged.class, TOMBSTONED),
          new Step(RELEASED, TaskEvent.JournalDamaged.class, RELEASED));

  private TaskTransitions() {}

  /** Where {@code event} leads from {@code from}, if it may happen there. */
  public static Optional<TaskPhase> next(TaskPhase from, Class<? extends TaskEvent> event) {
    return TABLE.stream()
        .filter(step -> step.from() == from && step.event() == event)
        .map(Step::to)
        .findFirst();
  }
}
