package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What was done already and need not be journalled: soft, begun anew with each session or each
 * life. Losing it only repeats what may be repeated.
 */
final class SessionMemory {
  private final Set<ExecutionId> stopsSent = new HashSet<>();
  private final Set<ExecutionId> releasesSent = new HashSet<>();
  private final Set<ExecutionId> jobHas = new HashSet<>();
  private final Set<ExecutionId> outputHere = new HashSet<>();
  private final Set<ExecutionId> absent = new HashSet<>();
  private UsedNumbers used = UsedNumbers.NONE;
  private boolean open;
  private int taskLimit = 1;

  /** A session is open, and nothing was sent in it yet. */
  void begin(int limit, Set<ExecutionId> absentAtAgent, UsedNumbers usedAtAgent) {
    used = usedAtAgent;
    open = true;
    absent.clear();
    absent.addAll(absentAtAgent);
    taskLimit = limit;
    stopsSent.clear();
    releasesSent.clear();
  }

  /** The agent does not hold these either: they were in a data directory that is gone. */
  void absent(Set<ExecutionId> gone) {
    absent.addAll(gone);
  }

  void end() {
    open = false;
  }

  boolean isOpen() {
    return open;
  }

  int taskLimit() {
    return taskLimit;
  }

  boolean stopToSend(ExecutionId id) {
    return !stopsSent.contains(id);
  }

  boolean releaseToSend(LinkExecution execution) {
    return execution.isSettled()
        && isTold(execution)
        && hasOutput(execution)
        && !releasesSent.contains(execution.id());
  }

  /** Nobody needs to be told anything more: it was never sent, or the agent has it no longer. */
  boolean isClosable(LinkExecution execution) {
    boolean over =
        execution.phase() == ExecutionPhase.ENDED || execution.phase() == ExecutionPhase.LOST;
    return over
        && isTold(execution)
        && (execution.requests().isEmpty() || absent.contains(execution.id()));
  }

  private boolean isTold(LinkExecution execution) {
    return jobHas.contains(execution.id()) || !execution.concernsJob();
  }

  /** What this agent had seen of a job's numbers when the session began. */
  UsedNumbers.Mark used(JobName job) {
    return used.of(job);
  }

  boolean hasOutput(LinkExecution execution) {
    return outputHere.contains(execution.id())
        || execution.stdoutBytes() + execution.stderrBytes() == 0;
  }

  boolean jobHas(ExecutionId id) {
    return jobHas.contains(id);
  }

  void stopSent(ExecutionId id) {
    stopsSent.add(id);
  }

  void releaseSent(ExecutionId id) {
    releasesSent.add(id);
  }

  void jobTook(ExecutionId id) {
    jobHas.add(id);
  }

  /** The verdict may be amended: what the job has is not all that it will be told. */
  void jobMissesNews(ExecutionId id) {
    jobHas.remove(id);
  }

  void outputStored(ExecutionId id) {
    outputHere.add(id);
  }

  void forget(Collection<ExecutionId> closed) {
    stopsSent.removeAll(closed);
    releasesSent.removeAll(closed);
    jobHas.removeAll(closed);
    outputHere.removeAll(closed);
    absent.removeAll(closed);
  }
}
