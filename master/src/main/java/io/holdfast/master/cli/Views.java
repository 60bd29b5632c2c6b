package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.ZoneId;

/** The objects of the API as tables. */
final class Views {
  private Views() {}

  static Table jobs(JsonNode jobs, ZoneId zone) {
    Table table =
        Table.of("JOB", "ON", "RUNS", "ACTIVE", "LAST RUN", "STATE", "AT", "AT MOST ONCE");
    for (JsonNode job : jobs) {
      JsonNode last = job.path("lastRun");
      table.row(
          Text.of(job, "name"),
          Text.target(job),
          Text.of(job, "runs"),
          Text.of(job, "activeRuns"),
          Text.of(last, "id"),
          Text.of(last, "state"),
          Text.time(last, "requestedAt", zone),
          Text.of(job, "atMostOnce"));
    }
    return table;
  }

  static Table job(JsonNode job, ZoneId zone) {
    JsonNode last = job.path("lastRun");
    return Table.ofFields()
        .field("job", Text.of(job, "name"))
        .field("on", Text.target(job))
        .field("parameters", Text.parameters(job))
        .field("timeout", Text.duration(job, "timeout"))
        .field("kill grace", Text.duration(job, "killGrace"))
        .field("on connection loss", Text.of(job, "onConnectionLoss"))
        .field("on lost", Text.of(job, "onLost"))
        .field("at most once", Text.of(job, "atMostOnce"))
        .field("runs", Text.of(job, "runs"))
        .field("active runs", Text.of(job, "activeRuns"))
        .field("last run", Text.of(last, "id"))
        .field("state", Text.of(last, "state"))
        .field("requested at", Text.time(last, "requestedAt", zone));
  }

  static Table runs(JsonNode runs, ZoneId zone) {
    Table table = Table.of("RUN", "STATE", "REQUESTED", "ENDED", "OUTCOME", "MESSAGE");
    for (JsonNode run : runs) {
      table.row(
          Text.of(run, "id"),
          Text.of(run, "state"),
          Text.time(run, "requestedAt", zone),
          Text.time(run, "endedAt", zone),
          Text.outcome(run, "outcome"),
          Text.of(run, "message"));
    }
    return table;
  }

  static Table run(JsonNode run, ZoneId zone) {
    return Table.ofFields()
        .field("run", Text.of(run, "id"))
        .field("job", Text.of(run, "job"))
        .field("state", Text.of(run, "state"))
        .field("outcome", Text.outcome(run, "outcome"))
        .field("message", Text.of(run, "message"))
        .field("progress", Text.progress(run))
        .field("parameters", Text.parameters(run))
        .field("requested at", Text.time(run, "requestedAt", zone))
        .field("cancel requested at", Text.time(run, "cancelRequestedAt", zone))
        .field("ended at", Text.time(run, "endedAt", zone));
  }

  static Table variables(JsonNode variables, ZoneId zone) {
    Table table = Table.of("VARIABLE", "VALUE", "SET BY", "TOKEN", "AT");
    variables
        .properties()
        .forEach(
            entry ->
                table.row(
                    Text.clean(entry.getKey()),
                    Text.start(entry.getValue(), "value"),
                    Text.of(entry.getValue(), "execution"),
                    Text.of(entry.getValue(), "fencingToken"),
                    Text.time(entry.getValue(), "at", zone)));
    return table;
  }

  static Table notes(JsonNode notes, ZoneId zone) {
    Table table = Table.of("NOTED", "BY", "NOTE");
    for (JsonNode note : notes) {
      table.row(Text.time(note, "at", zone), Text.of(note, "execution"), Text.of(note, "text"));
    }
    return table;
  }

  static Table executions(JsonNode executions, ZoneId zone) {
    Table table = Table.of("EXECUTION", "AGENT", "STATE", "STARTED", "ENDED", "OUTCOME", "MESSAGE");
    for (JsonNode execution : executions) {
      table.row(
          Text.of(execution, "id"),
          Text.of(execution, "agent"),
          Text.of(execution, "state"),
          Text.time(execution, "startedAt", zone),
          Text.time(execution, "endedAt", zone),
          Text.outcome(execution, "outcome"),
          Text.of(execution, "message"));
    }
    return table;
  }

  static Table execution(JsonNode execution, ZoneId zone) {
    return Table.ofFields()
        .field("execution", Text.of(execution, "id"))
        .field("run", Text.of(execution, "run"))
        .field("agent", Text.of(execution, "agent"))
        .field("state", Text.of(execution, "state"))
        .field("outcome", Text.outcome(execution, "outcome"))
        .field("late outcome", Text.outcome(execution, "amended"))
        .field("message", Text.of(execution, "message"))
        .field("fencing token", Text.of(execution, "fencingToken"))
        .field("assigned at", Text.time(execution, "assignedAt", zone))
        .field("started at", Text.time(execution, "startedAt", zone))
        .field("ended at", Text.time(execution, "endedAt", zone))
        .field("start requests", Text.list(execution, "requests"))
        .field("stdout bytes", Text.of(execution, "stdoutBytes"))
        .field("stderr bytes", Text.of(execution, "stderrBytes"))
        .field("logs complete", Text.of(execution, "logsComplete"));
  }

  static Table pastRuns(JsonNode runs, ZoneId zone) {
    Table table = Table.of("RUN", "STATE", "REQUESTED", "STARTED", "ENDED", "OUTCOME", "MESSAGE");
    for (JsonNode run : runs) {
      table.row(
          Text.of(run, "id"),
          Text.of(run, "state"),
          Text.time(run, "requestedAt", zone),
          Text.time(run, "startedAt", zone),
          Text.time(run, "endedAt", zone),
          Text.outcome(run, "outcome"),
          Text.of(run, "message"));
    }
    return table;
  }

  static Table pastExecutions(JsonNode executions, ZoneId zone) {
    Table table =
        Table.of(
            "EXECUTION", "AGENT", "TOKEN", "STATE", "STARTED", "ENDED", "OUTCOME", "LATE OUTCOME");
    for (JsonNode execution : executions) {
      table.row(
          Text.of(execution, "id"),
          Text.of(execution, "agent"),
          Text.of(execution, "fencingToken"),
          Text.of(execution, "state"),
          Text.time(execution, "startedAt", zone),
          Text.time(execution, "endedAt", zone),
          Text.outcome(execution, "outcome"),
          Text.outcome(execution, "amended"));
    }
    return table;
  }

  static Table pastAgents(JsonNode agents, ZoneId zone) {
    Table table = Table.of("AGENT", "STATE", "SINCE", "EPOCH", "RECONCILED", "GIVEN UP", "MESSAGE");
    for (JsonNode agent : agents) {
      table.row(
          Text.of(agent, "id"),
          Text.of(agent, "state"),
          Text.time(agent, "since", zone),
          Text.of(agent, "epoch"),
          Text.time(agent, "reconciledAt", zone),
          Text.time(agent, "lostAt", zone),
          Text.of(agent, "message"));
    }
    return table;
  }

  static Table agents(JsonNode agents, ZoneId zone) {
    Table table = Table.of("AGENT", "LINK", "SINCE", "LAST HEARD", "TASKS", "LIMIT", "MESSAGE");
    for (JsonNode agent : agents) {
      table.row(
          Text.of(agent, "id"),
          Text.of(agent, "link"),
          Text.time(agent, "since", zone),
          Text.time(agent, "lastHeard", zone),
          Text.of(agent, "openExecutions"),
          Text.of(agent, "taskLimit"),
          Text.of(agent, "message"));
    }
    return table;
  }

  static Table agent(JsonNode agent, ZoneId zone) {
    String retry = Text.of(agent, "retry");
    String retries =
        retry.equals(Text.NONE) ? retry : retry + " of " + Text.of(agent, "retryAttempts");
    return Table.ofFields()
        .field("agent", Text.of(agent, "id"))
        .field("url", Text.of(agent, "url"))
        .field("link", Text.of(agent, "link"))
        .field("since", Text.time(agent, "since", zone))
        .field("last heard", Text.time(agent, "lastHeard", zone))
        .field("retry", retries)
        .field("lease remaining", Text.duration(agent, "leaseRemaining"))
        .field("message", Text.of(agent, "message"))
        .field("open executions", Text.of(agent, "openExecutions"))
        .field("task limit", Text.of(agent, "taskLimit"))
        .field("epoch", Text.of(agent, "epoch"))
        .field("journal id", Text.of(agent, "journalId"))
        .field("incarnation", Text.of(agent, "incarnation"));
  }

  static Table reconciliations(JsonNode reports, ZoneId zone) {
    Table table =
        Table.of("AT", "EPOCH", "EXECUTION", "MASTER SAID", "AGENT SAYS", "DECISION", "REASON");
    for (JsonNode report : reports) {
      String at = Text.time(report, "at", zone);
      String epoch = Text.of(report, "epoch");
      if (report.path("entries").isEmpty()) {
        table.row(at, epoch, Text.NONE, Text.NONE, Text.NONE, Text.NONE, "nothing was open");
      }
      for (JsonNode entry : report.path("entries")) {
        table.row(
            at,
            epoch,
            Text.of(entry, "execution"),
            Text.of(entry, "before"),
            Text.of(entry, "agentSays"),
            Text.of(entry, "decision"),
            Text.of(entry, "reason"));
      }
    }
    return table;
  }

  /** How a run ended, in one line: {@code tick#1 failed: exited 3 (after 12s)}. */
  static String end(JsonNode run) {
    StringBuilder line = new StringBuilder(Text.of(run, "id"));
    line.append(' ').append(Text.of(run, "state"));
    String why = Text.outcome(run, "outcome");
    String message = Text.of(run, "message");
    if (!why.equals(Text.NONE)) {
      line.append(": ").append(why);
    }
    if (!message.equals(Text.NONE) && !message.equals(why)) {
      line.append(why.equals(Text.NONE) ? ": " : "; ").append(message);
    }
    String took = Text.between(run, "requestedAt", "endedAt");
    return took.equals(Text.NONE)
        ? line.toString()
        : line.append(" (after ").append(took).append(')').toString();
  }

  /** The execution {@code id} of {@code run}. */
  static JsonNode execution(JsonNode run, String id) {
    for (JsonNode execution : run.path("executions")) {
      if (execution.path("id").asText().equals(id)) {
        return execution;
      }
    }
    throw new CliFailure(
        "run %s has no execution %s; it has %d of them"
            .formatted(Text.of(run, "id"), id, run.path("executions").size()));
  }
}
