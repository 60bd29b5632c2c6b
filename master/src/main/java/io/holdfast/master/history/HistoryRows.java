package io.holdfast.master.history;

import static io.holdfast.master.history.HistorySql.update;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.history.HistoryChange.AgentChanged;
import io.holdfast.master.history.HistoryChange.AgentNews;
import io.holdfast.master.history.HistoryChange.CancelAsked;
import io.holdfast.master.history.HistoryChange.ExecutionAmended;
import io.holdfast.master.history.HistoryChange.ExecutionAssigned;
import io.holdfast.master.history.HistoryChange.ExecutionOver;
import io.holdfast.master.history.HistoryChange.RunAsked;
import io.holdfast.master.history.HistoryChange.RunFound;
import io.holdfast.master.history.HistoryChange.RunOver;
import io.holdfast.master.history.HistoryChange.StartSeen;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.wire.WireJson;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** Performs changes of the history in the transaction of a connection. No state. */
final class HistoryRows {
  /** Characters of a message, or of the reason in an outcome; the whole of it is in the journal. */
  static final int MOST_TEXT = 2000;

  private HistoryRows() {}

  /** Performs one change. */
  static void perform(Connection to, HistoryChange change) throws SQLException {
    if (change instanceof RunAsked asked) {
      addRun(to, asked.run(), asked.at(), asked.requestId(), false);
    } else if (change instanceof RunFound found) {
      addRun(to, found.run(), found.at(), Optional.empty(), true);
    } else if (change instanceof CancelAsked cancel) {
      update(
          to,
          "UPDATE history_runs SET cancel_requested_at = ? WHERE job = ? AND number = ?",
          cancel.at(),
          cancel.run().job().value(),
          cancel.run().number());
    } else if (change instanceof RunOver over) {
      update(
          to,
          "UPDATE history_runs SET state = ?, message = ?, ended_at = ? WHERE job = ? AND number = ?",
          over.result().word(),
          cut(over.message()),
          over.at(),
          over.run().job().value(),
          over.run().number());
    } else if (change instanceof ExecutionAssigned assigned) {
      assigned(to, assigned);
    } else if (change instanceof ExecutionOver over) {
      over(to, over);
    } else if (change instanceof ExecutionAmended amended) {
      ExecutionId id = amended.execution();
      update(
          to,
          "UPDATE history_executions SET amended = ? WHERE job = ? AND run = ? AND attempt = ?",
          json(amended.late()),
          id.job().value(),
          id.run().number(),
          id.attempt());
    } else if (change instanceof StartSeen seen) {
      started(to, seen);
    } else if (change instanceof AgentChanged changed) {
      agent(to, changed);
    } else {
      throw new IllegalArgumentException("no row for " + change);
    }
  }

  private static void addRun(
      Connection to, RunId run, Instant at, Optional<String> requestId, boolean adopted)
      throws SQLException {
    update(
        to,
        "INSERT INTO history_runs (job, number, state, requested_at, request_id, attempts, adopted)"
            + " VALUES (?, ?, 'queued', ?, ?, 0, ?) ON CONFLICT DO NOTHING",
        run.job().value(),
        run.number(),
        at,
        requestId,
        adopted);
  }

  private static void assigned(Connection to, ExecutionAssigned assigned) throws SQLException {
    ExecutionId id = assigned.execution();
    update(
        to,
        "UPDATE history_runs SET attempts = ?, state = CASE WHEN ended_at IS NULL THEN 'active'"
            + " ELSE state END WHERE job = ? AND number = ? AND attempts < ?",
        id.attempt(),
        id.job().value(),
        id.run().number(),
        id.attempt());
    update(
        to,
        "INSERT INTO history_executions"
            + " (job, run, attempt, agent, fencing_token, assigned_at, adopted)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        id.job().value(),
        id.run().number(),
        id.attempt(),
        assigned.agent().value(),
        assigned.token().map(token -> token.value()),
        assigned.at(),
        assigned.adopted());
  }

  private static void over(Connection to, ExecutionOver over) throws SQLException {
    ExecutionId id = over.execution();
    String outcome = json(over.outcome());
    update(
        to,
        "UPDATE history_executions SET outcome = ?, started_at = ?, ended_at = ?"
            + " WHERE job = ? AND run = ? AND attempt = ?",
        outcome,
        over.startedAt(),
        over.endedAt(),
        id.job().value(),
        id.run().number(),
        id.attempt());
    update(
        to,
        "UPDATE history_runs SET outcome = ? WHERE job = ? AND number = ? AND attempts <= ?",
        outcome,
        id.job().value(),
        id.run().number(),
        id.attempt());
  }

  private static void started(Connection to, StartSeen seen) throws SQLException {
    ExecutionId id = seen.execution();
    update(
        to,
        "INSERT INTO history_starts (job, run, attempt, agent, started_at)"
            + " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        id.job().value(),
        id.run().number(),
        id.attempt(),
        seen.agent().value(),
        seen.at());
  }

  private static void agent(Connection to, AgentChanged changed) throws SQLException {
    String agent = changed.agent().value();
    update(
        to,
        "INSERT INTO history_agents (agent, number, state, since) VALUES (?, 0, ?, ?)"
            + " ON CONFLICT DO NOTHING",
        agent,
        changed.news().state(),
        changed.at());
    int news =
        update(
            to,
            "UPDATE history_agents SET number = ?, state = ?, since = ?, message = NULL"
                + " WHERE agent = ? AND number < ?",
            changed.number(),
            changed.news().state(),
            changed.at(),
            agent,
            changed.number());
    if (news == 0) {
      return;
    }
    if (changed.news() instanceof AgentNews.Activated activated) {
      update(
          to,
          "UPDATE history_agents SET epoch = ?, activated_at = ? WHERE agent = ?",
          activated.epoch().value(),
          changed.at(),
          agent);
    } else if (changed.news() instanceof AgentNews.Reconciled reconciled) {
      update(
          to,
          "UPDATE history_agents SET epoch = ?, reconciled_at = ?, journal_id = ?, incarnation = ?"
              + " WHERE agent = ?",
          reconciled.epoch().value(),
          changed.at(),
          reconciled.journal().value(),
          reconciled.incarnation().value(),
          agent);
    } else if (changed.news() instanceof AgentNews.GivenUp lost) {
      update(
          to,
          "UPDATE history_agents SET lost_at = ?, message = ? WHERE agent = ?",
          changed.at(),
          cut(lost.why()),
          agent);
    }
  }

  private static String cut(String text) {
    return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT - 1) + "…";
  }

  private static String json(Outcome outcome) {
    JsonNode node = WireJson.MAPPER.valueToTree(outcome);
    if (node instanceof ObjectNode object && object.path("why").isTextual()) {
      object.put("why", cut(object.path("why").textValue()));
    }
    try {
      return WireJson.MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an outcome is JSON", e);
    }
  }
}
