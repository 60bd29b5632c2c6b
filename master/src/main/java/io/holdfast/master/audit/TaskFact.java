package io.holdfast.master.audit;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * What an agent's journal says of one task; null for what has not happened. Grows while its events
 * are read.
 */
final class TaskFact {
  final Origin origin;
  final String master;
  final ExecutionId execution;
  Seen accepted;
  Seen started;
  Seen finished;
  Seen tombstoned;
  Seen released;
  boolean known;

  TaskFact(Origin origin, String master, ExecutionId execution) {
    this.origin = origin;
    this.master = master;
    this.execution = execution;
  }

  void take(Seen seen, TaskEvent event) {
    if (event instanceof TaskEvent.Accepted) {
      accepted = seen;
    } else if (event instanceof TaskEvent.Started) {
      started = seen;
    } else if (event instanceof TaskEvent.Finished) {
      finished = seen;
    } else if (event instanceof TaskEvent.Tombstoned) {
      tombstoned = seen;
    } else if (event instanceof TaskEvent.Released) {
      released = seen;
    }
  }

  Optional<TaskEvent.Finished> end() {
    return Optional.ofNullable(finished).map(s -> (TaskEvent.Finished) s.event().orElseThrow());
  }

  Optional<TaskEvent.Accepted> order() {
    return Optional.ofNullable(accepted).map(s -> (TaskEvent.Accepted) s.event().orElseThrow());
  }

  /** When its processes were there, by the agent's clock; null for as far as the journal goes. */
  Instant endedAt() {
    return end().map(end -> end.endedAt().orElse(end.at())).orElse(null);
  }

  /** The newest event. */
  Seen newest() {
    Seen newest = null;
    for (Seen one : new Seen[] {accepted, tombstoned, started, finished, released}) {
      newest = one == null ? newest : one;
    }
    return newest;
  }
}
