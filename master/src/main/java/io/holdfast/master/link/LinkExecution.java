package io.holdfast.master.link;

import com.fasterxml.jackson.annotation.JsonIgnore;
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
 * @param sentTo the data directory of the agent that the newest request was for, or in which it was
 *     found alive
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

  /**
   * A job waits for it, and this link has lost what became of it.
   *
   * @param agentJournal the data directory that it was sent to, if it was
   */
  static LinkExecution unsure(
      TaskSpec spec, boolean releaseByTime, Optional<JournalId> agentJournal) {
    return assigned(spec, releaseByTime).unsure(agentJournal);
  }

  /** What became of it, when it had been queued or sent, is lost. */
  LinkExecution unsure(Optional<JournalId> agentJournal) {
    Change change = new Change(this);
    change.phase = ExecutionPhase.UNSURE;
    if (requests.isEmpty()) {
      change.requests = List.of(id.request(1));
      change.sentTo = agentJournal;
    }
    return change.made();
  }

  /** It was never sent after all. */
  LinkExecution queued() {
    Change change = new Change(this);
    change.phase = ExecutionPhase.QUEUED;
    change.requests = List.of();
    change.sentTo = Optional.empty();
    return change.made();
  }

  /** A job waits for what was found at the agent, and it is the same. */
  LinkExecution recognised(TaskSpec ours, boolean byTime) {
    if (found.filter(token -> !token.equals(ours.fencingToken())).isPresent()) {
      return claimed(ours);
    }
    Change change = new Change(this);
    change.spec = Optional.of(ours);
    change.releaseByTime = byTime;
    if (whose == Whose.FOREIGN) {
      change.whose = Whose.OURS;
      change.outcome = outcome.or(() -> late);
      change.late = outcome.isEmpty() ? Optional.empty() : late;
    }
    return change.made();
  }

  /** A job gives it to the link, which has found another task under its id. */
  LinkExecution claimed(TaskSpec ours) {
    Change change = new Change(this);
    change.spec = Optional.of(ours);
    change.whose = whose == Whose.FOREIGN ? whose : Whose.EARLIER;
    if (phase == ExecutionPhase.ENDED) {
      change.outcome = Optional.of(refusal(change.whose));
      change.late = late.or(() -> outcome);
    }
    return change.made();
  }

  /** What the agent holds under this id is not what this journal sent. */
  LinkExecution notOurs(Whose other) {
    Change change = new Change(this);
    change.releaseByTime = false;
    change.whose = other;
    return change.made();
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
  @JsonIgnore
  public boolean isOurs() {
    return whose == Whose.OURS;
  }

  /** Whether only the agent knew of it: no job gave it to the link. */
  boolean isAdopted() {
    return whose == Whose.OURS && spec.isEmpty();
  }

  /**
   * Whether the agent has lost who ordered it, and no job has said that it waits for it: one may do
   * so yet, unless it is told before how it ended.
   */
  boolean isNobodys() {
    return whose == Whose.FOREIGN && spec.isEmpty() && found.isEmpty();
  }

  /** Whether a job waits to hear how it ended. */
  boolean concernsJob() {
    return whose != Whose.FOREIGN || spec.isPresent() || isNobodys();
  }

  LinkExecution sending(RequestId request, Optional<JournalId> agentJournal) {
    Change change = new Change(this);
    change.phase = ExecutionPhase.SENT;
    change.requests = new ArrayList<>(requests);
    change.requests.add(request);
    change.sentTo = agentJournal;
    return change.made();
  }

  LinkExecution stopping(StopReason reason) {
    Change change = new Change(this);
    change.stop = Optional.of(reason);
    return change.made();
  }

  LinkExecution at(ExecutionPhase next, long event) {
    Change change = new Change(this);
    change.phase = next;
    change.newestEvent = event;
    return change.made();
  }

  /** It lives in this data directory of the agent, whatever was known of where it was sent. */
  LinkExecution foundIn(JournalId agentJournal) {
    Change change = new Change(this);
    change.sentTo = Optional.of(agentJournal);
    return change.made();
  }

  LinkExecution started(Optional<Instant> at) {
    Change change = new Change(this);
    change.startedAt = startedAt.or(() -> at);
    return change.made();
  }

  /** The outcome, or what is added to the verdict when it was called lost before. */
  LinkExecution ended(Outcome how, Optional<Instant> at, long stdout, long stderr) {
    Change change = new Change(this);
    change.stdoutBytes = stdout;
    change.stderrBytes = stderr;
    if (phase == ExecutionPhase.LOST) {
      change.late = Optional.of(how);
      return change.made();
    }
    change.phase = ExecutionPhase.ENDED;
    change.endedAt = at;
    if (whose == Whose.OURS) {
      change.outcome = Optional.of(how);
    } else {
      // What ended is another task; of ours, if there was one, nothing ever ran.
      change.outcome = spec.map(ours -> refusal(whose));
      change.late = Optional.of(how);
    }
    return change.made();
  }

  LinkExecution lost(String why, Instant at) {
    Change change = new Change(this);
    change.phase = ExecutionPhase.LOST;
    change.endedAt = Optional.of(at);
    change.outcome = Optional.of(new Outcome.Lost(why));
    return change.made();
  }

  /** Whether the agent said all that it will ever say of it. */
  @JsonIgnore
  public boolean isSettled() {
    return phase == ExecutionPhase.ENDED || (phase == ExecutionPhase.LOST && late.isPresent());
  }

  /**
   * As the reconciliation sees it; what was never sent has nothing to be reconciled.
   *
   * @param isWanted whether its job is known to wait for it
   */
  Optional<MasterRecord> record(boolean isWanted) {
    MasterRecord.Phase as =
        switch (phase) {
          case QUEUED -> null;
          case SENT -> MasterRecord.Phase.SENT;
          // Only what its job still waits for may be sent again: it may be long over.
          case UNSURE -> isWanted ? MasterRecord.Phase.SENT : MasterRecord.Phase.ACCEPTED;
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

  /** What changes about an execution; the rest stays. */
  private static final class Change {
    private final LinkExecution before;
    private Optional<TaskSpec> spec;
    private boolean releaseByTime;
    private ExecutionPhase phase;
    private List<RequestId> requests;
    private Optional<JournalId> sentTo;
    private long newestEvent;
    private Optional<StopReason> stop;
    private Optional<Instant> startedAt;
    private Optional<Instant> endedAt;
    private Optional<Outcome> outcome;
    private Optional<Outcome> late;
    private long stdoutBytes;
    private long stderrBytes;
    private Whose whose;

    Change(LinkExecution before) {
      this.before = before;
      spec = before.spec;
      releaseByTime = before.releaseByTime;
      phase = before.phase;
      requests = before.requests;
      sentTo = before.sentTo;
      newestEvent = before.newestEvent;
      stop = before.stop;
      startedAt = before.startedAt;
      endedAt = before.endedAt;
      outcome = before.outcome;
      late = before.late;
      stdoutBytes = before.stdoutBytes;
      stderrBytes = before.stderrBytes;
      whose = before.whose;
    }

    LinkExecution made() {
      return new LinkExecution(
          before.id,
          spec,
          releaseByTime,
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
          whose,
          before.found);
    }
  }
}
