package io.holdfast.master.audit;

import io.holdfast.master.run.JobEvent;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.Outcome;
import java.util.Map;
import java.util.Optional;

/** What one job says of its executions, for the comparison with the links. */
final class JobPairs {
  private final Pairs pairs;

  JobPairs(Pairs pairs) {
    this.pairs = pairs;
  }

  /** It has an outcome. */
  void ended(Seen begun, Seen ended, ExecutionId id, Outcome outcome) {
    add(PairFact.Kind.JOB_ENDED, begun, ended, id, Optional.of(outcome));
  }

  /** Something is added to its verdict. */
  void amended(Seen amended, ExecutionId id, Outcome late) {
    add(PairFact.Kind.JOB_AMENDED, amended, amended, id, Optional.of(late));
  }

  /** No event follows, and these have no outcome. */
  void open(Map<ExecutionId, Seen> open) {
    open.forEach((id, begun) -> add(PairFact.Kind.JOB_OPEN, begun, begun, id, Optional.empty()));
  }

  /** What becomes of these is not known. */
  void broken(Map<ExecutionId, Seen> open) {
    open.forEach((id, begun) -> excuse(begun, id));
  }

  /** It is named for what it says already. */
  void excuse(Seen seen, ExecutionId id) {
    pairs.add(seen.origin(), id, PairFact.excused(seen.stored().persistenceId()));
  }

  private void add(
      PairFact.Kind kind, Seen begun, Seen said, ExecutionId id, Optional<Outcome> outcome) {
    pairs.add(
        said.origin(),
        id,
        new PairFact(
            kind,
            said.stored().persistenceId(),
            agent(begun),
            begun.stored().sequenceNr(),
            said.stored().sequenceNr(),
            0,
            outcome,
            Optional.empty(),
            PairFact.Duty.NONE));
  }

  private static String agent(Seen begun) {
    Object event = begun.event().orElse(null);
    if (event instanceof JobEvent.ExecutionBegun order) {
      return order.agent().value();
    }
    return event instanceof JobEvent.RunAdopted found ? found.agent().value() : "";
  }
}
