package io.holdfast.master.run;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/** What happened to a job and its runs. {@code at} is the master's wall clock: for people. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = JobEvent.Defined.class, name = "defined"),
  @JsonSubTypes.Type(value = JobEvent.RunRequested.class, name = "run-requested"),
  @JsonSubTypes.Type(value = JobEvent.CancelRequested.class, name = "cancel-requested"),
  @JsonSubTypes.Type(value = JobEvent.ExecutionBegun.class, name = "execution-begun"),
  @JsonSubTypes.Type(value = JobEvent.ExecutionEnded.class, name = "execution-ended"),
  @JsonSubTypes.Type(value = JobEvent.ExecutionAmended.class, name = "execution-amended"),
  @JsonSubTypes.Type(value = JobEvent.NumberingRaised.class, name = "numbering-raised"),
  @JsonSubTypes.Type(value = JobEvent.RunAdopted.class, name = "run-adopted"),
  @JsonSubTypes.Type(value = JobEvent.RunEnded.class, name = "run-ended"),
  @JsonSubTypes.Type(value = JobEvent.JournalDamaged.class, name = "journal-damaged"),
  @JsonSubTypes.Type(value = JobEvent.LinkHeard.class, name = "link-heard"),
  @JsonSubTypes.Type(value = JobEvent.AllLinksHeard.class, name = "all-links-heard"),
  @JsonSubTypes.Type(value = JobEvent.VariableSet.class, name = "variable-set"),
  @JsonSubTypes.Type(value = JobEvent.NoteAdded.class, name = "note-added"),
  @JsonSubTypes.Type(value = JobEvent.ProgressMade.class, name = "progress-made")
})
public sealed interface JobEvent {
  Instant at();

  /** The job was defined, or defined anew. */
  record Defined(JobDefinition definition, Instant at) implements JobEvent {}

  /**
   * A run was promised to a caller. {@code requestId} is the caller's, to be told from a repeat.
   *
   * @param by who asked for it, in the operator's words; empty where nobody said so
   */
  record RunRequested(
      RunId run,
      SortedMap<String, String> parameters,
      Optional<String> requestId,
      Optional<String> by,
      Instant at)
      implements JobEvent {
    public RunRequested {
      requestId = requestId == null ? Optional.empty() : requestId;
      by = by == null ? Optional.empty() : by;
    }

    /** Nobody said who asked for it. */
    public RunRequested(
        RunId run, SortedMap<String, String> parameters, Optional<String> requestId, Instant at) {
      this(run, parameters, requestId, Optional.empty(), at);
    }
  }

  /**
   * Somebody wants the run to end.
   *
   * @param by who, in the operator's words; empty where nobody said so
   */
  record CancelRequested(RunId run, String reason, Optional<String> by, Instant at)
      implements JobEvent {
    public CancelRequested {
      by = by == null ? Optional.empty() : by;
    }

    /** Nobody said who. */
    public CancelRequested(RunId run, String reason, Instant at) {
      this(run, reason, Optional.empty(), at);
    }
  }

  /** An execution may begin: the only place that decides so. */
  record ExecutionBegun(ExecutionId execution, AgentId agent, FencingToken token, Instant at)
      implements JobEvent {}

  /** An execution has its outcome, and nothing of it lives any more. */
  record ExecutionEnded(
      ExecutionId execution,
      Outcome outcome,
      Optional<Instant> startedAt,
      Optional<Instant> endedAt,
      Instant at)
      implements JobEvent {
    public ExecutionEnded {
      startedAt = startedAt == null ? Optional.empty() : startedAt;
      endedAt = endedAt == null ? Optional.empty() : endedAt;
    }
  }

  /** What became of an execution after it was called lost; the verdict stays. */
  record ExecutionAmended(ExecutionId execution, Outcome outcome, Instant at) implements JobEvent {}

  /** Numbers up to these were used by what this journal has lost: none is used again. */
  record NumberingRaised(long run, FencingToken token, Instant at) implements JobEvent {}

  /**
   * An agent holds an execution that this journal has lost: its run is in the history again, with
   * what the agent knows of it.
   */
  record RunAdopted(
      ExecutionId execution,
      AgentId agent,
      Optional<FencingToken> token,
      Optional<Instant> startedAt,
      Instant at)
      implements JobEvent {
    public RunAdopted {
      token = token == null ? Optional.empty() : token;
      startedAt = startedAt == null ? Optional.empty() : startedAt;
    }
  }

  /** The run has its result. */
  record RunEnded(RunId run, RunResult result, String message, Instant at) implements JobEvent {}

  /**
   * What came after the events before this one is lost with a part of the journal.
   *
   * @param number of this event in the journal, far above every one that was ever given
   * @param what what is wrong with it, as half a sentence
   */
  record JournalDamaged(long number, String what, Instant at) implements JobEvent {}

  /** The link of this agent has told what it holds of the job, of whose journal a part is lost. */
  record LinkHeard(AgentId agent, Instant at) implements JobEvent {}

  /** Every link has: what may live of the job is known again. */
  record AllLinksHeard(Instant at) implements JobEvent {}

  /** A task set a variable of its run; {@code token} is that of its execution. */
  record VariableSet(
      ExecutionId execution,
      FencingToken token,
      String name,
      String value,
      TaskCall.Id call,
      Optional<String> key,
      Instant at)
      implements JobEvent {
    public VariableSet {
      key = key == null ? Optional.empty() : key;
    }
  }

  /** A task added a line to the history of its run. */
  record NoteAdded(
      ExecutionId execution, String text, TaskCall.Id call, Optional<String> key, Instant at)
      implements JobEvent {
    public NoteAdded {
      key = key == null ? Optional.empty() : key;
    }
  }

  /** A task told how far it is; between two of these others may have been passed over. */
  record ProgressMade(ExecutionId execution, int percent, String text, TaskCall.Id call, Instant at)
      implements JobEvent {}
}
