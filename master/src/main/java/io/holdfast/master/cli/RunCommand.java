package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts a job, and stays with the run if wanted. */
@Command(
    name = "run",
    description = {
      "Start a job now. Prints the id of the run.",
      "The run does not depend on this command: Ctrl-C leaves it running."
    })
final class RunCommand extends HoldfastCommand {
  @Parameters(paramLabel = "JOB", description = "The job.")
  private String job;

  @Option(
      names = {"-p", "--parameter"},
      paramLabel = "NAME=VALUE",
      description =
          "A parameter for this run, in place of the job's own; as often as needed. The value is"
              + " everything after the first '='.")
  private List<String> parameters = List.of();

  @Option(
      names = "--wait",
      description = "Wait until the run has ended; exit 0 if it succeeded, 1 if not.")
  private boolean wait;

  @Option(
      names = "--follow",
      description = "The same, and show its output meanwhile: stdout to stdout, stderr to stderr.")
  private boolean follow;

  @Mixin private ByOption by;

  @Override
  public Integer call() {
    if (follow && json()) {
      throw new CliFailure("--follow prints the output of the run: use '-o json' with --wait");
    }
    MasterClient client = client();
    JsonNode run = start(client);
    String id = run.path("id").asText();
    if (!wait && !follow) {
      printStarted(run, id);
      return OK;
    }
    Follower follower = new Follower(client, io(), id);
    try (Farewell farewell = new Farewell(io(), id)) {
      io().notice("run " + id + " is " + Text.of(run, "state"));
      JsonNode end =
          follow
              ? follower.follow(
                  Optional.empty(), Map.of("stdout", io().out(), "stderr", io().err()))
              : follower.await();
      printEnd(end);
      return end.path("state").asText().equals("succeeded") ? OK : RUN_FAILED;
    }
  }

  /**
   * The first attempt must reach the master, or the address is wrong. When its answer is lost the
   * request is repeated under the same id, which starts no second run.
   */
  private JsonNode start(MasterClient client) {
    ObjectNode body = body();
    String path = "/jobs/" + Ref.requireName("a job", job) + "/runs";
    try {
      return client.post(path, body, "id");
    } catch (CliFailure.NoContact e) {
      if (!e.mayHaveArrived()) {
        throw e;
      }
    } catch (ProblemFailure e) {
      throw withErrors(e);
    }
    Contact contact =
        new Contact(
            io(),
            client.address(),
            "the same request again starts no second run",
            "The run may have been started: look with 'holdfast runs --job " + job + "'");
    try {
      return contact.insist(() -> client.post(path, body, "id"));
    } catch (ProblemFailure e) {
      throw withErrors(e);
    }
  }

  private CliFailure withErrors(ProblemFailure e) {
    List<String> errors = e.errors("");
    if (errors.isEmpty()) {
      return e;
    }
    errors.forEach(io().err()::println);
    return new CliFailure("job '" + job + "' was not started: " + e.getMessage(), e);
  }

  private ObjectNode body() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode values = body.putObject("parameters");
    for (String parameter : parameters) {
      int equals = parameter.indexOf('=');
      if (equals < 1) {
        throw new CliFailure("-p '%s': write NAME=VALUE".formatted(Text.clean(parameter)));
      }
      String name = parameter.substring(0, equals);
      if (values.has(name)) {
        throw new CliFailure("-p " + Text.clean(name) + " is given twice");
      }
      values.put(name, parameter.substring(equals + 1));
    }
    by.into(body);
    body.put("requestId", UUID.randomUUID().toString());
    return body;
  }

  private void printStarted(JsonNode run, String id) {
    if (json()) {
      OutputOption.printJson(io().out(), run);
      return;
    }
    io().out().println(Text.clean(id));
    io().notice(
            "run %s is %s. See its output: holdfast logs -f %s"
                .formatted(id, Text.of(run, "state"), id));
  }

  private void printEnd(JsonNode run) {
    if (json()) {
      OutputOption.printJson(io().out(), run);
      return;
    }
    String line = Views.end(run);
    if (follow) {
      io().out().flush();
      io().notice("run " + line);
    } else {
      io().out().println(line);
    }
  }
}
