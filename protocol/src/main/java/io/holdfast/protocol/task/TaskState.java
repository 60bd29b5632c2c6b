package io.holdfast.protocol.task;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a task's journal amounts to: hard state, changed by {@link TaskRules#evolve} alone.
 *
 * @param version the number of the newest event; how many led here, unless the journal was damaged
 * @param requests by which start requests it was ordered, oldest first
 * @param damage what is wrong with its journal, if a part of it is lost
 */
public record TaskState(
    TaskPhase phase,
    long version,
    Optional<TaskSpec> spec,
    Optional<JournalId> masterJournal,
    Optional<String> bootId,
    List<RequestId> requests,
    Optional<ProcessInfo> process,
    Optional<Instant> startedAt,
    Optional<StopReason> stopReason,
    Optional<TaskEvent.Finished> end,
    Optional<String> damage) {
  /** A task of which nothing is known. */
  public static final TaskState UNKNOWN =
      new TaskState(
          TaskPhase.UNKNOWN,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  public TaskState {
    requests = List.copyOf(requests);
  }

  public Optional<Outcome> outcome() {
    return end.map(TaskEvent.Finished::outcome);
  }
}
