package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Vouches for the end of all that runs on an agent's machine. */
@Command(
    name = "confirm-lost",
    description =
        "Vouch that the machine of an agent is off, so that nothing of it can run any more: its"
            + " executions are called lost at once. If it is not off, a job may run twice at once.")
final class ConfirmLostCommand extends HoldfastCommand {
  @Parameters(paramLabel = "AGENT", description = "The agent, for example agent-1.")
  private String agent;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "How you know it, for the history.")
  private String reason;

  @Mixin private ByOption by;

  @Override
  public Integer call() {
    String id = Ref.requireName("an agent", agent);
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("reason", reason);
    by.into(body);
    JsonNode answer = client().post("/agents/" + id + "/confirm-lost", body, "reason");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else {
      int lost = answer.path("executions").size();
      io().out()
          .println(
              id
                  + " is confirmed lost: "
                  + (lost == 0 ? "nothing ran there" : "executions called lost: " + lost));
      answer.path("executions").forEach(execution -> io().out().println(execution.asText()));
    }
    return OK;
  }
}
