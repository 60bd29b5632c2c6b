package io.holdfast.master.run;

import io.holdfast.protocol.id.RunId;
import java.util.Optional;

/** Which run an event changed, so that it is shown. */
final class ChangedRun {
  private ChangedRun() {}

  static Optional<RunId> of(JobEvent event) {
    if (event instanceof JobEvent.RunRequested e) {
      return Optional.of(e.run());
    }
    if (event instanceof JobEvent.CancelRequested e) {
      return Optional.of(e.run());
    }
    if (event instanceof JobEvent.RunEnded e) {
      return Optional.of(e.run());
    }
    if (event instanceof JobEvent.ExecutionBegun e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.RunAdopted e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.ExecutionEnded e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.ExecutionAmended e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.VariableSet e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.NoteAdded e) {
      return Optional.of(e.execution().run());
    }
    if (event instanceof JobEvent.ProgressMade e) {
      return Optional.of(e.execution().run());
    }
    return Optional.empty();
  }
}
