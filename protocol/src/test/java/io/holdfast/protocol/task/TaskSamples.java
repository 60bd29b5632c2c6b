package io.holdfast.protocol.task;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One of everything that can happen to a task, and a task in each situation of its life. */
final class TaskSamples {
  static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  static final ExecutionId EXECUTION = ExecutionId.parse("tick#1.1");
  static final JournalId MASTER = new JournalId("m1");
  static final RequestId FIRST = EXECUTION.request(1);
  static final RequestId SECOND = EXECUTION.request(2);
  static final ProcessInfo PROCESS = new ProcessInfo(4711, 99, "boot");
  static final TaskSpec SPEC =
      new TaskSpec(
          EXECUTION,
          new FencingToken(7),
          "true",
          new TreeMap<>(),
          Optional.empty(),
          Duration.ofSeconds(15),
          ConnectionLossPolicy.STOP_AFTER_LEASE);

  static final TaskEvent DAMAGED =
      new TaskEvent.JournalDamaged(1_000_000, "the checksum does not match", NOW);

  private TaskSamples() {}

  /** Commands by the word that the tables use for them. */
  static Map<String, TaskCommand> commands() {
    Map<String, TaskCommand> all = new LinkedHashMap<>();
    all.put("Start", new TaskCommand.Start(SPEC, FIRST, MASTER, "boot-1", Optional.empty()));
    all.put("StartAgain", new TaskCommand.Start(SPEC, SECOND, MASTER, "boot-1", Optional.empty()));
    all.put(
        "StartFull", new TaskCommand.Start(SPEC, FIRST, MASTER, "boot-1", Optional.of("limit 8")));
    all.put("Stop", new TaskCommand.Stop(StopReason.CANCELLED));
    all.put("GiveUp", new TaskCommand.GiveUp(MASTER));
    all.put("Release", new TaskCommand.Release());
    all.put("ProcessStarted", new TaskCommand.ProcessStarted(PROCESS));
    all.put(
        "ProcessEnded",
        new TaskCommand.ProcessEnded(new Outcome.Exited(0), 10, 0, Optional.of(NOW)));
    return all;
  }

  static List<TaskEvent> events() {
    return List.of(
        new TaskEvent.Accepted(SPEC, FIRST, MASTER, "boot-1", NOW),
        new TaskEvent.Repeated(SECOND, NOW),
        new TaskEvent.Started(PROCESS, NOW),
        new TaskEvent.StopBegun(StopReason.CANCELLED, NOW),
        new TaskEvent.Finished(new Outcome.Exited(0), 10, 0, Optional.of(NOW), NOW),
        new TaskEvent.Tombstoned(MASTER, NOW),
        new TaskEvent.Released(NOW),
        DAMAGED);
  }

  /** Situations by the word that the tables use for them, each reached by commands alone. */
  static Map<String, TaskState> situations() {
    Map<String, TaskState> all = new LinkedHashMap<>();
    all.put("UNKNOWN", TaskState.UNKNOWN);
    all.put("ACCEPTED", after("Start"));
    all.put("RUNNING", after("Start", "ProcessStarted"));
    all.put("STOPPING-unclaimed", after("Start", "Stop"));
    all.put("STOPPING-claimed", after("Start", "ProcessStarted", "Stop"));
    all.put("FINISHED", after("Start", "ProcessStarted", "ProcessEnded"));
    all.put("FINISHED-refused", after("StartFull"));
    all.put("TOMBSTONED", after("GiveUp"));
    all.put("RELEASED", after("Start", "ProcessEnded", "Release"));
    all.put("RELEASED-tombstone", after("GiveUp", "Release"));
    return all;
  }

  /** The same of tasks of which a part of the journal is lost. */
  static Map<String, TaskState> damaged() {
    Map<String, TaskState> all = new LinkedHashMap<>();
    all.put("STOPPING-damaged", TaskRules.evolve(after("Start", "ProcessStarted"), DAMAGED));
    all.put("STOPPING-damaged-unknown", TaskRules.evolve(TaskState.UNKNOWN, DAMAGED));
    all.put("FINISHED-damaged", TaskRules.evolve(after("StartFull"), DAMAGED));
    return all;
  }

  static TaskState after(String... commands) {
    TaskState state = TaskState.UNKNOWN;
    for (String command : commands) {
      state = replay(state, TaskRules.decide(state, commands().get(command), NOW).events());
    }
    return state;
  }

  static TaskState replay(TaskState from, List<TaskEvent> events) {
    TaskState state = from;
    for (TaskEvent event : new ArrayList<>(events)) {
      state = TaskRules.evolve(state, event);
    }
    return state;
  }
}
