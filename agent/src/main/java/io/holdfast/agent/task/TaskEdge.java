package io.holdfast.agent.task;

import akka.Done;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What a task actor needs of the machine (R8-R11). Every call is idempotent. A stage that fails
 * means <em>unknown</em>: the caller asks again.
 */
public interface TaskEdge {
  /** What is true of a task that an earlier life of the agent left. */
  sealed interface Adoption {
    /** It lives. */
    record Running(ProcessInfo process) implements Adoption {}

    /** Nothing of it lives, and it can never start. */
    record Ended(TaskCommand.ProcessEnded end) implements Adoption {}
  }

  /**
   * Makes the directory and launches the wrapper.
   *
   * @return that its process has won the claim, or that it has ended already, or never will start
   */
  CompletionStage<TaskCommand> launch(TaskSpec spec);

  /** Takes the claim, or takes up the process that has it (R9, R10). */
  CompletionStage<Adoption> adopt(TaskSpec spec, String acceptedInBoot);

  /** Completes when nothing of the task lives. */
  CompletionStage<TaskCommand.ProcessEnded> awaitEnd(TaskSpec spec, ProcessInfo process);

  /** From its completion on nothing of the task begins that has not begun (R9). */
  CompletionStage<Void> forbid(TaskSpec spec, StopReason reason);

  /**
   * Stops the whole tree; completes when nothing of the task lives (R11). What was accepted in
   * another boot of the machine has ended with it, and is not called stopped.
   */
  CompletionStage<TaskCommand.ProcessEnded> stop(
      TaskSpec spec, StopReason reason, String acceptedInBoot);

  /** As {@link #forbid}, for a task of which the journal has lost a part, or all but the name. */
  CompletionStage<Void> forbidAll(ExecutionId execution, Duration grace);

  /**
   * As {@link #stop}, for a task of which the journal has lost a part, or all but the name: takes
   * the claim if nobody has it, and stops whatever lives of it, in whichever boot it was accepted.
   */
  CompletionStage<TaskCommand.ProcessEnded> endAll(ExecutionId execution, Duration grace);

  /** Whether the wrapper lives: by pid, start time and boot id. */
  boolean isAlive(ProcessInfo process);

  /** How much of {@code timeout} is left for a process, by the boot clock. */
  Duration remaining(ProcessInfo process, Duration timeout);

  /** How much output is on disk. */
  Exchange.OutputSize outputSize(ExecutionId execution);

  /** Deletes the directory and the events up to {@code version}. */
  CompletionStage<Done> delete(ExecutionId execution, long version);
}
