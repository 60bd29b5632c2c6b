package io.holdfast.agent.process;

/** What came of an attempt to launch a task (R9). */
public sealed interface Launch {

  /** The claim is won: the task has started, and its end will be recorded by this wrapper. */
  record Launched(ProcessIdentity wrapper) implements Launch {}

  /**
   * The claim is not this wrapper's: another one's, or {@code never}. {@link TaskProcesses#adopt}
   * tells whose. By this attempt the job has not run, and its process has ended.
   */
  record Refused(String why) implements Launch {}
}
