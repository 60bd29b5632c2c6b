package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints output. */
@Command(
    name = "logs",
    description = "Print the output of a run (of its newest execution) or of one execution.")
final class LogsCommand extends HoldfastCommand {
  private static final int CHUNK = 64 * 1024;

  @Parameters(paramLabel = "RUN|EXECUTION", description = "For example tick#1 or tick#1.1.")
  private String what;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until it has ended; with a run also to its next execution.")
  private boolean follow;

  @Option(names = "--stderr", description = "Print stderr instead of stdout.")
  private boolean stderr;

  @Override
  public Integer call() {
    if (json()) {
      throw new CliFailure("output is bytes, not JSON: leave '-o json' out");
    }
    Ref ref = Ref.parse(what);
    String run =
        Ref.runOf(ref)
            .orElseThrow(
                () ->
                    new CliFailure(
                        "'%s' is neither a run (tick#1) nor an execution (tick#1.1); 'holdfast runs' lists runs"
                            .formatted(Text.clean(what))));
    MasterClient client = client();
    JsonNode now = client.get("/runs/" + Ref.inPath(run), "id");
    Optional<String> only = Optional.empty();
    if (ref instanceof Ref.Execution execution) {
      only = Optional.of(Views.execution(now, execution.id()).path("id").asText());
    }
    String stream = stderr ? "stderr" : "stdout";
    if (follow) {
      try (Farewell farewell = new Farewell(io(), run)) {
        new Follower(client, io(), run).follow(only, Map.of(stream, io().out()));
      }
    } else {
      Optional<String> execution = only.or(() -> newest(now));
      execution.ifPresent(id -> copy(client, id, stream));
    }
    return OK;
  }

  private Optional<String> newest(JsonNode run) {
    JsonNode executions = run.path("executions");
    if (executions.isEmpty()) {
      io().notice(
              "run %s is %s and has no output yet"
                  .formatted(Text.of(run, "id"), Text.of(run, "state")));
      return Optional.empty();
    }
    String id = executions.get(executions.size() - 1).path("id").asText();
    if (executions.size() > 1) {
      io().notice("this is " + id + "; there are earlier executions");
    }
    return Optional.of(id);
  }

  private void copy(MasterClient client, String execution, String stream) {
    HttpResponse<InputStream> answer = client.open(LogTail.path(execution, stream));
    try (InputStream body = answer.body()) {
      byte[] chunk = new byte[CHUNK];
      for (int n = body.read(chunk); n >= 0 && !io().out().checkError(); n = body.read(chunk)) {
        io().out().write(chunk, 0, n);
      }
      io().out().flush();
    } catch (IOException e) {
      io().out().flush();
      throw new CliFailure("the output broke off: " + Reachability.explain(e), e);
    }
    boolean incomplete =
        answer.headers().firstValue("X-Holdfast-Complete").filter("false"::equals).isPresent();
    if (incomplete) {
      io().notice("more is to come: holdfast logs -f " + execution);
    }
  }
}
