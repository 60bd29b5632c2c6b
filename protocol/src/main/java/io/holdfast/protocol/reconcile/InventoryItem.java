package io.holdfast.protocol.reconcile;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskPhase;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the agent's journal says of one execution that its master has not released yet.
 *
 * @param masterJournal of the master that ordered it, if it was ordered
 * @param requests by which it was ordered, oldest first
 * @param newestEvent the number of its newest event
 */
public record InventoryItem(
    ExecutionId execution,
    Optional<JournalId> masterJournal,
    Optional<FencingToken> fencingToken,
    List<RequestId> requests,
    TaskPhase phase,
    long newestEvent,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    Optional<Outcome> outcome,
    long stdoutBytes,
    long stderrBytes) {
  public InventoryItem {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(phase, "phase");
    masterJournal = masterJournal == null ? Optional.empty() : masterJournal;
    fencingToken = fencingToken == null ? Optional.empty() : fencingToken;
    requests = requests == null ? List.of() : List.copyOf(requests);
    startedAt = startedAt == null ? Optional.empty() : startedAt;
    endedAt = endedAt == null ? Optional.empty() : endedAt;
    outcome = outcome == null ? Optional.empty() : outcome;
    if (phase == TaskPhase.UNKNOWN || phase == TaskPhase.RELEASED) {
      throw new IllegalArgumentException(
          "execution " + execution + ": phase " + phase + " has no place in an inventory");
    }
    if ((phase == TaskPhase.FINISHED) != outcome.isPresent()) {
      throw new IllegalArgumentException(
          "execution " + execution + ": a finished task, and no other, has an outcome");
    }
  }

  /** In an operator's words. */
  public String words() {
    return outcome
        .map(end -> "finished: " + end.words())
        .orElse(phase.name().toLowerCase(java.util.Locale.ROOT));
  }
}
