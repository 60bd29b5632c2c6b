package io.holdfast.master.link;

import io.holdfast.master.StoredStates;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A link as its reconciler drives it, without the actor: what is decided is durable at once. Its
 * states go through snapshots, so that what a test leads to is known to come back.
 */
final class Links {
  static final Instant NOW = Instant.parse("2026-11-22T15:00:00Z");
  static final JournalId AGENT = new JournalId("aj-1");
  static final JournalId WIPED = new JournalId("aj-2");
  static final JournalId MASTER = new JournalId("mj-1");
  static final Incarnation LIFE = new Incarnation("life-1");
  static final Incarnation OTHER_LIFE = new Incarnation("life-2");
  static final JournalId FORMER = new JournalId("mj-0");
  static final ExecutionId A = ExecutionId.parse("a#1.1");
  static final ExecutionId B = ExecutionId.parse("b#1.1");
  static final ExecutionId C = ExecutionId.parse("c#1.1");
  static final Outcome SUCCESS = new Outcome.Exited(0);

  private static final AtomicInteger LIVES = new AtomicInteger(2);

  private final StoredStates stored = new StoredStates();
  LinkState state = LinkState.EMPTY;
  final SessionMemory memory = new SessionMemory();
  final List<LinkEvent> journal = new ArrayList<>();
  final List<MasterCommand> sent = new ArrayList<>();

  /** The commands of one step are what it returns; all of them are in {@link #sent}. */
  List<MasterCommand> step(List<LinkEvent> events) {
    events.forEach(this::note);
    var dispatch = LinkRules.dispatch(state, memory, NOW);
    dispatch.events().forEach(this::note);
    send(dispatch.directives());
    return dispatch.directives();
  }

  private void send(List<MasterCommand> commands) {
    for (MasterCommand command : commands) {
      if (command instanceof MasterCommand.Stop stop) {
        memory.stopSent(stop.execution());
      } else if (command instanceof MasterCommand.Release release) {
        memory.releaseSent(release.execution());
      }
    }
    sent.addAll(commands);
  }

  private void note(LinkEvent event) {
    journal.add(event);
    state = stored.next(state.evolve(event));
  }

  List<MasterCommand> assign(ExecutionId id) {
    return assign(id, true);
  }

  List<MasterCommand> assign(ExecutionId id, boolean releaseByTime) {
    return step(LinkRules.assign(state, spec(id), releaseByTime, NOW));
  }

  List<MasterCommand> stop(ExecutionId id) {
    return step(LinkRules.stop(state, id, NOW));
  }

  /** A coupling, and what it leads to at once. */
  List<MasterCommand> couple(JournalId agent, int limit, InventoryItem... inventory) {
    return couple(agent, limit, Optional.empty(), inventory);
  }

  List<MasterCommand> couple(
      JournalId agent, int limit, Optional<UsedNumbers> used, InventoryItem... inventory) {
    var response =
        new Couple.Response(
            new AgentId("agent-1"),
            agent,
            new Incarnation("i-1"),
            new SessionId("s-1"),
            Duration.ZERO,
            limit,
            Arrays.asList(inventory),
            used);
    var decision = LinkRules.coupled(state, response, MASTER, NOW);
    memory.begin(limit, LinkRules.absent(state, response), LinkRules.used(response));
    decision.events().forEach(this::note);
    List<MasterCommand> commands = new ArrayList<>(decision.directives());
    send(decision.directives());
    commands.addAll(step(List.of()));
    return commands;
  }

  List<MasterCommand> report(ExecutionId id, long number, TaskEvent event) {
    return step(
        LinkRules.responded(
            state, List.of(new Exchange.Report(id, number, event)), List.of(), List.of(), NOW));
  }

  List<MasterCommand> finished(ExecutionId id, long number, Outcome outcome, long bytes) {
    return report(id, number, new TaskEvent.Finished(outcome, bytes, 0, Optional.of(NOW), NOW));
  }

  List<MasterCommand> released(ExecutionId id) {
    return step(LinkRules.responded(state, List.of(), List.of(id), List.of(), NOW));
  }

  List<MasterCommand> jobTook(ExecutionId id) {
    memory.jobTook(id);
    return step(List.of());
  }

  List<MasterCommand> leaseOver() {
    return step(LinkRules.leaseOver(state, Optional.empty(), "not heard", NOW));
  }

  List<MasterCommand> leaseOver(ExecutionId only) {
    return step(LinkRules.leaseOver(state, Optional.of(Set.of(only)), "wiped", NOW));
  }

  LinkExecution at(ExecutionId id) {
    return state.execution(id).orElseThrow();
  }

  static FencingToken token(long value) {
    return new FencingToken(value);
  }

  static TaskSpec spec(ExecutionId id) {
    return spec(id, 1);
  }

  static TaskSpec spec(ExecutionId id, long token) {
    return new TaskSpec(
        id,
        new FencingToken(token),
        "true",
        new TreeMap<>(),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  static TaskEvent accepted(ExecutionId id) {
    return new TaskEvent.Accepted(spec(id), id.request(1), MASTER, "boot-1", NOW);
  }

  static TaskEvent started() {
    return new TaskEvent.Started(new ProcessInfo(4711, 12, "boot-1"), NOW);
  }

  static InventoryItem item(ExecutionId id, TaskPhase phase) {
    return item(id, phase, MASTER);
  }

  static InventoryItem item(ExecutionId id, TaskPhase phase, JournalId master) {
    boolean over = phase == TaskPhase.FINISHED;
    List<RequestId> requests = phase == TaskPhase.TOMBSTONED ? List.of() : List.of(id.request(1));
    return new InventoryItem(
        id,
        Optional.of(master),
        Optional.of(new FencingToken(1)),
        requests,
        phase,
        2,
        Optional.of(NOW),
        over ? Optional.of(NOW) : Optional.empty(),
        over ? Optional.of(SUCCESS) : Optional.empty(),
        over ? 5 : 0,
        0);
  }

  static MasterCommand start(ExecutionId id) {
    return start(id, 1);
  }

  static MasterCommand start(ExecutionId id, long token) {
    return new MasterCommand.Start(spec(id, token), id.request(1), Optional.empty());
  }

  /** A master that was started again. */
  static Incarnation newLife() {
    return new Incarnation("life-" + LIVES.incrementAndGet());
  }
}
