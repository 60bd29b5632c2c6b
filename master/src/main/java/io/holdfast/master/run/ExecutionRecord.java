package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.task.Outcome;
import java.time.Instant;
import java.util.Optional;

/** One execution as its job remembers it. */
public record ExecutionRecord(
    ExecutionId id,
    AgentId agent,
    FencingToken token,
    Instant assignedAt,
    Optional<JobEvent.ExecutionEnded> end,
    Optional<Outcome> amended) {
  boolean isOpen() {
    return end.isEmpty();
  }

  boolean isLost() {
    return end.filter(e -> e.outcome() instanceof Outcome.Lost).isPresent();
  }

  ExecutionRecord ended(JobEvent.ExecutionEnded event) {
    return new ExecutionRecord(id, agent, token, assignedAt, Optional.of(event), amended);
  }

  ExecutionRecord amended(Outcome late) {
    return new ExecutionRecord(id, agent, token, assignedAt, end, Optional.of(late));
  }
}
