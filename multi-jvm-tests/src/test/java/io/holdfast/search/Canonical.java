package io.holdfast.search;

import io.holdfast.master.link.ExecutionPhase;
import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.search.ProcessSide.Life;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Forgets what can no longer matter, so that states that differ in nothing else are one.
 *
 * <p>What is left of an execution is forgotten when the next has begun, provided that nothing of it
 * can ever live again and the master has it ended: no start of it is under way or to be sent,
 * nothing is to be launched, no process is left. From there on it and the next have nothing to do
 * with each other but that they share messages, and every invariant but P1 is about one of them
 * alone. What may still become of the former (its outcome, an amendment, its release) is visited in
 * the states in which the next has not begun: it does not take part in any of those steps. Who can
 * still come to life is never forgotten, and so whatever could break P1 is visited in full.
 */
final class Canonical {
  private Canonical() {}

  /** Forgets, in a copy that nobody has yet, what is not needed for any later step. */
  static void apply(World world) {
    for (int a = 0; a < World.AGENTS; a++) {
      forgetWait(world, a);
      forgetUnsent(world, a);
      forgetEnded(world, a);
    }
    if (world.begun() == World.EXECUTIONS && !world.formerForgotten) {
      forgetFormer(world);
    }
  }

  /**
   * With nothing that may live there is nothing to wait for; what is begun later is sent with an
   * echo that the wait counts from anew. An anchor that was received before what the wait counts
   * from changes nothing when it is echoed.
   */
  private static void forgetWait(World world, int a) {
    LinkSide link = world.links[a];
    boolean waits =
        link.waiting != 0
            || link.state.executions().values().stream().anyMatch(e -> e.phase().mayBeAlive());
    if (!waits && link.countsFrom != Ticks.LONG_AGO) {
      world.editLink(a).countsFrom = Ticks.LONG_AGO;
    }
    link = world.links[a];
    if (link.receivedAt != Ticks.NEVER && link.receivedAt < link.countsFrom) {
      world.editLink(a).receivedAt = link.countsFrom;
    }
  }

  /** Without a session nothing is reported, and the next begins with the inventory. */
  private static void forgetUnsent(World world, int a) {
    if (world.agents[a].session == 0 && world.agents[a].hasUnsent()) {
      world.editAgent(a).forgetUnsent();
    }
  }

  /** Of a task that has ended nobody looks at the files again. */
  private static void forgetEnded(World world, int a) {
    for (int e = 0; e < World.EXECUTIONS; e++) {
      TaskSide task = world.agents[a].tasks[e];
      boolean ended =
          switch (task.state().phase()) {
            case FINISHED, TOMBSTONED, RELEASED -> true;
            case UNKNOWN, ACCEPTED, RUNNING, STOPPING -> false;
          };
      boolean looked = (task.todo() & ~TaskSide.DELETE) != 0;
      if (ended && !looked && isOver(task.process().life())) {
        if (!task.process().equals(ProcessSide.OVER)) {
          world.editAgent(a).tasks[e] = task.with(ProcessSide.OVER);
        }
      }
    }
  }

  private static void forgetFormer(World world) {
    ExecutionId id = world.ids[0];
    ExecutionRecord record = Invariants.record(world, 0).orElseThrow();
    int a = record.agent().equals(World.agent(0)) ? 0 : 1;
    if (record.end().isEmpty() || !isOver(world.links[a], id) || !isHarmless(world, a, 0)) {
      return;
    }
    world.formerForgotten = true;
    AgentSide agent = world.editAgent(a);
    agent.tasks[0] = TaskSide.NOTHING;
    agent.former[0] = ProcessSide.NOTHING;
    forget(world.editLink(a), id);
    if (world.oldLinks != null) {
      forget(world.editOld(a), id);
    }
    Message[] net = world.net.clone();
    for (int m = 0; m < net.length; m++) {
      net[m] = net[m].without(id);
    }
    world.net = net;
    ExecutionRecord next = Invariants.record(world, 1).orElseThrow();
    if (!next.agent().equals(record.agent())) {
      forgetAgent(world, a);
    }
  }

  private static boolean isOver(LinkSide link, ExecutionId id) {
    Optional<LinkExecution> known = link.state.execution(id);
    return known
        .map(LinkExecution::phase)
        .filter(phase -> phase != ExecutionPhase.ENDED && phase != ExecutionPhase.LOST)
        .isEmpty();
  }

  /** Whether nothing of it lives, and nothing is left that could bring it to life. */
  private static boolean isHarmless(World world, int a, int e) {
    ExecutionId id = world.ids[e];
    TaskSide task = world.agents[a].tasks[e];
    boolean over =
        isOver(task.process().life())
            && isOver(world.agents[a].former[e].life())
            && !task.has(TaskSide.LAUNCH);
    if (!over || starts(world.links[a].outbox, id)) {
      return false;
    }
    if (world.oldLinks != null && starts(world.oldLinks[a].outbox, id)) {
      return false;
    }
    for (Message message : world.net) {
      if (starts(message.commands(), id)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOver(Life life) {
    return life == Life.NONE || life == Life.GONE;
  }

  private static boolean starts(List<MasterCommand> commands, ExecutionId id) {
    for (MasterCommand command : commands) {
      if (command instanceof MasterCommand.Start && command.execution().equals(id)) {
        return true;
      }
    }
    return false;
  }

  private static void forget(LinkSide link, ExecutionId id) {
    LinkState state = link.state;
    Map<ExecutionId, LinkExecution> executions = new LinkedHashMap<>(state.executions());
    executions.remove(id);
    List<LinkEvent.Reconciled> reports = new ArrayList<>();
    for (LinkEvent.Reconciled report : state.reports()) {
      List<ReconcileEntry> entries =
          report.entries().stream().filter(e -> !e.execution().equals(id)).toList();
      if (!entries.isEmpty()) {
        reports.add(
            new LinkEvent.Reconciled(
                report.epoch(),
                report.agentJournal(),
                report.incarnation(),
                entries,
                List.of(),
                report.at()));
      }
    }
    link.state = new LinkState(state.epoch(), state.agentJournal(), executions, reports, List.of());
    link.outbox = Message.without(link.outbox, id);
    link.sent = Message.without(link.sent, id);
    link.stopsSent &= ~1;
    link.releasesSent &= ~1;
    link.jobHas &= ~1;
    link.absent &= ~1;
    link.waiting &= ~1;
    link.waitUntil = link.waiting == 0 ? Ticks.NEVER : link.waitUntil;
  }

  /** No execution will ever be given to it again: it may as well never have been there. */
  private static void forgetAgent(World world, int a) {
    world.agents[a] = new AgentSide();
    LinkSide link = new LinkSide();
    link.state =
        new LinkState(
            world.links[a].state.epoch(), Optional.empty(), Map.of(), List.of(), List.of());
    link.countsFrom = Ticks.LONG_AGO;
    world.links[a] = link;
    if (world.oldLinks != null) {
      LinkSide old = new LinkSide();
      old.coupling = true;
      world.oldLinks[a] = old;
    }
    List<Message> kept = new ArrayList<>();
    for (Message message : world.net) {
      if (message.agent() != a) {
        kept.add(message);
      }
    }
    world.net = kept.toArray(new Message[0]);
  }
}
