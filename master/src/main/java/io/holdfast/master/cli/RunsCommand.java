package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
    List<String> query = new ArrayList<>();
    add(query, "job", job);
    add(query, "agent", agent);
    add(query, "state", state);
    add(query, "limit", limit == null ? null : limit.toString());
    String path = query.isEmpty() ? "/runs" : "/runs?" + String.join("&", query);
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

  private static void add(List<String> query, String name, String value) {
    if (value != null) {
      query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }
}
