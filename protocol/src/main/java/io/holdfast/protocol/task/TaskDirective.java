package io.holdfast.protocol.task;

import java.util.Optional;

/**
 * What the agent must do for a task once its events are durable. Idempotent: after a recovery
 * {@link TaskRules#outstanding} computes them anew from the state.
 */
public sealed interface TaskDirective {
  /** Make its directory and launch the wrapper. Only for a task that no earlier life launched. */
  record Launch(TaskSpec spec) implements TaskDirective {}

  /**
   * An earlier life of the agent may have launched it: take the claim, or take up the process that
   * has it (R9, R10).
   */
  record Adopt() implements TaskDirective {}

  /** Stop the process tree, and report once nothing is left (R11). */
  record StopTree(StopReason reason) implements TaskDirective {}

  /** Delete its directory and its events. */
  record Delete() implements TaskDirective {}

  /**
   * End whatever there is of a task whose journal was damaged, also of one of which nothing is
   * known but its name, and report once nothing is left (R9, R10, R11).
   */
  record EndAll(Optional<TaskSpec> spec) implements TaskDirective {}
}
