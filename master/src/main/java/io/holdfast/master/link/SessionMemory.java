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
public final class SessionMemory {
  private final Set<ExecutionId> stopsSent = new HashSet<>();
  private final Set<ExecutionId> releasesSent = new HashSet<>();
  private final Set<ExecutionId> jobHas = new HashSet<>();
  private final Set<ExecutionId> outputHere = new HashSet<>();
  private final Set<ExecutionId> absent = new HashSet<>();
  private UsedNumbers used = UsedNumbers.NONE;
  private boolean open;
  private boolean vouched;
  private int taskLimit = 1;

  /** A session is open, and nothing was sent in it yet. */
  public void begin(int limit, Set<ExecutionId> absentAtAgent, UsedNumbers usedAtAgent) {
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

  /** The session is over: nothing can be sent. */
  public void end() {
    open = false;
  }

  /** An operator vouches for the end of all that the agent's machine ran. */
  void vouched() {
    vouched = true;
  }

  /** Whether somebody does. */
  boolean isVouched() {
    return vouched;
  }

  /** Whether commands can be sent. */
  public boolean isOpen() {
    return open;
  }

  /** How many tasks the agent runs at once, as it said when the session began. */
  public int taskLimit() {
    return taskLimit;
  }

  /** Whether a stop of {@code id} was not sent in this session yet. */
  public boolean stopToSend(ExecutionId id) {
    return !stopsSent.contains(id);
  }

  /** Whether job and log store have all of it, and the agent was not told yet. */
  public boolean releaseToSend(LinkExecution execution) {
    return execution.isSettled()
        && isTold(execution)
        && hasOutput(execution)
        && !releasesSent.contains(execution.id());
  }

  /** Nobody needs to be told anything more: it was never sent, or the agent has it no longer. */
  public boolean isClosable(LinkExecution execution) {
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

  /** Whether all of its output is on the master's disk. */
  public boolean hasOutput(LinkExecution execution) {
    return outputHere.contains(execution.id())
        || execution.stdoutBytes() + execution.stderrBytes() == 0;
  }

  /** Whether the job has taken its outcome. */
  public boolean jobHas(ExecutionId id) {
    return jobHas.contains(id);
  }

  /** A stop leaves with the next exchange. */
  public void stopSent(ExecutionId id) {
    stopsSent.add(id);
  }

  /** A release leaves with the next exchange. */
  public void releaseSent(ExecutionId id) {
    releasesSent.add(id);
  }

  /** The job has the outcome in its journal. */
  public void jobTook(ExecutionId id) {
    jobHas.add(id);
  }

  /** The verdict may be amended: what the job has is not all that it will be told. */
  public void jobMissesNews(ExecutionId id) {
    jobHas.remove(id);
  }

  /** All of its output is on the master's disk. */
  public void outputStored(ExecutionId id) {
    outputHere.add(id);
  }

  /** These are closed. */
  public void forget(Collection<ExecutionId> closed) {
    stopsSent.removeAll(closed);
    releasesSent.removeAll(closed);
    jobHas.removeAll(closed);
    outputHere.removeAll(closed);
    absent.removeAll(closed);
  }
}
