package io.holdfast.master.audit;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.util.Optional;

/**
 * What a statement is about; what it is not about is empty. An execution names its run and job, a
 * run its job.
 */
public record Subject(
    Optional<String> job,
    Optional<RunId> run,
    Optional<ExecutionId> execution,
    Optional<String> agent) {

  static Subject job(String name) {
    return new Subject(Optional.of(name), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static Subject run(RunId run) {
    return new Subject(
        Optional.of(run.job().value()), Optional.of(run), Optional.empty(), Optional.empty());
  }

  static Subject execution(ExecutionId id) {
    return new Subject(
        Optional.of(id.job().value()), Optional.of(id.run()), Optional.of(id), Optional.empty());
  }

  static Subject agent(String name) {
    return new Subject(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(name));
  }

  static Subject none() {
    return new Subject(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same, on an agent. */
  Subject on(String name) {
    return new Subject(job, run, execution, Optional.of(name));
  }
}
