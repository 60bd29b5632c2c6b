package io.holdfast.master.run;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest progress of each execution that the journal will take later: soft, and lost with the
 * master's life, because a newer one follows. At most one for each execution that runs.
 */
final class LaterProgress {
  private final Map<ExecutionId, JobEvent.ProgressMade> waiting = new LinkedHashMap<>();

  /** Whether this was told again though it has its answer: it must not hide the newer one. */
  boolean isOlder(TaskCall call) {
    JobEvent.ProgressMade newer = waiting.get(call.execution());
    return newer != null
        && call.ask() instanceof TaskCall.Progress
        && newer.call().incarnation().equals(call.id().incarnation())
        && newer.call().number() > call.id().number();
  }

  /** What became of a call: the newest progress counts. */
  void heard(TaskCall call, Optional<JobEvent.ProgressMade> later) {
    if (call.ask() instanceof TaskCall.Progress) {
      waiting.remove(call.execution());
      later.ifPresent(made -> waiting.put(call.execution(), made));
    }
  }

  /** What the journal takes now. */
  List<JobEvent> takeDue(JobState state, Instant now) {
    List<JobEvent> due =
        waiting.values().stream()
            .flatMap(made -> TaskCallRules.due(state, made, now).stream())
            .toList();
    due.forEach(event -> waiting.remove(((JobEvent.ProgressMade) event).execution()));
    return due;
  }

  /** What the journal takes before this execution ends. */
  List<JobEvent> takeLast(JobState state, ExecutionId ending) {
    JobEvent.ProgressMade last = waiting.remove(ending);
    return last != null && state.execution(ending).filter(ExecutionRecord::isOpen).isPresent()
        ? List.of(last)
        : List.of();
  }
}
