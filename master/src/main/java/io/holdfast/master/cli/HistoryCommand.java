package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Searches what has been, also long ago. */
@Command(
    name = "history",
    description =
        "Search all runs, executions and agents that the journal tells of, the newest first.")
final class HistoryCommand extends HoldfastCommand {
  /** What is searched. */
  enum What {
    RUNS,
    EXECUTIONS,
    AGENTS;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      defaultValue = "runs",
      description = "runs, executions or agents. Default: runs.")
  private What what;

  @Option(names = "--job", paramLabel = "JOB", description = "Only of this job.")
  private String job;

  @Option(names = "--agent", paramLabel = "AGENT", description = "Only on this agent.")
  private String agent;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description =
          "Only in this state. Runs: queued, active, succeeded, failed, cancelled, lost."
              + " Executions: assigned, running, ended. Agents: activated, reconciled, lost,"
              + " confirmed-lost.")
  private String state;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Not earlier: 2026-11-22, 2026-11-22T15:00, or with a zone 2026-11-22T15:00:00Z.")
  private String from;

  @Option(names = "--to", paramLabel = "TIME", description = "Earlier than this.")
  private String to;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most this many, 1 to 1000. Default: 50.")
  private Integer limit;

  @Option(
      names = "--after",
      paramLabel = "KEY",
      description = "Go on behind an earlier answer, with the key that it ended with.")
  private String after;

  @Override
  public Integer call() {
    Query query =
        new Query()
            .add("job", job)
            .add("agent", agent)
            .add("state", state)
            .add("from", time("--from", from))
            .add("to", time("--to", to))
            .add("after", after)
            .add("limit", limit == null ? null : limit.toString());
    JsonNode answer = client().get("/history/" + what.word() + query, what.word());
    if (json()) {
      OutputOption.printJson(io().out(), answer);
      return OK;
    }
    JsonNode rows = answer.path(what.word());
    if (rows.isEmpty()) {
      io().notice("nothing of that kind is found");
    } else {
      print(table(rows));
    }
    notices(answer);
    return OK;
  }

  private Table table(JsonNode rows) {
    return switch (what) {
      case RUNS -> Views.pastRuns(rows, io().zone());
      case EXECUTIONS -> Views.pastExecutions(rows, io().zone());
      case AGENTS -> Views.pastAgents(rows, io().zone());
    };
  }

  private void notices(JsonNode answer) {
    String state = Text.of(answer, "history");
    if (!state.equals("current")) {
      String upTo = Text.time(answer, "upTo", io().zone());
      io().notice(
              "not all is there yet: the history is "
                  + (state.equals("rebuilding") ? "being rebuilt" : "catching up")
                  + (upTo.equals(Text.NONE) ? "" : ", up to " + upTo));
    }
    if (answer.has("warning")) {
      io().notice(Text.of(answer, "warning"));
    }
    if (answer.has("next")) {
      io().notice("there are more: --after " + Text.of(answer, "next"));
    }
  }

  /** A time as the API wants it; one without a zone is the reader's. */
  private String time(String option, String written) {
    if (written == null) {
      return null;
    }
    try {
      return Instant.parse(written).toString();
    } catch (DateTimeException e) {
      return local(option, written).atZone(io().zone()).toInstant().toString();
    }
  }

  private static LocalDateTime local(String option, String written) {
    try {
      return written.contains("T")
          ? LocalDateTime.parse(written)
          : LocalDate.parse(written).atStartOfDay();
    } catch (DateTimeException e) {
      throw new CliFailure(
          "%s %s is not a time: write 2026-11-22, 2026-11-22T15:00 or 2026-11-22T15:00:00Z"
              .formatted(option, Text.clean(written)),
          e);
    }
  }
}
