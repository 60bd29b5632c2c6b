package io.holdfast.master.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.protocol.wire.WireJson;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads one page of the history, as the JSON of docs/http-api.md. No state. */
final class HistorySearch {
  /** The longest that a search takes; beyond it fails. */
  private static final int MOST_SECONDS = 10;

  private static final String NEWEST_RUN =
      " ORDER BY r.requested_at DESC, r.job DESC, r.number DESC";

  /** The start is looked up for the rows of the page alone. */
  private static final String RUNS =
      "SELECT r.*, (SELECT MIN(coalesce(e.started_at, s.started_at)) FROM history_executions e"
          + " LEFT JOIN history_starts s ON s.job = e.job AND s.run = e.run"
          + " AND s.attempt = e.attempt AND s.agent = e.agent"
          + " WHERE e.job = r.job AND e.run = r.number) AS started"
          + " FROM (SELECT * FROM history_runs r WHERE 1 = 1";

  private static final String EXECUTIONS =
      "SELECT e.*, coalesce(e.started_at, s.started_at) AS started"
          + " FROM history_executions e"
          + " LEFT JOIN history_starts s ON s.job = e.job AND s.run = e.run"
          + " AND s.attempt = e.attempt AND s.agent = e.agent WHERE 1 = 1";
  private static final String AGENTS = "SELECT a.* FROM history_agents a WHERE 1 = 1";

  private final HistoryFilter filter;
  private final StringBuilder sql;
  private final List<Object> values = new ArrayList<>();
  private String behindLimit = "";

  private HistorySearch(HistoryFilter filter, String select) {
    this.filter = filter;
    this.sql = new StringBuilder(select);
  }

  /** A row, and the key by which a page goes on behind it. */
  private record Found(ObjectNode json, PageKey key) {}

  /**
   * The page: {@code runs}, {@code executions} or {@code agents}; {@code next} unless it is the
   * last; {@code upTo}, when the newest event happened that the rows know of.
   */
  static ObjectNode page(Connection connection, HistoryFilter filter) throws SQLException {
    HistorySearch search =
        switch (filter.kind()) {
          case RUNS -> runs(filter);
          case EXECUTIONS -> executions(filter);
          case AGENTS -> agents(filter);
        };
    Optional<HistoryState.Mark> mark = HistoryState.mark(connection, filter.kind().stream());
    List<Found> found = search.read(connection);
    ObjectNode page = WireJson.MAPPER.createObjectNode();
    ArrayNode rows = page.putArray(filter.kind().word());
    found.stream().limit(filter.limit()).forEach(row -> rows.add(row.json()));
    if (found.size() > filter.limit()) {
      page.put("next", found.get(filter.limit() - 1).key().text());
    }
    mark.ifPresent(taken -> page.put("upTo", taken.upTo().toString()));
    return page;
  }

  private static HistorySearch runs(HistoryFilter filter) {
    HistorySearch search = new HistorySearch(filter, RUNS);
    filter.job().ifPresent(job -> search.and("r.job = ?", job.value()));
    filter.state().ifPresent(state -> search.and("r.state = ?", state));
    filter
        .agent()
        .ifPresent(
            agent ->
                search.and(
                    "EXISTS (SELECT 1 FROM history_executions x"
                        + " WHERE x.job = r.job AND x.run = r.number AND x.agent = ?)",
                    agent.value()));
    search.between("r.requested_at");
    filter
        .after()
        .ifPresent(
            key -> {
              // The first is what an index is searched by.
              search.and("r.requested_at <= ?", key.at());
              search.and(
                  "(r.requested_at, r.job, r.number) < (?, ?, ?)", key.at(), key.name(), key.run());
            });
    search.sql.append(NEWEST_RUN);
    search.behindLimit = ") r" + NEWEST_RUN;
    return search;
  }

  private static HistorySearch executions(HistoryFilter filter) {
    HistorySearch search = new HistorySearch(filter, EXECUTIONS);
    filter.job().ifPresent(job -> search.and("e.job = ?", job.value()));
    filter.agent().ifPresent(agent -> search.and("e.agent = ?", agent.value()));
    filter
        .state()
        .ifPresent(
            state ->
                search.and(
                    switch (state) {
                      case "ended" -> "e.ended_at IS NOT NULL";
                      case "running" -> "e.ended_at IS NULL AND s.started_at IS NOT NULL";
                      default -> "e.ended_at IS NULL AND s.started_at IS NULL";
                    }));
    search.between("e.assigned_at");
    filter
        .after()
        .ifPresent(
            key -> {
              search.and("e.assigned_at <= ?", key.at());
              search.and(
                  "(e.assigned_at, e.job, e.run, e.attempt) < (?, ?, ?, ?)",
                  key.at(),
                  key.name(),
                  key.run(),
                  key.attempt());
            });
    search.sql.append(" ORDER BY e.assigned_at DESC, e.job DESC, e.run DESC, e.attempt DESC");
    return search;
  }

  private static HistorySearch agents(HistoryFilter filter) {
    HistorySearch search = new HistorySearch(filter, AGENTS);
    filter.agent().ifPresent(agent -> search.and("a.agent = ?", agent.value()));
    filter.state().ifPresent(state -> search.and("a.state = ?", state));
    search.between("a.since");
    filter.after().ifPresent(key -> search.and("a.agent > ?", key.name()));
    search.sql.append(" ORDER BY a.agent");
    return search;
  }

  private void and(String condition, Object... given) {
    sql.append(" AND ").append(condition);
    values.addAll(List.of(given));
  }

  private void between(String column) {
    filter.from().ifPresent(from -> and(column + " >= ?", from));
    filter.to().ifPresent(to -> and(column + " < ?", to));
  }

  /** One more than the page has, by which it is known whether there is another. */
  private List<Found> read(Connection connection) throws SQLException {
    sql.append(" LIMIT ?").append(behindLimit);
    values.add(filter.limit() + 1);
    List<Found> found = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
      select.setQueryTimeout(MOST_SECONDS);
      HistorySql.bind(select, values);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found.add(
              switch (filter.kind()) {
                case RUNS -> run(row);
                case EXECUTIONS -> execution(row);
                case AGENTS -> agent(row);
              });
        }
      }
    }
    return found;
  }

  private static Found run(ResultSet row) throws SQLException {
    String job = row.getString("job");
    long number = row.getLong("number");
    ObjectNode run = WireJson.MAPPER.createObjectNode();
    run.put("id", job + "#" + number);
    run.put("job", job);
    run.put("number", number);
    run.put("state", row.getString("state"));
    time(run, "requestedAt", row, "requested_at");
    text(run, "requestId", row, "request_id");
    time(run, "cancelRequestedAt", row, "cancel_requested_at");
    time(run, "startedAt", row, "started");
    time(run, "endedAt", row, "ended_at");
    run.put("attempts", row.getInt("attempts"));
    if (run.has("endedAt")) {
      outcome(run, "outcome", row, "outcome");
    }
    text(run, "message", row, "message");
    adopted(run, row);
    return new Found(run, new PageKey(HistoryKind.RUNS, at(row, "requested_at"), job, number, 0));
  }

  private static Found execution(ResultSet row) throws SQLException {
    String job = row.getString("job");
    long number = row.getLong("run");
    int attempt = row.getInt("attempt");
    ObjectNode execution = WireJson.MAPPER.createObjectNode();
    execution.put("id", job + "#" + number + "." + attempt);
    execution.put("run", job + "#" + number);
    execution.put("job", job);
    execution.put("attempt", attempt);
    execution.put("agent", row.getString("agent"));
    long token = row.getLong("fencing_token");
    if (!row.wasNull()) {
      execution.put("fencingToken", token);
    }
    execution.put("state", "");
    time(execution, "assignedAt", row, "assigned_at");
    time(execution, "startedAt", row, "started");
    time(execution, "endedAt", row, "ended_at");
    execution.put(
        "state",
        execution.has("endedAt") ? "ended" : execution.has("startedAt") ? "running" : "assigned");
    outcome(execution, "outcome", row, "outcome");
    outcome(execution, "amended", row, "amended");
    adopted(execution, row);
    return new Found(
        execution,
        new PageKey(HistoryKind.EXECUTIONS, at(row, "assigned_at"), job, number, attempt));
  }

  private static Found agent(ResultSet row) throws SQLException {
    String id = row.getString("agent");
    ObjectNode agent = WireJson.MAPPER.createObjectNode();
    agent.put("id", id);
    agent.put("state", row.getString("state"));
    time(agent, "since", row, "since");
    long epoch = row.getLong("epoch");
    if (!row.wasNull()) {
      agent.put("epoch", epoch);
    }
    text(agent, "journalId", row, "journal_id");
    text(agent, "incarnation", row, "incarnation");
    time(agent, "activatedAt", row, "activated_at");
    time(agent, "reconciledAt", row, "reconciled_at");
    time(agent, "lostAt", row, "lost_at");
    text(agent, "message", row, "message");
    return new Found(agent, new PageKey(HistoryKind.AGENTS, Instant.EPOCH, id, 0, 0));
  }

  private static Instant at(ResultSet row, String column) throws SQLException {
    return HistorySql.instant(row, column).orElseThrow();
  }

  private static void time(ObjectNode to, String field, ResultSet row, String column)
      throws SQLException {
    HistorySql.instant(row, column).ifPresent(at -> to.put(field, at.toString()));
  }

  private static void text(ObjectNode to, String field, ResultSet row, String column)
      throws SQLException {
    String value = row.getString(column);
    if (value != null) {
      to.put(field, value);
    }
  }

  private static void adopted(ObjectNode to, ResultSet row) throws SQLException {
    if (row.getBoolean("adopted")) {
      to.put("adopted", true);
    }
  }

  private static void outcome(ObjectNode to, String field, ResultSet row, String column)
      throws SQLException {
    String json = row.getString(column);
    if (json == null) {
      return;
    }
    try {
      to.set(field, WireJson.MAPPER.readTree(json));
    } catch (JsonProcessingException e) {
      throw new SQLException("what stands in " + column + " is no outcome: " + json, e);
    }
  }
}
