package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;

/** Lists jobs. */
@Command(name = "jobs", description = "List the jobs.")
final class JobsCommand extends HoldfastCommand {
  @Override
  public Integer call() {
    JsonNode answer = client().get("/jobs", "jobs");
    if (json()) {
      OutputOption.printJson(io().out(), answer);
    } else if (answer.path("jobs").isEmpty()) {
      io().notice("there are no jobs yet: define some with 'holdfast apply -f FILE'");
    } else {
      print(Views.jobs(answer.path("jobs"), io().zone()));
    }
    return OK;
  }
}
