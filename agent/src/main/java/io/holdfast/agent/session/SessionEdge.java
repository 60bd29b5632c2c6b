package io.holdfast.agent.session;

import io.holdfast.agent.task.TaskEdge;
import io.holdfast.protocol.id.MasterId;
import java.time.Duration;
import java.util.Optional;

/** What a session needs of the machine: the clock, the lease file, and the tasks' processes. */
public interface SessionEdge {
  /**
   * Since the boot of the machine; never goes back, goes on while the machine is suspended (R2).
   */
  Duration now();

  /** Which boot of the machine {@link #now} counts from. */
  String bootId();

  /** The deadline that an earlier life wrote, if the machine has not been restarted since. */
  Optional<Duration> readDeadline(MasterId master);

  /**
   * Writes the deadline for the guardian, atomically.
   *
   * @param anchor what the deadline counts from: the master has heard this agent since then (R12)
   * @return whether it is written; if not, nobody may rely on it
   */
  boolean writeDeadline(MasterId master, Duration deadline, Duration killGrace, Duration anchor);

  /** Why the machine can take no further task, if so. */
  default Optional<String> refusal() {
    return Optional.empty();
  }

  /** Deletes the events up to {@code version}; whether it was done is seen at the next time. */
  void deleteEvents(String persistenceId, long version);

  /** The processes of one master's tasks. */
  TaskEdge tasksOf(MasterId master);
}
