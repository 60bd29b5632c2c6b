package io.holdfast.master.audit;

import io.holdfast.protocol.task.TaskEvent;

/** The events of a task in words. */
final class TaskWords {
  private TaskWords() {}

  /** A sentence about the task: {@code the order was accepted}. */
  static String tell(TaskEvent event) {
    if (event instanceof TaskEvent.Accepted accepted) {
      return "the order was accepted, fencing token " + accepted.spec().fencingToken();
    }
    if (event instanceof TaskEvent.Repeated) {
      return "the same order came again, which changes nothing";
    }
    if (event instanceof TaskEvent.Started started) {
      return "process " + started.process().pid() + " has started";
    }
    if (event instanceof TaskEvent.StopBegun) {
      return "its processes are being stopped";
    }
    if (event instanceof TaskEvent.Finished finished) {
      return "nothing of it lives any more: %s; output %d and %d bytes"
          .formatted(finished.outcome().words(), finished.stdoutBytes(), finished.stderrBytes());
    }
    if (event instanceof TaskEvent.Tombstoned) {
      return "it was never heard of, and can never start";
    }
    if (event instanceof TaskEvent.Released) {
      return "it may be forgotten";
    }
    if (event instanceof TaskEvent.JournalDamaged) {
      return "a part of its journal is lost, so whatever may live of it is ended";
    }
    throw new IllegalArgumentException("no words for " + event);
  }

  /** By what, as far as the event says. */
  static String cause(TaskEvent event) {
    if (event instanceof TaskEvent.Accepted accepted) {
      return "request %s, of the master's journal %s"
          .formatted(accepted.request(), accepted.masterJournal());
    }
    if (event instanceof TaskEvent.Repeated repeated) {
      return "request " + repeated.request();
    }
    if (event instanceof TaskEvent.Started started) {
      return "it took the claim; boot " + started.process().bootId();
    }
    if (event instanceof TaskEvent.StopBegun stop) {
      return stop.reason().word();
    }
    if (event instanceof TaskEvent.Finished finished) {
      return finished.endedAt().map(at -> "its own record says that it ended " + at).orElse("");
    }
    if (event instanceof TaskEvent.Tombstoned tombstoned) {
      return "asked about by the master's journal " + tombstoned.masterJournal();
    }
    if (event instanceof TaskEvent.Released) {
      return "the master has outcome and output";
    }
    if (event instanceof TaskEvent.JournalDamaged damaged) {
      return damaged.what();
    }
    throw new IllegalArgumentException("no words for " + event);
  }
}
