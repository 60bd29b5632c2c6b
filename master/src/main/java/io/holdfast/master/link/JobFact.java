package io.holdfast.master.link;

import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.task.Outcome;
import java.util.Optional;

/** What a job has to be told of an execution, until it has it in its journal. */
final class JobFact {
  private JobFact() {}

  /** Nothing, while it runs or when it is none of the job's. */
  static Optional<JobCommand> of(LinkExecution execution, AgentId agent) {
    Optional<JobCommand> outcome = outcome(execution).filter(fact -> execution.concernsJob());
    return execution.isAdopted()
        ? Optional.of(
            new JobCommand.Adopt(
                execution.id(), agent, execution.token(), execution.startedAt(), outcome))
        : outcome;
  }

  /**
   * What is known of an execution that its job may have lost; nothing, if it is none of a job's.
   */
  static Optional<JobCommand.Adopt> held(LinkExecution execution, AgentId agent) {
    return execution.concernsJob()
        ? Optional.of(
            new JobCommand.Adopt(
                execution.id(),
                agent,
                execution.token(),
                execution.startedAt(),
                outcome(execution)))
        : Optional.empty();
  }

  /**
   * What a job has to be asked of an execution of before a cut, which lives: it may have given it
   * up since.
   */
  static Optional<JobCommand> doubt(LinkState state, LinkExecution execution, AgentId agent) {
    boolean lives = execution.phase().mayBeAlive() && execution.phase() != ExecutionPhase.UNSURE;
    return lives && state.isUnsure(execution.id()) && execution.concernsJob()
        ? Optional.of(new JobCommand.FoundAlive(execution.id(), agent))
        : Optional.empty();
  }

  private static Optional<JobCommand> outcome(LinkExecution execution) {
    Optional<Outcome> known = execution.isNobodys() ? execution.late() : execution.outcome();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    boolean ours = execution.whose() == Whose.OURS;
    var end =
        new JobCommand.End(
            execution.id(),
            known.get(),
            ours ? execution.startedAt() : Optional.empty(),
            execution.endedAt());
    // A former master's outcome is nothing to add to what this one promised.
    return execution.late().isPresent() && execution.whose() != Whose.FOREIGN
        ? Optional.of(new JobCommand.Amend(end, execution.late().get()))
        : Optional.of(end);
  }
}
