package io.holdfast.agent;

import io.holdfast.agent.session.SessionEvent;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One of each event that an agent stores; one with and one without what is optional. */
final class JournalledEvents {
  static final List<Class<?>> SEALED = List.of(TaskEvent.class, SessionEvent.class);
  private static final Instant AT = Instant.parse("2026-11-22T15:00:00.123456Z");
  private static final JournalId MASTER = new JournalId("mj-1");

  private JournalledEvents() {}

  static List<Object> samples() {
    ExecutionId id = ExecutionId.parse("nightly#42.1");
    return List.of(
        new TaskEvent.Accepted(spec(id), id.request(1), MASTER, "boot-1", AT),
        new TaskEvent.Accepted(least(id), id.request(2), MASTER, "boot-1", AT),
        new TaskEvent.Repeated(id.request(2), AT),
        new TaskEvent.Started(new ProcessInfo(4711, 123_456, "boot-1"), AT),
        new TaskEvent.StopBegun(StopReason.LEASE_OVER, AT),
        new TaskEvent.Finished(new Outcome.Exited(3), 5_000_000_000L, 12, Optional.of(AT), AT),
        new TaskEvent.Finished(new Outcome.Signalled(9), 0, 0, Optional.of(AT), AT),
        new TaskEvent.Finished(
            new Outcome.Stopped(StopReason.CANCELLED), 0, 0, Optional.empty(), AT),
        new TaskEvent.Finished(new Outcome.FailedToStart("no room"), 0, 0, Optional.empty(), AT),
        new TaskEvent.Finished(new Outcome.Vanished("rebooted"), 0, 0, Optional.empty(), AT),
        new TaskEvent.Finished(new Outcome.Refused("task limit"), 0, 0, Optional.empty(), AT),
        new TaskEvent.Finished(new Outcome.NeverStarted("given up"), 0, 0, Optional.empty(), AT),
        new TaskEvent.Tombstoned(MASTER, AT),
        new TaskEvent.Released(AT),
        new TaskEvent.JournalDamaged(1_099_511_627_786L, "the checksum does not match", AT),
        new SessionEvent.JournalDamaged("the checksum does not match", AT),
        new JournalCut(1_099_511_627_786L, 6, 10, "the checksum does not match", AT),
        new SessionEvent.MasterSeen(new MasterEpoch(3), MASTER, AT),
        new SessionEvent.MasterSeen(
            new MasterEpoch(3), MASTER, Optional.of(new Incarnation("l-3")), AT),
        new SessionEvent.NumbersUsed(List.of(new SessionEvent.Used(id, new FencingToken(43))), AT),
        new SessionEvent.Summed(
            new MasterEpoch(3),
            Optional.of(MASTER),
            Optional.of(new Incarnation("l-3")),
            UsedNumbers.NONE.plus(id, Optional.of(new FencingToken(43))),
            AT));
  }

  private static TaskSpec spec(ExecutionId id) {
    return new TaskSpec(
        id,
        new FencingToken(7),
        "#!/bin/sh\necho \"$PARAM_TARGET\"\n",
        new TreeMap<>(Map.of("TARGET", "/srv/ä b", "MODE", "")),
        Optional.of(Duration.ofMinutes(90)),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  private static TaskSpec least(ExecutionId id) {
    return new TaskSpec(
        id,
        new FencingToken(0),
        "",
        new TreeMap<>(),
        Optional.empty(),
        Duration.ZERO,
        ConnectionLossPolicy.KEEP);
  }
}
