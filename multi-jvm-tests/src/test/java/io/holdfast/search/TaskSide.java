package io.holdfast.search;

import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Exchange;
import java.util.List;

/**
 * One task at an agent: its journal, its process, and what the JVM still has to do for it.
 *
 * @param state hard
 * @param process hard: files and processes
 * @param todo soft: directives that are not performed, or not done, as bits
 * @param unsent soft: events that no answer carried yet
 */
record TaskSide(TaskState state, ProcessSide process, int todo, List<Exchange.Report> unsent) {
  /** The wrapper is to be launched. */
  static final int LAUNCH = 1;

  /** It was launched; whether it has the claim is not known yet. */
  static final int LAUNCHED = 2;

  /** The claim is to be taken, or the process that has it taken up. */
  static final int ADOPT = 4;

  /** {@code killed} is to be written. */
  static final int STOP = 8;

  /** It is being stopped: waits until nothing lives. */
  static final int STOPPING = 16;

  /** Directory and events are to be deleted. */
  static final int DELETE = 32;

  /** Somebody waits for the end. */
  static final int WATCH = 64;

  /** It had ended by itself when the stop began. */
  static final int ENDED_BEFORE = 128;

  static final TaskSide NOTHING =
      new TaskSide(TaskState.UNKNOWN, ProcessSide.NOTHING, 0, List.of());

  boolean has(int what) {
    return (todo & what) != 0;
  }

  TaskSide with(ProcessSide next) {
    return new TaskSide(state, next, todo, unsent);
  }

  TaskSide todo(int next) {
    return new TaskSide(state, process, next, unsent);
  }

  TaskSide sent() {
    return unsent.isEmpty() ? this : new TaskSide(state, process, todo, List.of());
  }

  /** What is left of it when the JVM is killed. */
  TaskSide crashed() {
    return new TaskSide(state, process, 0, List.of());
  }
}
