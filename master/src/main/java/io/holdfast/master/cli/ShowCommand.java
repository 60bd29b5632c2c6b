package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one thing. */
@Command(
    name = "show",
    description = "Show a run (tick#1), an execution (tick#1.1), a job or an agent.")
final class ShowCommand extends HoldfastCommand {
  private static final String JOB = "job/";
  private static final String AGENT = "agent/";
  private static final int NOT_FOUND = 404;

  @Parameters(
      paramLabel = "RUN|EXECUTION|JOB|AGENT",
      description = "What; job/NAME or agent/NAME where a job and an agent have the same name.")
  private String what;

  @Override
  public Integer call() {
    MasterClient client = client();
    if (what.startsWith(JOB)) {
      showJob(client.get("/jobs/" + Ref.requireName("a job", what.substring(4)), "name"));
      return OK;
    }
    if (what.startsWith(AGENT)) {
      showAgent(client.get("/agents/" + Ref.requireName("an agent", what.substring(6)), "id"));
      return OK;
    }
    Ref ref = Ref.parse(what);
    if (ref instanceof Ref.Name name) {
      showName(client, Ref.requireName("a run, a job or an agent", name.name()));
      return OK;
    }
    JsonNode run = client.get("/runs/" + Ref.inPath(Ref.runOf(ref).orElseThrow()), "id");
    if (ref instanceof Ref.Execution execution) {
      showExecution(Views.execution(run, execution.id()));
    } else {
      showRun(run);
    }
    return OK;
  }

  private void showName(MasterClient client, String name) {
    Optional<JsonNode> job = find(client, "/jobs/" + name, "name");
    Optional<JsonNode> agent = find(client, "/agents/" + name, "id");
    if (job.isPresent() && agent.isPresent()) {
      throw new CliFailure(
          "'%s' is a job and an agent: say job/%s or agent/%s".formatted(name, name, name));
    }
    if (job.isEmpty() && agent.isEmpty()) {
      throw new CliFailure(
          "there is no job and no agent '%s': 'holdfast jobs' and 'holdfast agents' list them"
              .formatted(name));
    }
    job.ifPresent(this::showJob);
    agent.ifPresent(this::showAgent);
  }

  private static Optional<JsonNode> find(MasterClient client, String path, String mark) {
    try {
      return Optional.of(client.get(path, mark));
    } catch (ProblemFailure e) {
      if (e.status() == NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void showJob(JsonNode job) {
    if (json()) {
      OutputOption.printJson(io().out(), job);
      return;
    }
    print(Views.job(job, io().zone()));
    io().out().println("run");
    job.path("run")
        .asText()
        .lines()
        .forEach(line -> io().out().println("    " + Text.clean(line.replace("\t", "    "))));
  }

  private void showAgent(JsonNode agent) {
    if (json()) {
      OutputOption.printJson(io().out(), agent);
    } else {
      print(Views.agent(agent, io().zone()));
    }
  }

  private void showRun(JsonNode run) {
    if (json()) {
      OutputOption.printJson(io().out(), run);
      return;
    }
    print(Views.run(run, io().zone()));
    if (!run.path("executions").isEmpty()) {
      io().out().println();
      print(Views.executions(run.path("executions"), io().zone()));
    }
    if (!run.path("variables").isEmpty()) {
      io().out().println();
      print(Views.variables(run.path("variables"), io().zone()));
    }
    if (!run.path("notes").isEmpty()) {
      io().out().println();
      print(Views.notes(run.path("notes"), io().zone()));
    }
  }

  private void showExecution(JsonNode execution) {
    if (json()) {
      OutputOption.printJson(io().out(), execution);
    } else {
      print(Views.execution(execution, io().zone()));
    }
  }
}
