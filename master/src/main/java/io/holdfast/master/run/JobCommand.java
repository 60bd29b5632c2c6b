package io.holdfast.master.run;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** What can be asked of a job, or told to it. */
public sealed interface JobCommand {
  /** Whether it brings what became of an execution after the verdict. */
  default boolean isLate() {
    return false;
  }

  /** Define it, or define it anew; runs that have begun keep their definition. */
  record Define(JobDefinition definition) implements JobCommand {}

  /** Define it, unless it knows itself how it is defined. */
  record DefineUnlessKnown(JobDefinition definition) implements JobCommand {}

  /**
   * A run with these parameters, already checked and complete.
   *
   * @param by who asks for it, if he says so
   */
  record RequestRun(
      SortedMap<String, String> parameters, Optional<String> requestId, Optional<String> by)
      implements JobCommand {
    public RequestRun {
      by = by == null ? Optional.empty() : by;
    }

    /** Nobody says who asks for it. */
    public RequestRun(SortedMap<String, String> parameters, Optional<String> requestId) {
      this(parameters, requestId, Optional.empty());
    }
  }

  /**
   * The run is to end.
   *
   * @param by who asks for it, if he says so
   */
  record Cancel(RunId run, String reason, Optional<String> by) implements JobCommand {
    public Cancel {
      by = by == null ? Optional.empty() : by;
    }

    /** Nobody says who asks for it. */
    public Cancel(RunId run, String reason) {
      this(run, reason, Optional.empty());
    }
  }

  /** The link knows how an execution ended. */
  record End(
      ExecutionId execution,
      Outcome outcome,
      Optional<Instant> startedAt,
      Optional<Instant> endedAt)
      implements JobCommand {}

  /** The link learned what became of an execution that it had called lost. */
  record Amend(End verdict, Outcome late) implements JobCommand {
    @Override
    public boolean isLate() {
      return true;
    }

    ExecutionId execution() {
      return verdict.execution();
    }
  }

  /**
   * An agent holds an execution that this job's journal has lost.
   *
   * @param then how it ended, if that is known
   */
  record Adopt(
      ExecutionId execution,
      AgentId agent,
      Optional<FencingToken> token,
      Optional<Instant> startedAt,
      Optional<JobCommand> then)
      implements JobCommand {
    @Override
    public boolean isLate() {
      return then.filter(JobCommand::isLate).isPresent();
    }
  }

  /** An agent has seen these numbers of this job: none of them may be used again. */
  record RaiseNumbering(long run, FencingToken token) implements JobCommand {}

  /**
   * A link tells all that it holds of this job, of whose journal a part is lost.
   *
   * @param run the highest run number of this job that link or agent have seen; 0 when none
   * @param token the highest fencing token of this job that they have seen
   */
  record LinkAnswered(AgentId agent, long run, FencingToken token, List<Adopt> held)
      implements JobCommand {
    public LinkAnswered {
      held = List.copyOf(held);
    }
  }

  /** A link of whose journal a part is lost has found this alive: is it still waited for? */
  record FoundAlive(ExecutionId execution, AgentId agent) implements JobCommand {}

  /** The fleet has changed: perhaps something that waits can begin. */
  record Proceed() implements JobCommand {}
}
