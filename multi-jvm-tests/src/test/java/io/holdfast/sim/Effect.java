package io.holdfast.sim;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;

/** What is true of one execution, whoever knows it. */
final class Effect {
  final int master;
  final ExecutionId id;
  int begun;

  /** The exit code of a process that ended by itself; -1 before that. */
  int exit = -1;

  /** The verdict in the job's journal: nothing of it may live from then on. */
  Outcome verdict;

  Outcome amended;

  /** A backup was restored under it: more than is promised. */
  boolean excused;

  /**
   * Its journal at the agent was cut: it may have been released, and its output deleted, before.
   */
  boolean cutAtAgent;

  /** Its verdict was in a part of its job's journal that is lost. */
  boolean forgotten;

  /** What was added to its verdict was in such a part. */
  boolean forgottenLate;

  /** All of the output that it wrote, if it ended where it is known. */
  long output;

  TaskDir living;

  boolean isAmended() {
    return amended != null;
  }

  Effect(int master, ExecutionId id) {
    this.master = master;
    this.id = id;
  }
}
