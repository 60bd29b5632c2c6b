package io.holdfast.protocol.task;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.time.Instant;
import java.util.Optional;

/** What can be asked of, or told to, a task. */
public sealed interface TaskCommand {
  /**
   * Run this, once. Whoever sends it has checked the lease and the session (R4).
   *
   * @param refusal why the agent cannot take a new task now; a task that it has already is not
   *     touched by it
   */
  record Start(
      TaskSpec spec,
      RequestId request,
      JournalId masterJournal,
      String bootId,
      Optional<String> refusal)
      implements TaskCommand {}

  /** End it with all its processes. */
  record Stop(StopReason reason) implements TaskCommand {}

  /** If it was never seen, it must never start (R7). */
  record GiveUp(JournalId masterJournal) implements TaskCommand {}

  /** The master has everything of it. */
  record Release() implements TaskCommand {}

  /** The edge saw its process win the claim. */
  record ProcessStarted(ProcessInfo process) implements TaskCommand {}

  /**
   * The edge knows that nothing of it lives and how it ended.
   *
   * @param endedAt when the exit was recorded, if known
   */
  record ProcessEnded(
      Outcome outcome, long stdoutBytes, long stderrBytes, Optional<Instant> endedAt)
      implements TaskCommand {}
}
