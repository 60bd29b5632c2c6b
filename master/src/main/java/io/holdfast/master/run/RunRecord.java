package io.holdfast.master.run;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.UnaryOperator;

/** One run as its job remembers it. */
public record RunRecord(
    RunId id,
    SortedMap<String, String> parameters,
    Optional<String> requestId,
    Instant requestedAt,
    Optional<JobEvent.CancelRequested> cancel,
    List<ExecutionRecord> executions,
    Optional<JobEvent.RunEnded> end,
    Told told) {
  public RunRecord {
    executions = List.copyOf(executions);
  }

  boolean isOpen() {
    return end.isEmpty();
  }

  /** How much text is kept of it: parameters, and what its tasks told. */
  long characters() {
    long characters = told.characters();
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      characters += parameter.getKey().length() + parameter.getValue().length();
    }
    return characters;
  }

  /** The execution that may be alive, if there is one: not the newest, if that was adopted late. */
  Optional<ExecutionRecord> openExecution() {
    return executions.stream().filter(ExecutionRecord::isOpen).reduce((older, newer) -> newer);
  }

  /** The newest execution. */
  public Optional<ExecutionRecord> last() {
    return executions.isEmpty()
        ? Optional.empty()
        : Optional.of(executions.get(executions.size() - 1));
  }

  Optional<ExecutionRecord> execution(ExecutionId wanted) {
    return executions.stream().filter(e -> e.id().equals(wanted)).findFirst();
  }

  RunRecord with(JobEvent.CancelRequested event) {
    return new RunRecord(
        id, parameters, requestId, requestedAt, Optional.of(event), executions, end, told);
  }

  RunRecord with(JobEvent.RunEnded event) {
    return new RunRecord(
        id, parameters, requestId, requestedAt, cancel, executions, Optional.of(event), told);
  }

  RunRecord plus(ExecutionRecord execution) {
    List<ExecutionRecord> more = new ArrayList<>(executions);
    more.add(execution);
    // What is adopted may be older than what is here.
    more.sort(Comparator.comparing(ExecutionRecord::id));
    return new RunRecord(id, parameters, requestId, requestedAt, cancel, more, end, told);
  }

  RunRecord with(ExecutionId changed, UnaryOperator<ExecutionRecord> change) {
    return new RunRecord(
        id,
        parameters,
        requestId,
        requestedAt,
        cancel,
        executions.stream().map(e -> e.id().equals(changed) ? change.apply(e) : e).toList(),
        end,
        told);
  }

  RunRecord with(Told more) {
    return new RunRecord(id, parameters, requestId, requestedAt, cancel, executions, end, more);
  }
}
