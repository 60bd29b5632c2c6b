package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.executionIs;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.holdfast.harness.EventStream;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.RequestTrigger;
import io.holdfast.harness.RequestTrigger.Action;
import io.holdfast.harness.Timing;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tasks that speak with their master over a line that fails, with the example of the manual. */
final class TaskApiIT extends SharedSystem {
  private static final String AGENT = "agent-1";

  /** A lease that nothing here outlives, and a grace in which a stopped task can still ask. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofMillis(500),
          118,
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofSeconds(1));

  TaskApiIT() {
    super(LocalSystem.named("task-api").timing(TIMING));
  }

  private static String example() throws IOException {
    String manual = Files.readString(Path.of("../docs/task-api.md"));
    String begin = "```sh\n";
    int from = manual.indexOf(begin, manual.indexOf("TaskApiIT")) + begin.length();
    return manual.substring(from, manual.indexOf("```", from));
  }

  private static String yaml(String job, String parameters, String script) {
    return "jobs:\n  "
        + job
        + ":\n    agent: "
        + AGENT
        + "\n"
        + parameters
        + "    run: |\n"
        + script.indent(6);
  }

  /** The example, whose parts wait for a word of the test each. */
  private static final class Parts {
    final LocalSystem system;
    final String run;
    int opened;

    Parts(LocalSystem system, String job, int parts) throws IOException {
      this.system = system;
      system
          .client()
          .applyJobs(
              yaml(
                  job,
                  "    parameters:\n      PARTS: \"1\"\n      COMMAND: \"true\"\n",
                  example()));
      String gate = system.folder().resolve(job + ".gate").toString();
      String command =
          "until [ -e '%s'.$PART ]; do sleep 0.05; done; : > '%s'.$PART.done".formatted(gate, gate);
      run =
          system
              .client()
              .startRun(job, Map.of("PARTS", Integer.toString(parts), "COMMAND", command))
              .path("id")
              .asText();
      this.gate = gate;
    }

    private final String gate;

    /** Has the next part done; what the task asks after that is on its way. */
    void next() throws IOException {
      opened++;
      Files.createFile(Path.of(gate + "." + opened));
      eventually().until(() -> Files.exists(Path.of(gate + "." + opened + ".done")));
    }

    JsonNode await(Predicate<JsonNode> wanted) {
      return system.client().awaitRun(run, wanted, AT_MOST);
    }

    /** Waits until all that was told of the part is there. */
    JsonNode awaitTold() {
      return await(run -> run.path("notes").size() == opened);
    }
  }

  private static List<String> notes(JsonNode run) {
    List<String> notes = new ArrayList<>();
    run.path("notes").forEach(note -> notes.add(note.path("text").asText()));
    return notes;
  }

  private static void assertToldOnce(JsonNode run, int parts) {
    assertThat(run.path("state").asText()).as("%s", run).isEqualTo("succeeded");
    assertThat(run.path("executions")).hasSize(1);
    assertThat(notes(run))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, parts).mapToObj(n -> "part " + n + " is done").toList());
    JsonNode part = run.path("variables").path("part");
    assertThat(part.path("value").asText()).isEqualTo(Integer.toString(parts));
    assertThat(part.path("execution").asText()).isEqualTo(run.path("id").asText() + ".1");
    assertThat(part.path("fencingToken")).isEqualTo(Scenarios.last(run).path("fencingToken"));
    assertThat(run.path("progress").path("percent").asInt()).as("%s", run).isEqualTo(100);
  }

  @Test
  void R5_whatATaskTellsWhileTheLinkIsCutArrivesOnce() throws Exception {
    scenario(
        system -> {
          Parts parts = new Parts(system, "cut", 3);
          String id = parts.run;
          try (EventStream events = system.client().events()) {
            parts.next();
            parts.awaitTold();
            events.awaitEvent(
                e -> e.kind().equals("note") && e.data().path("run").asText().equals(id), AT_MOST);
            events.awaitEvent(
                e -> e.kind().equals("progress") && e.data().path("percent").asInt() == 33,
                AT_MOST);
            events.awaitEvent(
                e -> e.kind().equals("variable") && e.data().path("name").asText().equals("part"),
                AT_MOST);
          }

          system.proxy().cut();
          system.client().awaitLink(AGENT, "disconnected", AT_MOST);
          parts.next();
          assertThat(system.client().run(parts.run).path("notes")).hasSize(1);
          system.proxy().heal();
          parts.awaitTold();

          parts.next();
          assertToldOnce(system.client().awaitRun(parts.run, AT_MOST), 3);
        });
  }

  @Test
  void R2_whetherItsWorkIsItsOwnATaskIsToldAtOnceWhileTheLinkIsCut() throws Exception {
    scenario(
        system -> {
          Path gate = system.folder().resolve("mine.gate");
          String wait = "until [ -e '%s' ]; do sleep 0.05; done\n".formatted(gate);
          system.client().applyJobs(yaml("mine", "", TaskVoice.lent(system) + wait));
          String run = system.client().startRun("mine").path("id").asText();
          JsonNode running = system.client().awaitRun(run, executionIs("running"), AT_MOST);
          TaskVoice task = TaskVoice.of(system, "main", run + ".1");

          system.proxy().cut();
          system.client().awaitLink(AGENT, "disconnected", AT_MOST);
          var waits = task.getLater("variables/none");
          JsonNode first = stillMine(task);
          assertThat(first.path("execution").asText()).isEqualTo(run + ".1");
          assertThat(first.path("fencingToken").isNumber()).as("%s", first).isTrue();
          assertThat(first.path("fencingToken"))
              .isEqualTo(Scenarios.last(running).path("fencingToken"));
          assertThat(leaseSeconds(first)).isBetween(1L, TIMING.lease().toSeconds());
          eventually().until(() -> leaseSeconds(stillMine(task)) < leaseSeconds(first) - 1);
          assertThat(waits).as("what needs the master").isNotDone();
          assertThat(system.client().agent(AGENT).path("link").asText()).isEqualTo("disconnected");

          system.proxy().heal();
          assertThat(waits.get(AT_MOST.toSeconds(), TimeUnit.SECONDS).statusCode()).isEqualTo(404);
          eventually().until(() -> leaseSeconds(stillMine(task)) >= leaseSeconds(first));
          Files.createFile(gate);
          assertThat(system.client().awaitRun(run, AT_MOST).path("state").asText())
              .isEqualTo("succeeded");
        });
  }

  private static JsonNode stillMine(TaskVoice task) throws Exception {
    HttpResponse<String> answer = task.get("still-mine");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body());
  }

  private static long leaseSeconds(JsonNode stillMine) {
    return stillMine.path("leaseRemainingSeconds").asLong(-1);
  }

  @Test
  void R5_aMasterThatIsKilledInTheMiddleHasWhatItWasTold() throws Exception {
    scenario(
        system -> {
          Parts parts = new Parts(system, "master-killed", 3);
          parts.next();
          parts.awaitTold();

          system.master().kill9();
          parts.next();
          system.master().start();
          parts.awaitTold();

          // Answered, and the answer is lost together with the master that gave it.
          RequestTrigger answer =
              system
                  .proxy()
                  .onRequest(text -> text.contains("\"answer\""), Action.LOSE_REQUEST)
                  .then(system.master()::kill9);
          parts.next();
          answer.awaitFired(AT_MOST);
          eventually().until(() -> !system.master().isAlive());
          system.master().start();
          assertToldOnce(system.client().awaitRun(parts.run, AT_MOST), 3);
        });
  }

  @Test
  void R5_anAgentThatIsKilledInTheMiddleIsAskedAgainWithTheSameKey() throws Exception {
    scenario(
        system -> {
          Parts parts = new Parts(system, "agent-killed", 3);
          parts.next();
          parts.awaitTold();

          system.proxy().cut();
          parts.next();
          system.agent().kill9();
          system.proxy().heal();
          system.agent().start();
          parts.awaitTold();

          // The master has it, the answer does not reach the agent, and the agent dies.
          RequestTrigger answer =
              system
                  .proxy()
                  .onRequest(text -> text.contains("\"answer\""), Action.LOSE_REQUEST)
                  .then(system.agent()::kill9);
          parts.next();
          answer.awaitFired(AT_MOST);
          eventually().until(() -> !system.agent().isAlive());
          system.agent().start();
          assertToldOnce(system.client().awaitRun(parts.run, AT_MOST), 3);
        });
  }

  @Test
  void R5_anAnswerThatIsCutOnItsWayIsGivenAgain() throws Exception {
    scenario(
        system -> {
          Parts parts = new Parts(system, "answer-lost", 3);
          RequestTrigger down =
              system.proxy().onRequest(text -> text.contains("\"answer\""), Action.LOSE_REQUEST, 3);
          parts.next();
          parts.awaitTold();
          RequestTrigger arrived =
              system.proxy().onRequest(text -> text.contains("\"answer\""), Action.LOSE_ANSWER, 3);
          parts.next();
          parts.awaitTold();
          // Whatever exchange brings the calls up, its answer is lost.
          RequestTrigger up =
              system.proxy().onRequest(text -> text.contains("/exchange"), Action.LOSE_ANSWER, 3);
          parts.next();

          assertToldOnce(system.client().awaitRun(parts.run, AT_MOST), 3);
          eventually().until(() -> down.firings() + arrived.firings() + up.firings(), n -> n >= 7);
        });
  }

  @Test
  void aTaskThatIsStoppedIsToldThatItIsOver() throws Exception {
    scenario(
        system -> {
          Path codes = system.folder().resolve("stopped.codes");
          // It is told before it is signalled: what it asks then must not be killed in between.
          String script =
              """
              trap '' TERM
              code() {
                printf 'Authorization: Bearer %%s\\n' "$HOLDFAST_TASK_TOKEN" |
                  curl --silent --output /dev/null --write-out "$1 %%{http_code}\\n" --header @- \\
                    "$HOLDFAST_TASK_API/task/v1/$1" >> '%s'
              }
              code still-mine
              code variables/none
              (until [ -e '%s.go' ]; do sleep 0.05; done; code variables/waits) &
              while ! grep -q 'waits' '%s'; do sleep 0.05; done
              code still-mine
              code variables/none
              : > '%s.done'
              """
                  .formatted(codes, codes, codes, codes);
          system
              .client()
              .applyJobs(yaml("stopped", "    timeout: 12s\n    kill-grace: 20s\n", script));
          String run = system.client().startRun("stopped").path("id").asText();
          system.client().awaitRun(run, executionIs("running"), AT_MOST);
          eventually().until(() -> Files.exists(codes) && lines(codes).size() == 2);

          // It waits for a master that is not there, when its time is over.
          system.proxy().cut();
          Files.createFile(Path.of(codes + ".go"));
          eventually().until(() -> Files.exists(Path.of(codes + ".done")));
          system.proxy().heal();

          assertThat(lines(codes))
              .containsExactly(
                  "still-mine 200",
                  "variables/none 404",
                  "variables/waits 410",
                  "still-mine 410",
                  "variables/none 410");
          system.client().awaitRun(run, AT_MOST);
        });
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file);
  }
}
