package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks for the end of a run. */
@Command(name = "cancel", description = "Stop a run: its task gets SIGTERM, and later SIGKILL.")
final class CancelCommand extends HoldfastCommand {
  @Parameters(paramLabel = "RUN", description = "The run, for example tick#1.")
  private String run;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the history.")
  private String reason;

  @Mixin private ByOption by;

  @Override
  public Integer call() {
    String id = Ref.requireRun(run);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    if (reason != null) {
      body.put("reason", reason);
    }
    by.into(body);
    JsonNode answer = client().post("/runs/" + Ref.inPath(id) + "/cancel", body, "id");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else {
      boolean ended = Follower.hasEnded(answer);
      io().out().println(ended ? Views.end(answer) : id + " is being cancelled");
    }
    return OK;
  }
}
