package io.holdfast.master;

import io.holdfast.master.catalog.CatalogEvent;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.RunResult;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One of each event that a master stores; one with and one without what is optional. */
public final class JournalledEvents {
  public static final List<Class<?>> SEALED =
      List.of(JobEvent.class, LinkEvent.class, CatalogEvent.class);
  private static final Instant AT = Instant.parse("2026-11-22T15:00:00.123456Z");
  private static final ExecutionId ID = ExecutionId.parse("nightly#42.1");
  private static final JournalId MASTER = new JournalId("mj-1");

  private static final TaskCall.Id CALL = new TaskCall.Id(new Incarnation("i-1"), 12);

  private JournalledEvents() {}

  public static List<Object> samples() {
    JobDefinition onGroup =
        job(new Target.Group("web"), Optional.of(Duration.ofMinutes(5)), OnLost.RERUN);
    JobDefinition onAgent = job(new Target.OneAgent("agent-1"), Optional.empty(), OnLost.WAIT);
    TaskSpec spec =
        new TaskSpec(
            ID,
            new FencingToken(7),
            "echo \"$PARAM_TARGET\"\n",
            new TreeMap<>(Map.of("TARGET", "/srv/ä b")),
            Optional.of(Duration.ofMinutes(90)),
            Duration.ofSeconds(15),
            ConnectionLossPolicy.STOP_AFTER_LEASE);
    List<ReconcileEntry> entries =
        Arrays.stream(ReconcileDecision.values())
            .map(decision -> new ReconcileEntry(ID, "sent", "running", decision, "why", true))
            .toList();
    InventoryItem item =
        new InventoryItem(
            ID,
            Optional.of(MASTER),
            Optional.of(new FencingToken(7)),
            List.of(ID.request(1)),
            TaskPhase.FINISHED,
            4,
            Optional.of(AT),
            Optional.of(AT),
            Optional.of(new Outcome.Exited(0)),
            5_000_000_000L,
            12);
    List<Exchange.Report> reports =
        List.of(
            new Exchange.Report(
                ID, 1, new TaskEvent.Accepted(spec, ID.request(1), MASTER, "boot-1", AT)),
            new Exchange.Report(
                ID, 2, new TaskEvent.Started(new ProcessInfo(4711, 12, "boot-1"), AT)),
            new Exchange.Report(
                ID, 3, new TaskEvent.Finished(new Outcome.Exited(0), 1, 2, Optional.of(AT), AT)));
    return List.of(
        new JobEvent.Defined(onGroup, AT),
        new JobEvent.Defined(onAgent, AT),
        new JobEvent.RunRequested(
            ID.run(),
            new TreeMap<>(Map.of("MODE", "full")),
            Optional.of("r-1"),
            Optional.of("ann"),
            AT),
        new JobEvent.RunRequested(ID.run(), new TreeMap<>(), Optional.empty(), AT),
        new JobEvent.CancelRequested(ID.run(), "enough", Optional.of("ann"), AT),
        new JobEvent.CancelRequested(ID.run(), "enough", AT),
        new JobEvent.ExecutionBegun(ID, new AgentId("agent-1"), new FencingToken(7), AT),
        new JobEvent.ExecutionEnded(
            ID, new Outcome.Exited(0), Optional.of(AT), Optional.of(AT), AT),
        new JobEvent.ExecutionEnded(
            ID, new Outcome.Lost("the lease is over"), Optional.empty(), Optional.empty(), AT),
        new JobEvent.ExecutionAmended(ID, new Outcome.Stopped(StopReason.LEASE_OVER), AT),
        new JobEvent.RunEnded(ID.run(), RunResult.SUCCEEDED, "exited 0", AT),
        new JobEvent.RunEnded(ID.run(), RunResult.FAILED, "exited 3", AT),
        new JobEvent.RunEnded(ID.run(), RunResult.CANCELLED, "cancelled", AT),
        new JobEvent.RunEnded(ID.run(), RunResult.LOST, "lost", AT),
        new JobEvent.NumberingRaised(42, new FencingToken(43), AT),
        new JobEvent.RunAdopted(
            ID, new AgentId("agent-1"), Optional.of(new FencingToken(7)), Optional.of(AT), AT),
        new JobEvent.RunAdopted(ID, new AgentId("agent-1"), Optional.empty(), Optional.empty(), AT),
        new LinkEvent.StartsRefused(List.of(ID), "its number was used", AT),
        new LinkEvent.ConfirmedLost(List.of(ID), "ann", "the machine burnt down", AT),
        new JobEvent.VariableSet(
            ID, new FencingToken(7), "state", "a b\n", CALL, Optional.of("k-1"), AT),
        new JobEvent.VariableSet(ID, new FencingToken(7), "s", "", CALL, Optional.empty(), AT),
        new JobEvent.NoteAdded(ID, "half of it", CALL, Optional.of("k-1"), AT),
        new JobEvent.NoteAdded(ID, "ä", CALL, Optional.empty(), AT),
        new JobEvent.ProgressMade(ID, 40, "copying", CALL, AT),
        new LinkEvent.Activated(new MasterEpoch(3), Optional.of(new Incarnation("life-1")), AT),
        new LinkEvent.Assigned(spec, true, AT),
        new LinkEvent.Sending(List.of(ID.request(1), ID.request(2)), AT),
        new LinkEvent.StopWanted(ID, StopReason.CANCELLED, AT),
        new LinkEvent.Reported(reports, AT),
        new LinkEvent.Reported(
            List.of(
                new Exchange.Report(
                    ID, 1, new TaskEvent.Released(AT), Optional.of(new JournalId("mj-0")))),
            AT),
        new LinkEvent.Reconciled(
            new MasterEpoch(3),
            new JournalId("aj-1"),
            new Incarnation("i-1"),
            entries,
            List.of(item),
            AT),
        new LinkEvent.LostDeclared(List.of(ID), "not heard", AT),
        new LinkEvent.Withdrawn(ID, "cancelled before it was sent", AT),
        new LinkEvent.Closed(List.of(ID), AT),
        new LinkEvent.Unheard(Optional.of(AT), AT),
        new LinkEvent.Unheard(Optional.empty(), AT),
        new JobEvent.JournalDamaged(1_099_511_627_786L, "the checksum does not match", AT),
        new JobEvent.LinkHeard(new AgentId("agent-1"), AT),
        new JobEvent.AllLinksHeard(AT),
        new LinkEvent.JournalDamaged("the checksum does not match", AT),
        new LinkEvent.AssignedAgain(spec, true, AT),
        new CatalogEvent.JournalDamaged("the checksum does not match", AT),
        new JournalCut(1_099_511_627_786L, 6, 10, "the checksum does not match", AT),
        new CatalogEvent.JobsApplied(List.of(onGroup, onAgent), Optional.of("ann"), AT),
        new CatalogEvent.JobsApplied(List.of(onAgent), AT));
  }

  /**
   * A history of its own, fixed for ever: with it the golden files of states were made. What is new
   * gets another one, as a further state.
   */
  static List<Object> history() {
    JobDefinition job =
        job(new Target.Group("web"), Optional.of(Duration.ofMinutes(5)), OnLost.RERUN);
    ExecutionId second = ExecutionId.parse("nightly#43.1");
    ExecutionId other = ExecutionId.parse("other#7.1");
    AgentId agent = new AgentId("agent-1");
    TaskSpec spec =
        new TaskSpec(
            second,
            new FencingToken(8),
            "true",
            new TreeMap<>(Map.of("MODE", "full")),
            Optional.of(Duration.ofMinutes(90)),
            Duration.ofSeconds(15),
            ConnectionLossPolicy.STOP_AFTER_LEASE);
    InventoryItem item =
        new InventoryItem(
            second,
            Optional.of(MASTER),
            Optional.of(new FencingToken(8)),
            List.of(second.request(1)),
            TaskPhase.RUNNING,
            2,
            Optional.of(AT),
            Optional.empty(),
            Optional.empty(),
            0,
            0);
    return List.of(
        new CatalogEvent.JobsApplied(List.of(job), AT),
        new JobEvent.Defined(job, AT),
        new JobEvent.NumberingRaised(41, new FencingToken(6), AT),
        new JobEvent.RunRequested(
            ID.run(), new TreeMap<>(Map.of("MODE", "fast")), Optional.of("r-1"), AT),
        new JobEvent.ExecutionBegun(ID, agent, new FencingToken(7), AT),
        new JobEvent.VariableSet(
            ID, new FencingToken(7), "state", "a b\n", CALL, Optional.of("k-1"), AT),
        new JobEvent.NoteAdded(ID, "half of it", CALL, Optional.empty(), AT),
        new JobEvent.ProgressMade(ID, 40, "copying", CALL, AT),
        new JobEvent.CancelRequested(ID.run(), "enough", AT),
        new JobEvent.ExecutionEnded(
            ID, new Outcome.Lost("not heard"), Optional.of(AT), Optional.empty(), AT),
        new JobEvent.ExecutionAmended(ID, new Outcome.Exited(0), AT),
        new JobEvent.RunEnded(ID.run(), RunResult.LOST, "lost", AT),
        new JobEvent.RunRequested(second.run(), new TreeMap<>(), Optional.empty(), AT),
        new JobEvent.ExecutionBegun(second, agent, new FencingToken(8), AT),
        new LinkEvent.Activated(new MasterEpoch(3), Optional.of(new Incarnation("life-1")), AT),
        new LinkEvent.Assigned(spec, true, AT),
        new LinkEvent.Sending(List.of(second.request(1)), AT),
        new LinkEvent.StopWanted(second, StopReason.CANCELLED, AT),
        new LinkEvent.Reconciled(
            new MasterEpoch(3),
            new JournalId("aj-1"),
            new Incarnation("i-1"),
            List.of(
                new ReconcileEntry(
                    second, "sent", "running", ReconcileDecision.RESUME, "it runs", false),
                new ReconcileEntry(
                    other, "-", "finished", ReconcileDecision.ADOPT, "not known", true)),
            List.of(
                item,
                new InventoryItem(
                    other,
                    Optional.of(MASTER),
                    Optional.of(new FencingToken(2)),
                    List.of(other.request(1)),
                    TaskPhase.FINISHED,
                    4,
                    Optional.of(AT),
                    Optional.of(AT),
                    Optional.of(new Outcome.Exited(3)),
                    5_000_000_000L,
                    12)),
            AT),
        new LinkEvent.ConfirmedLost(List.of(second), "ann", "the machine burnt down", AT));
  }

  /** A second one, likewise: what comes after {@link #history} when a part of it is lost. */
  static List<Object> cut() {
    AgentId agent = new AgentId("agent-1");
    ExecutionId sent = ExecutionId.parse("nightly#44.1");
    ExecutionId again = ExecutionId.parse("nightly#45.1");
    return List.of(
        new JobEvent.JournalDamaged(1_099_511_627_790L, "the checksum does not match", AT),
        new JobEvent.LinkHeard(agent, AT),
        new LinkEvent.Assigned(least(sent), true, AT),
        new LinkEvent.Sending(List.of(sent.request(1)), AT),
        new LinkEvent.JournalDamaged("the event is missing", AT),
        new LinkEvent.AssignedAgain(least(again), true, AT),
        new CatalogEvent.JournalDamaged("the checksum does not match", AT));
  }

  private static TaskSpec least(ExecutionId id) {
    return new TaskSpec(
        id,
        new FencingToken(9),
        "true",
        new TreeMap<>(),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  private static JobDefinition job(Target target, Optional<Duration> timeout, OnLost onLost) {
    return new JobDefinition(
        "nightly",
        "#!/bin/sh\ntrue\n",
        target,
        new TreeMap<>(Map.of("MODE", "full")),
        timeout,
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        onLost);
  }
}
