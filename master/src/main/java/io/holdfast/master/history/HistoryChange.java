package io.holdfast.master.history;

import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import java.time.Instant;
import java.util.Optional;

/**
 * One change of the history's rows. In the order of the journal they lead to the same rows each
 * time; one that is made twice, also much later, has the effect of once.
 */
sealed interface HistoryChange {

  /** There is a run. */
  record RunAsked(RunId run, Instant at, Optional<String> requestId) implements HistoryChange {}

  /** There is a run that the journal had lost; one that is there stays as it is. */
  record RunFound(RunId run, Instant at) implements HistoryChange {}

  /** Somebody wants the run to end. */
  record CancelAsked(RunId run, Instant at) implements HistoryChange {}

  /** The run has its result. */
  record RunOver(RunId run, RunResult result, String message, Instant at)
      implements HistoryChange {}

  /** There is an execution, and its run is under way. */
  record ExecutionAssigned(
      ExecutionId execution,
      AgentId agent,
      Optional<FencingToken> token,
      Instant at,
      boolean adopted)
      implements HistoryChange {}

  /** The execution has its outcome; it is that of its run, unless there is a later execution. */
  record ExecutionOver(
      ExecutionId execution, Outcome outcome, Optional<Instant> startedAt, Instant endedAt)
      implements HistoryChange {}

  /** What was heard after the verdict. */
  record ExecutionAmended(ExecutionId execution, Outcome late) implements HistoryChange {}

  /** The task of an execution runs; counts while the execution has not told its own end. */
  record StartSeen(ExecutionId execution, AgentId agent, Instant at) implements HistoryChange {}

  /**
   * What is known of a link, by the event {@code number} of its journal; older ones are passed
   * over.
   */
  record AgentChanged(AgentId agent, long number, AgentNews news, Instant at)
      implements HistoryChange {}

  /** What an event says of a link. */
  sealed interface AgentNews {
    /** The word for it, by which agents are searched. */
    String state();

    /** The master's side came alive. */
    record Activated(MasterEpoch epoch) implements AgentNews {
      @Override
      public String state() {
        return "activated";
      }
    }

    /** Both sides have compared notes. */
    record Reconciled(MasterEpoch epoch, JournalId journal, Incarnation incarnation)
        implements AgentNews {
      @Override
      public String state() {
        return "reconciled";
      }
    }

    /** What may have run there was given up, by R3's wait or by an operator's word. */
    record GivenUp(boolean confirmed, String why) implements AgentNews {
      @Override
      public String state() {
        return confirmed ? "confirmed-lost" : "lost";
      }
    }
  }
}
