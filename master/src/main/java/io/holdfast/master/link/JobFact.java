package io.holdfast.master.link;

import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.AgentId;
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

  private static Optional<JobCommand> outcome(LinkExecution execution) {
    if (execution.outcome().isEmpty()) {
      return Optional.empty();
    }
    boolean ours = execution.whose() == Whose.OURS;
    var end =
        new JobCommand.End(
            execution.id(),
            execution.outcome().get(),
            ours ? execution.startedAt() : Optional.empty(),
            execution.endedAt());
    // A former master's outcome is nothing to add to what this one promised.
    return execution.late().isPresent() && execution.whose() != Whose.FOREIGN
        ? Optional.of(new JobCommand.Amend(end, execution.late().get()))
        : Optional.of(end);
  }
}
