package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.MasterRecord;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
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
 * @param late what became of it after it was called lost, or of the other task under its id
 * @param whose whose task the agent holds under this id
 * @param found the fencing token of a task that was found at the agent
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
    long stderrBytes,
    Whose whose,
    Optional<FencingToken> found) {
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
        0,
        Whose.OURS,
        Optional.empty());
  }

  /** A job gives it to the link, which has found another task under its id. */
  LinkExecution claimed(TaskSpec ours) {
    Whose other = whose == Whose.FOREIGN ? whose : Whose.EARLIER;
    boolean over = phase == ExecutionPhase.ENDED;
    return new LinkExecution(
        id,
        Optional.of(ours),
        releaseByTime,
        phase,
        requests,
        sentTo,
        newestEvent,
        stop,
        startedAt,
        endedAt,
        over ? Optional.of(refusal(other)) : outcome,
        over ? late.or(() -> outcome) : late,
        stdoutBytes,
        stderrBytes,
        other,
        found);
  }

  /** What the agent holds under this id is not what this journal sent. */
  LinkExecution notOurs(Whose other) {
    return new LinkExecution(
        id,
        spec,
        false,
        phase,
        requests,
        sentTo,
        newestEvent,
        stop,
        startedAt,
        endedAt,
        outcome,
        late,
        stdoutBytes,
        stderrBytes,
        other,
        found);
  }

  private static Outcome refusal(Whose other) {
    return new Outcome.Refused(
        other == Whose.FOREIGN
            ? "the agent holds this id from a former master of this name; nothing of this one ran"
            : "its number was used before this master's journal lost its tail; nothing of this one"
                + " ran");
  }

  /** Whether the events of {@code report} are those of the task that this record is about. */
  boolean isAbout(Exchange.Report report) {
    return report.foreign().isEmpty() || whose == Whose.FOREIGN;
  }

  /** Its fencing token: as it was assigned, or as it was found. */
  Optional<FencingToken> token() {
    return spec.map(TaskSpec::fencingToken).or(() -> found);
  }

  /** Whether the task that the agent has under this id is that of this execution. */
  public boolean isOurs() {
    return whose == Whose.OURS;
  }

  /** Whether only the agent knew of it: no job gave it to the link. */
  boolean isAdopted() {
    return whose == Whose.OURS && spec.isEmpty();
  }

  /** Whether a job waits to hear how it ended. */
  boolean concernsJob() {
    return whose != Whose.FOREIGN || spec.isPresent();
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
        stderrBytes,
        whose,
        found);
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
        stderrBytes,
        whose,
        found);
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
        stderrBytes,
        whose,
        found);
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
        stderrBytes,
        whose,
        found);
  }

  /** The outcome, or what is added to the verdict when it was called lost before. */
  LinkExecution ended(Outcome how, Optional<Instant> at, long stdout, long stderr) {
    boolean lost = phase == ExecutionPhase.LOST;
    Optional<Outcome> verdict = lost ? outcome : Optional.of(how);
    boolean added = lost;
    if (!lost && whose != Whose.OURS) {
      // What ended is another task; of ours, if there was one, nothing ever ran.
      verdict = spec.isPresent() ? Optional.of(refusal(whose)) : Optional.empty();
      added = true;
    }
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
        verdict,
        added ? Optional.of(how) : late,
        stdout,
        stderr,
        whose,
        found);
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
        stderrBytes,
        whose,
        found);
  }

  /** Whether the agent said all that it will ever say of it. */
  boolean isSettled() {
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
        .map(
            known ->
                new MasterRecord(
                    id,
                    known,
                    requests,
                    sentTo,
                    stop.isPresent(),
                    whose == Whose.OURS ? token() : Optional.empty()));
  }
}
