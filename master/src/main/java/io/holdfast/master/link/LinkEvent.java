package io.holdfast.master.link;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Exchange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What happened on the master's side of a link. {@code at} is the master's wall clock. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LinkEvent.Activated.class, name = "activated"),
  @JsonSubTypes.Type(value = LinkEvent.Assigned.class, name = "assigned"),
  @JsonSubTypes.Type(value = LinkEvent.AssignedAgain.class, name = "assigned-again"),
  @JsonSubTypes.Type(value = LinkEvent.JournalDamaged.class, name = "journal-damaged"),
  @JsonSubTypes.Type(value = LinkEvent.Sending.class, name = "sending"),
  @JsonSubTypes.Type(value = LinkEvent.StopWanted.class, name = "stop-wanted"),
  @JsonSubTypes.Type(value = LinkEvent.Reported.class, name = "reported"),
  @JsonSubTypes.Type(value = LinkEvent.Reconciled.class, name = "reconciled"),
  @JsonSubTypes.Type(value = LinkEvent.LostDeclared.class, name = "lost-declared"),
  @JsonSubTypes.Type(value = LinkEvent.Withdrawn.class, name = "withdrawn"),
  @JsonSubTypes.Type(value = LinkEvent.StartsRefused.class, name = "starts-refused"),
  @JsonSubTypes.Type(value = LinkEvent.ConfirmedLost.class, name = "confirmed-lost"),
  @JsonSubTypes.Type(value = LinkEvent.Unheard.class, name = "unheard"),
  @JsonSubTypes.Type(value = LinkEvent.Closed.class, name = "closed")
})
public sealed interface LinkEvent {
  Instant at();

  /**
   * A master's side of this link came alive: older ones are refused from now on (R4).
   *
   * @param life whose epoch this is: who does not know what became of a write of its own must not
   *     take it for a successor's (R13). Absent in version 1.
   */
  record Activated(MasterEpoch epoch, Optional<Incarnation> life, Instant at)
      implements LinkEvent {}

  /** A job gave an execution to this link. */
  record Assigned(TaskSpec spec, boolean releaseByTime, Instant at) implements LinkEvent {}

  /**
   * A job says, after a part of this journal was lost, that it waits for this execution: it may
   * have been given to this link, and sent, in the lost part.
   */
  record AssignedAgain(TaskSpec spec, boolean releaseByTime, Instant at) implements LinkEvent {}

  /**
   * What came after the events before this one is lost with a part of the journal.
   *
   * @param what what is wrong with it, as half a sentence
   */
  record JournalDamaged(String what, Instant at) implements LinkEvent {}

  /** These start requests may leave from now on. */
  record Sending(List<RequestId> requests, Instant at) implements LinkEvent {}

  /** It is to be stopped. */
  record StopWanted(ExecutionId execution, StopReason reason, Instant at) implements LinkEvent {}

  /** The agent reported these events of its tasks. */
  record Reported(List<Exchange.Report> reports, Instant at) implements LinkEvent {}

  /**
   * The records were compared with the agent's inventory.
   *
   * @param items what the agent said of the executions that the entries are about
   */
  record Reconciled(
      MasterEpoch epoch,
      JournalId agentJournal,
      Incarnation incarnation,
      List<ReconcileEntry> entries,
      List<InventoryItem> items,
      Instant at)
      implements LinkEvent {}

  /** R3 (c): the lease is provably over, so these are given up. */
  record LostDeclared(List<ExecutionId> executions, String why, Instant at) implements LinkEvent {}

  /** It was never sent and never will be. */
  record Withdrawn(ExecutionId execution, String why, Instant at) implements LinkEvent {}

  /** These never began: their ids stand for something else at the agent. */
  record StartsRefused(List<ExecutionId> executions, String why, Instant at) implements LinkEvent {}

  /**
   * An operator vouches that nothing of this agent's machine lives any more, so these are given up.
   *
   * @param who and {@code why}: in the operator's words
   */
  record ConfirmedLost(List<ExecutionId> executions, String who, String why, Instant at)
      implements LinkEvent {
    /** The verdict on each of the executions. */
    String words() {
      return "confirmed by " + who + ": " + why;
    }
  }

  /**
   * R1: the agent was not heard for two periods; written once until it is heard again. For people
   * alone, who want to know later when it was away: nothing follows from it.
   *
   * @param lastHeard when it was heard last; empty if not in this life of the master
   */
  record Unheard(Optional<Instant> lastHeard, Instant at) implements LinkEvent {
    public Unheard {
      lastHeard = lastHeard == null ? Optional.empty() : lastHeard;
    }
  }

  /** Job, log store and agent have all of these: nothing is left to do. */
  record Closed(List<ExecutionId> executions, Instant at) implements LinkEvent {}
}
