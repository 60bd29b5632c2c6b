package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists agents, or what was decided at the reconciliations with one of them. */
@Command(
    name = "agents",
    description = "List the agents and their links.",
    subcommands = ConfirmLostCommand.class)
final class AgentsCommand extends HoldfastCommand {
  @Option(
      names = "--reconciliations",
      paramLabel = "AGENT",
      description = "Show what was compared and decided each time this agent came back.")
  private String reconciliations;

  @Override
  public Integer call() {
    if (reconciliations != null) {
      return reconciliations(Ref.requireName("an agent", reconciliations));
    }
    JsonNode answer = client().get("/agents", "agents");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else if (answer.path("agents").isEmpty()) {
      io().notice("the master is configured without agents");
    } else {
      print(Views.agents(answer.path("agents"), io().zone()));
    }
    return OK;
  }

  private int reconciliations(String agent) {
    JsonNode answer = client().get("/agents/" + agent + "/reconciliations", "reconciliations");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else if (answer.path("reconciliations").isEmpty()) {
      io().notice("there was no reconciliation with " + agent + " yet");
    } else {
      print(Views.reconciliations(answer.path("reconciliations"), io().zone()));
    }
    return OK;
  }
}
