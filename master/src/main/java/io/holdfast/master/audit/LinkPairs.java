package io.holdfast.master.audit;

import io.holdfast.master.link.ExecutionPhase;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.protocol.id.ExecutionId;
import java.util.HashMap;
import java.util.Map;

/**
 * What one link says of its executions, for the comparison with their jobs. Bounded by what is
 * open.
 */
final class LinkPairs {
  private final Pairs pairs;
  private final String agent;
  private final Map<ExecutionId, Long> begun = new HashMap<>();
  private final Map<ExecutionId, Long> said = new HashMap<>();
  private Seen newest;

  LinkPairs(Pairs pairs, String agent) {
    this.pairs = pairs;
    this.agent = agent;
  }

  /** An event is read. */
  void at(Seen seen) {
    newest = seen;
  }

  /** It says that the job has given it to the link. */
  void ordered(ExecutionId id) {
    begun.put(id, newest.stored().sequenceNr());
    said(id);
  }

  /** It says something new of it. */
  void said(ExecutionId id) {
    said.put(id, newest.stored().sequenceNr());
  }

  /** It closes it. What has no outcome is named for that already. */
  void closed(LinkExecution execution) {
    if (execution.phase() == ExecutionPhase.ENDED || execution.phase() == ExecutionPhase.LOST) {
      add(execution, PairFact.Kind.LINK_CLOSED);
    } else {
      excuse(execution.id());
    }
    begun.remove(execution.id());
    said.remove(execution.id());
  }

  /** No event follows. */
  void end(LinkState state) {
    state.executions().values().forEach(open -> add(open, PairFact.Kind.LINK_OPEN));
  }

  /** What follows is not known. */
  void broken(LinkState state) {
    state.executions().keySet().forEach(this::excuse);
  }

  private void excuse(ExecutionId id) {
    pairs.add(newest.origin(), id, PairFact.excused(newest.stored().persistenceId()));
  }

  private void add(LinkExecution execution, PairFact.Kind kind) {
    pairs.add(
        newest.origin(),
        execution.id(),
        new PairFact(
            kind,
            newest.stored().persistenceId(),
            agent,
            begun.getOrDefault(execution.id(), 0L),
            said.getOrDefault(execution.id(), newest.stored().sequenceNr()),
            kind == PairFact.Kind.LINK_CLOSED ? newest.stored().sequenceNr() : 0,
            execution.outcome(),
            execution.late(),
            duty(execution)));
  }

  private static PairFact.Duty duty(LinkExecution execution) {
    if (execution.spec().isPresent()) {
      return execution.isOurs() ? PairFact.Duty.ORDERED : PairFact.Duty.CONFUSED;
    }
    return execution.isOurs() ? PairFact.Duty.ADOPTED : PairFact.Duty.NONE;
  }
}
