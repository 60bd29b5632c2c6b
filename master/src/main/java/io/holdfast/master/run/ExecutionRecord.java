package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.task.Outcome;
import java.time.Instant;
import java.util.Optional;

/**
 * One execution as its job remembers it.
 *
 * @param adopted no order of this journal began it: an agent had it
 */
public record ExecutionRecord(
    ExecutionId id,
    AgentId agent,
    FencingToken token,
    Instant assignedAt,
    Optional<JobEvent.ExecutionEnded> end,
    Optional<Outcome> amended,
    boolean adopted) {
  boolean isOpen() {
    return end.isEmpty();
  }

  boolean isLost() {
    return end.filter(e -> e.outcome() instanceof Outcome.Lost).isPresent();
  }

  /** Whether what is heard later is added to its verdict. */
  boolean mayBeAmended() {
    return amended.isEmpty()
        && end.filter(
                e -> e.outcome() instanceof Outcome.Lost || e.outcome() instanceof Outcome.Refused)
            .isPresent();
  }

  ExecutionRecord ended(JobEvent.ExecutionEnded event) {
    return new ExecutionRecord(id, agent, token, assignedAt, Optional.of(event), amended, adopted);
  }

  ExecutionRecord amended(Outcome late) {
    return new ExecutionRecord(id, agent, token, assignedAt, end, Optional.of(late), adopted);
  }
}
