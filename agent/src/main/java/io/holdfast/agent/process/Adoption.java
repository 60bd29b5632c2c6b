package io.holdfast.agent.process;

/** What is true of a task that an earlier life of the agent accepted (R9, R10). */
public sealed interface Adoption {

  /** It had not started, and from now on cannot. */
  record NeverClaimed(String claimedBy) implements Adoption {}

  /**
   * It lives. Wait for its end by this process.
   *
   * @param exitWillBeKnown false when the wrapper is dead and the job goes on without it
   */
  record Running(ProcessIdentity process, boolean exitWillBeKnown) implements Adoption {}

  /** It ended meanwhile. */
  record Ended(TaskEnd end) implements Adoption {}

  /** It was started, nothing of it lives, and there is no record of how it ended. */
  record Gone(String why) implements Adoption {}

  /**
   * The machine has been restarted since it was accepted: nothing of it lives, and whether it ran
   * cannot be known.
   */
  record HostRestarted() implements Adoption {}
}
