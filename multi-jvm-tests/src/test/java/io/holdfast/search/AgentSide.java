package io.holdfast.search;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.task.TaskState;
import java.time.Duration;
import java.util.Optional;

/** One agent: its JVM, its data directory and its machine. Changed only while it is nobody's. */
final class AgentSide {
  /** Hard: which data directory. */
  int journal = 1;

  /** Hard: the highest epoch, as the agent has it. */
  int epoch;

  /** The highest epoch that ever coupled in this directory: what nobody may fall behind. */
  int trueEpoch;

  /** How often its machine was started again: which boot it is. */
  int boot;

  /** Hard: the lease file. */
  int file = Ticks.NEVER;

  /** Soft: the session, 0 for none; when it began; the lease as the JVM has it. */
  int session;

  int since = Ticks.NEVER;
  int deadline = Ticks.NEVER;

  /** Soft: an exchange waits for its answer. */
  boolean held;

  TaskSide[] tasks = {TaskSide.NOTHING, TaskSide.NOTHING};

  /** What a former data directory left: its processes, and its lease file. */
  ProcessSide[] former = {ProcessSide.NOTHING, ProcessSide.NOTHING};

  int formerFile = Ticks.NEVER;

  AgentSide copy() {
    AgentSide copy = new AgentSide();
    copy.journal = journal;
    copy.epoch = epoch;
    copy.trueEpoch = trueEpoch;
    copy.boot = boot;
    copy.file = file;
    copy.session = session;
    copy.since = since;
    copy.deadline = deadline;
    copy.held = held;
    copy.tasks = tasks.clone();
    copy.former = former.clone();
    copy.formerFile = formerFile;
    return copy;
  }

  AgentLease lease() {
    return new AgentLease(
        new MasterEpoch(epoch),
        session == 0 ? Optional.empty() : Optional.of(World.session(session)),
        since == Ticks.NEVER ? Duration.ZERO : Ticks.at(since),
        deadline == Ticks.NEVER ? Optional.empty() : Optional.of(Ticks.at(deadline)));
  }

  void lease(AgentLease lease) {
    epoch = (int) lease.epoch().value();
    session =
        lease.session().map(SessionId::value).map(v -> Integer.valueOf(v.substring(1))).orElse(0);
    since = session == 0 ? Ticks.NEVER : Ticks.of(lease.sessionSince());
    deadline = lease.deadline().map(Ticks::of).orElse(Ticks.NEVER);
  }

  boolean hasUnsent() {
    for (TaskSide task : tasks) {
      if (!task.unsent().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  String bootId() {
    return "boot-" + boot;
  }

  /** Whether a task was accepted before the machine was started again. */
  boolean isOfFormerBoot(TaskState task) {
    return task.bootId().isPresent() && !task.bootId().get().equals(bootId());
  }

  void forgetUnsent() {
    for (int e = 0; e < tasks.length; e++) {
      tasks[e] = tasks[e].sent();
    }
  }

  /** The agent's clock, which its guardian shares, goes on. */
  void tick(int by) {
    file = Ticks.shiftDeadline(file, by);
    formerFile = Ticks.shiftDeadline(formerFile, by);
    deadline = Ticks.shiftDeadline(deadline, by);
    since = Ticks.shiftAnchor(since, by);
  }
}
