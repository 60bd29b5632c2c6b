package io.holdfast.master.audit;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which statements a time line shows. One of the first four is given.
 *
 * @param from not before this
 * @param to not after this
 */
public record Wanted(
    Optional<String> job,
    Optional<RunId> run,
    Optional<ExecutionId> execution,
    Optional<String> agent,
    Optional<Instant> from,
    Optional<Instant> to) {

  /** Whether it is about what is asked for. What happens to a run happens to its executions. */
  boolean wants(Subject about) {
    if (execution.isPresent()) {
      return about.execution().equals(execution)
          || (about.execution().isEmpty() && about.run().equals(execution.map(ExecutionId::run)));
    }
    if (run.isPresent()) {
      return about.run().equals(run);
    }
    return job.isPresent() ? about.job().equals(job) : about.agent().equals(agent);
  }

  /** Whether there may be anything in a persistence id. */
  boolean mayBeIn(Origin origin, String id) {
    Ids.Kind kind = Ids.kindOf(id);
    Optional<String> ofJob =
        execution.map(e -> e.job().value()).or(() -> run.map(r -> r.job().value())).or(() -> job);
    return switch (kind.type()) {
      case JOB -> ofJob.isEmpty() || ofJob.get().equals(kind.name());
      case TASK ->
          ofJob.isEmpty()
              ? origin.agent().equals(agent)
              : kind.execution().filter(e -> e.job().value().equals(ofJob.get())).isPresent();
      case LINK -> agent.isEmpty() || agent.get().equals(kind.name());
      case SESSION -> agent.isEmpty() || origin.agent().equals(agent);
      case CATALOG -> job.isPresent();
      case OTHER -> false;
    };
  }

  boolean wants(Instant at) {
    return from.filter(at::isBefore).isEmpty() && to.filter(at::isAfter).isEmpty();
  }
}
