package io.holdfast.storm;

import io.holdfast.harness.LocalSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of a system's tasks, found by the marks in their environment. */
final class TaskProcesses {
  private static final String WRAPPER = "HOLDFAST_WRAPPER=";
  private static final String TASK = "HOLDFAST_TASK=";

  /** What a process is to its task. */
  enum Role {
    /** Waits for the end to write it down. */
    WRAPPER,
    /** The job itself, whose group is the task's. */
    LEADER,
    /** Whatever the job has begun. */
    DESCENDANT
  }

  /** One process, and whose it is. Signals go to this very process, or to none. */
  record TaskProcess(ProcessHandle handle, String execution, Role role) {
    void kill() {
      boolean unused = handle.destroyForcibly();
    }

    void stop() throws IOException, InterruptedException {
      signal("STOP");
    }

    void resume() throws IOException, InterruptedException {
      signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
      if (handle.isAlive()) {
        Guardians.signal(handle.pid(), name);
      }
    }
  }

  private TaskProcesses() {}

  /** All that live of the tasks of a system. */
  static List<TaskProcess> of(LocalSystem system) {
    List<TaskProcess> found = new ArrayList<>();
    for (long pid : system.processes()) {
      ProcessHandle.of(pid).flatMap(TaskProcesses::read).ifPresent(found::add);
    }
    return found;
  }

  private static Optional<TaskProcess> read(ProcessHandle handle) {
    boolean ofWrapper =
        handle.parent().flatMap(parent -> execution(parent.pid(), WRAPPER)).isPresent();
    Optional<String> wrapped = execution(handle.pid(), WRAPPER);
    if (wrapped.isPresent()) {
      // A wrapper's child is about to become the job, and neither the one nor the other.
      return wrapped
          .filter(execution -> !ofWrapper)
          .map(execution -> new TaskProcess(handle, execution, Role.WRAPPER));
    }
    return execution(handle.pid(), TASK)
        .map(
            execution ->
                new TaskProcess(handle, execution, ofWrapper ? Role.LEADER : Role.DESCENDANT));
  }

  private static Optional<String> execution(long pid, String mark) {
    for (String variable : environment(pid).split("\0")) {
      if (variable.startsWith(mark)) {
        return Optional.of(variable.substring(variable.indexOf('/') + 1).split("@", 2)[0]);
      }
    }
    return Optional.empty();
  }

  private static String environment(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
