package io.holdfast.sim;

import io.holdfast.agent.session.SessionEvent;
import io.holdfast.agent.session.SessionState;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskState;
import java.util.TreeMap;

/** The data directory of an agent. */
final class Disk {
  /** What it holds of one master. */
  static final class Part {
    final Journal<SessionState, SessionEvent> session =
        new Journal<>(SessionState.NEVER_COUPLED, SessionState::evolve);
    final TreeMap<ExecutionId, Journal<TaskState, TaskEvent>> tasks = new TreeMap<>();
    final TreeMap<ExecutionId, TaskDir> directories = new TreeMap<>();
    boolean hasDeadline;
    long deadline;
    long grace;
    String deadlineBoot = "";
    boolean swept;
    int cleanScans;

    /** What the wall clock shows when the lease is over by it, and a little. */
    long wallDeadline;

    /** For the checks alone: when this master was last heard. */
    long heardAt;

    long proven;
    final Hold hold = new Hold();

    /** When its machine went on after a stand-still that no clock of it tells; -1 for never. */
    long thawedUnseen = -1;

    /** The highest epoch that was ever obeyed here, as the invariant counts it. */
    long obeyed;

    boolean isHeardSinceHold() {
      return proven > hold.since;
    }

    Journal<TaskState, TaskEvent> task(ExecutionId id) {
      return tasks.computeIfAbsent(
          id, missing -> new Journal<>(TaskState.UNKNOWN, TaskRules::evolve));
    }
  }

  final JournalId id;
  final Part[] parts;

  Disk(JournalId id, int masters) {
    this.id = id;
    this.parts = new Part[masters];
    for (int i = 0; i < masters; i++) {
      parts[i] = new Part();
    }
  }

  void lose() {
    for (Part part : parts) {
      part.session.lose();
      part.tasks.values().forEach(Journal::lose);
    }
  }
}
