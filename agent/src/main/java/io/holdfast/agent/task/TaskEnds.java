package io.holdfast.agent.task;

import io.holdfast.agent.process.TaskDirectory;
import io.holdfast.agent.process.TaskEnd;
import io.holdfast.agent.process.TaskOutput;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * How the end of a task's process is told (R10): from the record of its wrapper, the order to kill
 * it, and its output, which is final then. Errors: {@link java.io.UncheckedIOException}.
 */
final class TaskEnds {
  /** As {@code guardian.sh} writes it. */
  private static final String GUARDIANS_REASON = "the lease is over";

  private final ProcessEdge.Machine machine;

  TaskEnds(ProcessEdge.Machine machine) {
    this.machine = machine;
  }

  static boolean hasRun(TaskEnd end) {
    return end instanceof TaskEnd.Exited || end instanceof TaskEnd.Signalled;
  }

  static boolean leftInGroup(TaskEnd end) {
    return (end instanceof TaskEnd.Exited exited && exited.left())
        || (end instanceof TaskEnd.Signalled signalled && signalled.left());
  }

  TaskCommand.ProcessEnded ended(TaskDirectory task, TaskEnd end) {
    Outcome outcome;
    if (end instanceof TaskEnd.Exited exited) {
      outcome = new Outcome.Exited(exited.code());
    } else if (end instanceof TaskEnd.Signalled signalled) {
      outcome =
          stopReason(task)
              .<Outcome>map(Outcome.Stopped::new)
              .orElseGet(() -> new Outcome.Signalled(signalled.signal()));
    } else if (end instanceof TaskEnd.NotStarted not) {
      outcome = new Outcome.NeverStarted(not.reason());
    } else {
      outcome = new Outcome.Vanished(((TaskEnd.Vanished) end).why());
    }
    return ended(task, outcome, instant(end));
  }

  /**
   * Who ordered its end sent the signal that ended it: the guardian, or a former life of this JVM.
   */
  static Optional<StopReason> stopReason(TaskDirectory task) {
    return task.killReason()
        .flatMap(
            written ->
                written.equals(GUARDIANS_REASON)
                    ? Optional.of(StopReason.LEASE_OVER)
                    : Arrays.stream(StopReason.values())
                        .filter(reason -> reason.word().equals(written))
                        .findFirst());
  }

  /** The boot clock's time as the wall clock has it now: for people. */
  Optional<Instant> instant(TaskEnd end) {
    Optional<Duration> at =
        end instanceof TaskEnd.Exited exited
            ? Optional.of(exited.at())
            : end instanceof TaskEnd.Signalled signalled
                ? Optional.of(signalled.at())
                : Optional.empty();
    return at.map(since -> Instant.now().minus(machine.clock().now().minus(since)));
  }

  /** Nothing of the task lives: what it has written is all there will be. */
  TaskCommand.ProcessEnded ended(TaskDirectory task, Outcome outcome, Optional<Instant> at) {
    machine.processes().finishOutput(task);
    return new TaskCommand.ProcessEnded(outcome, size(task.stdout()), size(task.stderr()), at);
  }

  static long size(Path file) {
    return TaskOutput.of(file).readable();
  }
}
