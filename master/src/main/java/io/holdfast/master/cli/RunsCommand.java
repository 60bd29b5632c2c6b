package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists runs. */
@Command(name = "runs", description = "List runs, the newest first.")
final class RunsCommand extends HoldfastCommand {
  @Option(names = "--job", paramLabel = "JOB", description = "Only runs of this job.")
  private String job;

  @Option(names = "--agent", paramLabel = "AGENT", description = "Only runs on this agent.")
  private String agent;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only these: queued, active, succeeded, failed, cancelled or lost.")
  private String state;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most this many, 1 to 1000. Default: 50.")
  private Integer limit;

  @Override
  public Integer call() {
    Query query =
        new Query()
            .add("job", job)
            .add("agent", agent)
            .add("state", state)
            .add("limit", limit == null ? null : limit.toString());
    String path = "/runs" + query;
    JsonNode answer = client().get(path, "runs");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else if (answer.path("runs").isEmpty()) {
      io().notice(query.isEmpty() ? "there are no runs yet" : "there is no such run");
    } else {
      print(Views.runs(answer.path("runs"), io().zone()));
    }
    return OK;
  }
}
