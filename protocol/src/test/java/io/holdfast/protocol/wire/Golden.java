package io.holdfast.protocol.wire;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The messages that the files under {@code golden/} hold, by file name. A message that changes gets
 * a new entry and a new file; the old ones stay and stay readable.
 */
final class Golden {
  private static final ExecutionId EXECUTION = ExecutionId.parse("nightly-backup#42.1");
  private static final RequestId FIRST = EXECUTION.request(1);
  private static final RequestId SECOND = EXECUTION.request(2);
  private static final JournalId MASTER_JOURNAL = new JournalId("mj-5f3a");
  private static final SessionId SESSION = new SessionId("s-17");
  private static final Instant AT = Instant.parse("2026-11-22T15:00:00.123456Z");
  private static final Instant ENDED = Instant.parse("2026-11-22T15:00:01Z");
  private static final Duration ANCHOR = Duration.parse("PT86412.345678901S");

  private Golden() {}

  static Map<String, Object> messages() {
    Map<String, Object> all = new LinkedHashMap<>();
    TaskSpec spec =
        new TaskSpec(
            EXECUTION,
            new FencingToken(7),
            "#!/bin/sh\necho \"$PARAM_TARGET\"\n",
            new TreeMap<>(Map.of("TARGET", "/srv/ä b", "MODE", "")),
            Optional.of(Duration.ofMinutes(90)),
            Duration.ofSeconds(15),
            ConnectionLossPolicy.STOP_AFTER_LEASE);
    all.put("task-spec", spec);
    all.put(
        "task-spec-least",
        new TaskSpec(
            EXECUTION,
            new FencingToken(0),
            "",
            new TreeMap<>(),
            Optional.empty(),
            Duration.ZERO,
            ConnectionLossPolicy.KEEP));
    all.put("timing-policy", TimingPolicy.DEFAULT);

    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    outcomes.put("exited", new Outcome.Exited(3));
    outcomes.put("signalled", new Outcome.Signalled(9));
    outcomes.put("failed-to-start", new Outcome.FailedToStart("no space left on device"));
    outcomes.put("vanished", new Outcome.Vanished("the machine was restarted"));
    outcomes.put("refused", new Outcome.Refused("task limit 8 is reached"));
    outcomes.put("never-started", new Outcome.NeverStarted("given up before the claim"));
    outcomes.put("lost", new Outcome.Lost("the lease is over"));
    outcomes.forEach((name, outcome) -> all.put("outcome-" + name, outcome));
    for (StopReason reason : StopReason.values()) {
      all.put("outcome-stopped-" + reason.word(), new Outcome.Stopped(reason));
    }

    Map<String, TaskEvent> events = new LinkedHashMap<>();
    events.put("accepted", new TaskEvent.Accepted(spec, FIRST, MASTER_JOURNAL, "boot-1", AT));
    events.put("repeated", new TaskEvent.Repeated(SECOND, AT));
    events.put("started", new TaskEvent.Started(new ProcessInfo(4711, 123456, "b0-0t"), AT));
    events.put("stop-begun", new TaskEvent.StopBegun(StopReason.TIMEOUT, AT));
    events.put(
        "finished",
        new TaskEvent.Finished(new Outcome.Exited(0), 5_000_000_000L, 12, Optional.of(ENDED), AT));
    events.put("tombstoned", new TaskEvent.Tombstoned(MASTER_JOURNAL, AT));
    events.put("released", new TaskEvent.Released(AT));
    events.forEach((name, event) -> all.put("event-" + name, event));
    all.put(
        "event-journal-damaged",
        new TaskEvent.JournalDamaged(1_099_511_627_786L, "the checksum does not match", AT));
    all.put(
        "event-finished-at-unknown-time",
        new TaskEvent.Finished(new Outcome.Vanished("rebooted"), 0, 0, Optional.empty(), AT));

    Map<String, MasterCommand> commands = new LinkedHashMap<>();
    commands.put("start", new MasterCommand.Start(spec, SECOND, Optional.of(FIRST)));
    commands.put("stop", new MasterCommand.Stop(EXECUTION, StopReason.CANCELLED));
    commands.put("give-up", new MasterCommand.GiveUp(EXECUTION));
    commands.put("release", new MasterCommand.Release(EXECUTION));
    commands.forEach((name, command) -> all.put("command-" + name, command));
    all.put("command-start-first", new MasterCommand.Start(spec, FIRST, Optional.empty()));

    InventoryItem finished =
        new InventoryItem(
            EXECUTION,
            Optional.of(MASTER_JOURNAL),
            Optional.of(new FencingToken(7)),
            List.of(FIRST, SECOND),
            TaskPhase.FINISHED,
            4,
            Optional.of(AT),
            Optional.of(ENDED),
            Optional.of(new Outcome.Exited(0)),
            5_000_000_000L,
            12);
    all.put("inventory-item", finished);
    for (TaskPhase phase :
        List.of(TaskPhase.ACCEPTED, TaskPhase.RUNNING, TaskPhase.STOPPING, TaskPhase.TOMBSTONED)) {
      all.put("inventory-item-" + phase.name().toLowerCase(java.util.Locale.ROOT), least(phase));
    }

    all.put(
        "couple-request",
        new Couple.Request(
            new AgentId("agent-7"), MASTER_JOURNAL, new MasterEpoch(3), TimingPolicy.DEFAULT));
    all.put(
        "couple-request-life",
        new Couple.Request(
            new AgentId("agent-7"),
            MASTER_JOURNAL,
            new MasterEpoch(3),
            TimingPolicy.DEFAULT,
            Optional.of(new Incarnation("l-3"))));
    all.put(
        "couple-response",
        new Couple.Response(
            new AgentId("agent-7"),
            new JournalId("aj-77"),
            new Incarnation("i-9"),
            SESSION,
            ANCHOR,
            8,
            List.of(finished, least(TaskPhase.RUNNING)),
            Optional.empty()));
    all.put(
        "couple-response-used",
        new Couple.Response(
            new AgentId("agent-7"),
            new JournalId("aj-77"),
            new Incarnation("i-9"),
            SESSION,
            ANCHOR,
            8,
            List.of(),
            Optional.of(
                new UsedNumbers(
                    new TreeMap<>(Map.of("tick", new UsedNumbers.Mark(42, new FencingToken(43)))),
                    new UsedNumbers.Mark(7, new FencingToken(8))))));
    all.put(
        "exchange-request",
        new Exchange.Request(
            SESSION, new MasterEpoch(3), 12, ANCHOR, List.copyOf(commands.values())));
    List<Exchange.Report> reports =
        events.values().stream().map(event -> new Exchange.Report(EXECUTION, 2, event)).toList();
    all.put(
        "exchange-response",
        new Exchange.Response(
            12, ANCHOR, reports, List.of(new Exchange.OutputSize(EXECUTION, 5_000_000_000L, 0))));
    all.put(
        "exchange-request-idle",
        new Exchange.Request(SESSION, new MasterEpoch(3), 13, ANCHOR, List.of()));
    all.put("exchange-response-idle", new Exchange.Response(13, ANCHOR, List.of(), List.of()));
    all.put(
        "exchange-response-refused",
        new Exchange.Response(
            14,
            ANCHOR,
            List.of(
                new Exchange.Report(
                    EXECUTION,
                    4,
                    new TaskEvent.Finished(
                        new Outcome.Stopped(StopReason.DISOWNED), 5, 0, Optional.of(ENDED), AT),
                    Optional.of(new JournalId("mj-0")))),
            List.of(),
            List.of(
                new Exchange.RefusedStart(
                    EXECUTION, "the agent holds this id from a former master of this name")),
            List.of()));

    TaskCall.Id call = new TaskCall.Id(new Incarnation("i-9"), 12);
    Map<String, TaskCall.Ask> asks = new LinkedHashMap<>();
    asks.put("put-variable", new TaskCall.PutVariable("state", "a b\n"));
    asks.put("get-variable", new TaskCall.GetVariable("state"));
    asks.put("progress", new TaskCall.Progress(40, "copying"));
    asks.put("note", new TaskCall.Note("half of it is there"));
    asks.forEach((name, ask) -> all.put("ask-" + name, ask));
    all.put("task-call", new TaskCall(EXECUTION, call, asks.get("note"), Optional.of("k-1")));
    all.put(
        "exchange-response-calls",
        new Exchange.Response(
            12,
            ANCHOR,
            List.of(),
            List.of(),
            List.of(),
            asks.values().stream()
                .map(ask -> new TaskCall(EXECUTION, call, ask, Optional.empty()))
                .toList()));
    Map<String, TaskAnswer> answers = new LinkedHashMap<>();
    answers.put("done", new TaskAnswer.Done());
    answers.put("value", new TaskAnswer.Value("a b\n", new FencingToken(7)));
    for (TaskAnswer.Code code : TaskAnswer.Code.values()) {
      answers.put(
          "refused-" + code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
          new TaskAnswer.Refused(code, "name", "why"));
    }
    answers.forEach((name, answer) -> all.put("answer-" + name, answer));
    all.put("command-answer", new MasterCommand.Answer(EXECUTION, call, new TaskAnswer.Done()));

    for (Refusal.Code code : Refusal.Code.values()) {
      all.put(
          "refusal-" + code.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
          new Refusal(
              code,
              "why",
              code == Refusal.Code.OLDER_EPOCH
                  ? Optional.of(new MasterEpoch(4))
                  : Optional.empty()));
    }
    for (ReconcileDecision decision : ReconcileDecision.values()) {
      all.put(
          "reconcile-entry-" + decision.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
          new ReconcileEntry(EXECUTION, "sent", "running", decision, "why", true));
    }
    return all;
  }

  private static InventoryItem least(TaskPhase phase) {
    return new InventoryItem(
        ExecutionId.parse("tick#1.2"),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        phase,
        1,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        0);
  }

  /** The type that a file is read as: the sealed interface, where the message is one of several. */
  static Class<?> readAs(Object message) {
    for (Class<?> sealed :
        List.of(
            Outcome.class,
            TaskEvent.class,
            MasterCommand.class,
            TaskCall.Ask.class,
            TaskAnswer.class)) {
      if (sealed.isInstance(message)) {
        return sealed;
      }
    }
    return message.getClass();
  }
}
