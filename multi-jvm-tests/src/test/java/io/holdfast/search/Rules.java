package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkRules;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.SessionMemory;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRules;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Every rule as the search calls it. The defaults of the first part are the product's own
 * functions; those of the second part say in a word each what its scripts and actors do, which are
 * no functions. A mutation overrides one.
 */
interface Rules {
  /** The rules as they are. */
  Rules REAL = new Rules() {};

  default Optional<AgentLease.Denial> mayOpen(AgentLease lease, MasterEpoch by, Duration now) {
    return lease.mayOpen(by, now);
  }

  default AgentLease open(AgentLease lease, SessionId opened, MasterEpoch by, Duration now) {
    return lease.open(opened, by, now);
  }

  default AgentLease.Renewal renew(
      AgentLease lease, SessionId of, MasterEpoch by, Duration anchor, Duration now) {
    return lease.renew(of, by, anchor, Ticks.POLICY.lease(), now);
  }

  default boolean isOver(AgentLease lease, Duration now) {
    return lease.isOver(now);
  }

  default AgentLease close(AgentLease lease) {
    return lease.close();
  }

  default MasterHold recovered(Duration now, TimingPolicy policy) {
    return MasterHold.recovered(now, policy);
  }

  default MasterHold coupled(MasterHold hold, Duration anchor, Duration now) {
    return hold.coupled(anchor, now);
  }

  default MasterHold received(MasterHold hold, Duration anchor, Duration now) {
    return hold.received(anchor, now);
  }

  default MasterHold echoing(MasterHold hold) {
    return hold.echoing();
  }

  default boolean isReleasable(MasterHold hold, Duration now, TimingPolicy policy) {
    return hold.isReleasable(now, policy);
  }

  default Duration releasableAt(MasterHold hold, TimingPolicy policy) {
    return hold.releasableAt(policy);
  }

  default Decision<TaskEvent, TaskDirective> task(TaskState state, TaskCommand command) {
    return TaskRules.decide(state, command, Ticks.STAMP);
  }

  default TaskState evolve(TaskState state, TaskEvent event) {
    return TaskRules.evolve(state, event);
  }

  default List<TaskDirective> outstanding(TaskState state) {
    return TaskRules.outstanding(state);
  }

  default List<LinkEvent> assign(LinkState state, JobDirective.Assign assign) {
    return LinkRules.assign(state, assign.spec(), assign.releaseByTime(), Ticks.STAMP);
  }

  default List<LinkEvent> stop(LinkState state, ExecutionId id) {
    return LinkRules.stop(state, id, Ticks.STAMP);
  }

  default List<LinkEvent> responded(
      LinkState state, Collection<Exchange.Report> reports, Collection<ExecutionId> released) {
    return LinkRules.responded(state, reports, released, List.of(), Ticks.STAMP);
  }

  default Decision<LinkEvent, MasterCommand> coupled(
      LinkState state, Couple.Response agent, JournalId masterJournal) {
    return LinkRules.coupled(state, agent, masterJournal, Ticks.STAMP);
  }

  default List<LinkEvent> leaseOver(LinkState state, Optional<Set<ExecutionId>> only) {
    return LinkRules.leaseOver(state, only, "not heard", Ticks.STAMP);
  }

  default Decision<LinkEvent, MasterCommand> dispatch(LinkState state, SessionMemory memory) {
    return LinkRules.dispatch(state, memory, Ticks.STAMP);
  }

  default LinkState evolve(LinkState state, LinkEvent event) {
    return state.evolve(event);
  }

  default Decision<JobEvent, JobDirective> job(JobState state, JobCommand command, Fleet fleet) {
    return RunRules.decide(state, command, fleet, Ticks.STAMP);
  }

  default JobState evolve(JobState state, JobEvent event) {
    return state.evolve(event);
  }

  default List<JobDirective> outstanding(JobState state) {
    return RunRules.outstanding(state);
  }

  // What the scripts and the actors do.

  /** R12: somebody outside the JVM acts by the end of the grace. */
  default boolean guardianActs() {
    return true;
  }

  /** R9: a wrapper begins nothing without the claim. */
  default boolean wrapperNeedsClaim() {
    return true;
  }

  /** R9: it takes the claim before the job begins, not after. */
  default boolean claimsBeforeTheJob() {
    return true;
  }

  /** R9: the child publishes its group, then looks. */
  default boolean childPublishesFirst() {
    return true;
  }

  /** R9: it begins nothing that was killed. */
  default boolean childLooksForKilled() {
    return true;
  }

  /** R2: it begins nothing when the lease file's deadline is over. */
  default boolean childChecksDeadline() {
    return true;
  }

  /** R9: who recovers takes the claim that nobody has. */
  default boolean adoptionClaims() {
    return true;
  }

  /** R11: a task has ended when nothing of it lives. */
  default boolean stopWaitsForTheTree() {
    return true;
  }

  /** R2, R11: a lease is closed when the end of its tasks is ordered where a wrapper looks. */
  default boolean closesWhenOrdered() {
    return true;
  }

  /** R2: the deadline as it stands in the file after a restart, {@link Ticks#NEVER} for none. */
  default int deadlineAfterRestart(int file) {
    return file;
  }

  /** R2: what the file says once the JVM relies on {@code deadline}. */
  default int written(int file, int deadline) {
    return deadline;
  }

  /** R2: the lease of another boot is none: its clock was another. */
  default int deadlineAfterReboot(int file) {
    return Ticks.NEVER;
  }

  /** R10: a process of another boot is none, whatever number it had. */
  default boolean looksAtTheBoot() {
    return true;
  }

  /** R4: the epoch after a restart of the agent. */
  default int epochAfterRestart(int epoch) {
    return epoch;
  }

  /** R8: the order is durable before anything is launched. */
  default boolean acceptedBeforeFork() {
    return true;
  }

  /** R8, R7: what the journal holds of a task after a restart of the agent. */
  default TaskState taskAfterRestart(TaskState state) {
    return state;
  }

  /** R5: an exchange that was seen is not performed again. */
  default boolean refusesSeenExchanges() {
    return true;
  }

  /** R13: how many ticks a master acts on one proof of its authority. */
  default int authority() {
    return 1;
  }

  /** R3 (c): what the wait counts from is the receipt of an anchor, not the request before. */
  default boolean countsFromReceipt() {
    return true;
  }

  /** R1: silence alone is no proof. */
  default boolean silenceIsNoProof() {
    return true;
  }

  /**
   * R3: nothing is called lost by time while a session with the agent is open. The master holds it
   * in {@code Link.tick}.
   */
  default boolean verdictWaitsForTheSession() {
    return true;
  }

  /** R14: that a request may leave is durable before it does. */
  default boolean journalsBeforeSending() {
    return true;
  }

  /**
   * R5: what the job took is what it is asked about, not what it was told before. The master holds
   * it in {@code Reconciling.change} and {@code jobTook}.
   */
  default boolean jobTookTheNewest() {
    return true;
  }
}
