package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.MasterRecord;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One execution as its link remembers it.
 *
 * @param spec what to run; not there for one that was adopted from the agent
 * @param releaseByTime whether it may be called lost when the lease is provably over
 * @param requests the start requests that may have been sent, oldest first
 * @param sentTo the data directory of the agent that the newest request was for
 * @param newestEvent the number of the newest event that is durable here (R5)
 * @param stop why it is to be stopped, if it is
 * @param late what became of it after it was called lost
 */
public record LinkExecution(
    ExecutionId id,
    Optional<TaskSpec> spec,
    boolean releaseByTime,
    ExecutionPhase phase,
    List<RequestId> requests,
    Optional<JournalId> sentTo,
    long newestEvent,
    Optional<StopReason> stop,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    Optional<Outcome> outcome,
    Optional<Outcome> late,
    long stdoutBytes,
    long stderrBytes) {
  public LinkExecution {
    requests = List.copyOf(requests);
  }

  static LinkExecution assigned(TaskSpec spec, boolean releaseByTime) {
    return new LinkExecution(
        spec.execution(),
        Optional.of(spec),
        releaseByTime,
        ExecutionPhase.QUEUED,
        List.of(),
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        0);
  }

  LinkExecution sending(RequestId request, Optional<JournalId> agentJournal) {
    List<RequestId> more = new ArrayList<>(requests);
    more.add(request);
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        ExecutionPhase.SENT,
        more,
        agentJournal,
        newestEvent,
        stop,
        startedAt,
        endedAt,
        outcome,
        late,
        stdoutBytes,
        stderrBytes);
  }

  LinkExecution stopping(StopReason reason) {
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        phase,
        requests,
        sentTo,
        newestEvent,
        Optional.of(reason),
        startedAt,
        endedAt,
        outcome,
        late,
        stdoutBytes,
        stderrBytes);
  }

  LinkExecution at(ExecutionPhase next, long event) {
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        next,
        requests,
        sentTo,
        event,
        stop,
        startedAt,
        endedAt,
        outcome,
        late,
        stdoutBytes,
        stderrBytes);
  }

  LinkExecution started(Optional<Instant> at) {
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        phase,
        requests,
        sentTo,
        newestEvent,
        stop,
        startedAt.or(() -> at),
        endedAt,
        outcome,
        late,
        stdoutBytes,
        stderrBytes);
  }

  /** The outcome, or what is added to the verdict when it was called lost before. */
  LinkExecution ended(Outcome how, Optional<Instant> at, long stdout, long stderr) {
    boolean lost = phase == ExecutionPhase.LOST;
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        lost ? phase : ExecutionPhase.ENDED,
        requests,
        sentTo,
        newestEvent,
        stop,
        startedAt,
        lost ? endedAt : at,
        lost ? outcome : Optional.of(how),
        lost ? Optional.of(how) : late,
        stdout,
        stderr);
  }

  LinkExecution lost(String why, Instant at) {
    return new LinkExecution(
        id,
        spec,
        releaseByTime,
        ExecutionPhase.LOST,
        requests,
        sentTo,
        newestEvent,
        stop,
        startedAt,
        Optional.of(at),
        Optional.of(new Outcome.Lost(why)),
        late,
        stdoutBytes,
        stderrBytes);
  }

  /** Whether the agent said all that it will ever say of it. */
  public boolean isSettled() {
    return phase == ExecutionPhase.ENDED || (phase == ExecutionPhase.LOST && late.isPresent());
  }

  /** As the reconciliation sees it; what was never sent has nothing to be reconciled. */
  Optional<MasterRecord> record() {
    MasterRecord.Phase as =
        switch (phase) {
          case QUEUED -> null;
          case SENT -> MasterRecord.Phase.SENT;
          case ACCEPTED -> MasterRecord.Phase.ACCEPTED;
          case RUNNING, STOPPING -> MasterRecord.Phase.RUNNING;
          case ENDED -> MasterRecord.Phase.ENDED;
          case LOST -> MasterRecord.Phase.LOST;
        };
    return Optional.ofNullable(as)
        .map(known -> new MasterRecord(id, known, requests, sentTo, stop.isPresent()));
  }
}
