package io.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.JvmLaunch;
import io.holdfast.harness.JvmProcess;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.ProcessTable;
import io.holdfast.harness.Program;
import io.holdfast.harness.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;

/** What the scenarios wait for and look for. */
final class Scenarios {
  /** Longer than anything takes on the busiest machine. */
  static final Duration AT_MOST = Duration.ofSeconds(90);

  /** A lease that no hiccup of the machine outlives. */
  static final Timing LONG_LEASE =
      new Timing(
          Duration.ofMillis(500),
          118,
          Duration.ofMillis(1_500),
          Duration.ofMillis(100),
          Duration.ofSeconds(1));

  /** A lease to be outlived, with room between the end of the tasks and the master's verdict. */
  static final Timing SHORT_LEASE =
      new Timing(
          Duration.ofSeconds(1),
          8,
          Duration.ofSeconds(4),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1));

  private Scenarios() {}

  static ConditionFactory eventually() {
    return await().atMost(AT_MOST).pollInterval(Duration.ofMillis(50));
  }

  static Predicate<JsonNode> executionIs(String state) {
    return run -> last(run).path("state").asText().equals(state);
  }

  /** The newest execution of a run. */
  static JsonNode last(JsonNode run) {
    JsonNode executions = run.path("executions");
    return executions.path(executions.size() - 1);
  }

  static JsonNode execution(JsonNode run, int attempt) {
    return run.path("executions").path(attempt - 1);
  }

  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /**
   * Waits for a reconciliation that found the execution in the state {@code before} and decided so
   * about it; its entry.
   */
  static JsonNode awaitDecision(
      LocalSystem system, String agent, String execution, String before, String decision) {
    return eventually()
        .until(
            () ->
                decisions(system.client(), agent, execution).stream()
                    .filter(entry -> entry.path("decision").asText().equals(decision))
                    .filter(entry -> entry.path("before").asText().equals(before))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** What the reconciliations with an agent decided about the execution, newest first. */
  static List<JsonNode> decisions(MasterClient client, String agent, String execution) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode report : client.reconciliations(agent)) {
      for (JsonNode entry : report.path("entries")) {
        if (entry.path("execution").asText().equals(execution)) {
          found.add(entry);
        }
      }
    }
    return found;
  }

  static void awaitNothingAlive(LocalSystem system, String execution) {
    eventually().until(() -> isDead(system, execution));
  }

  /** Whether neither its first process nor anything that this has executed lives. */
  static boolean isDead(LocalSystem system, String execution) {
    long pid = system.ledger().awaitStart(execution, AT_MOST);
    char state = ProcessTable.state(pid);
    return (state == '-' || state == 'Z')
        && ProcessTable.withEnvironment("HOLDFAST_EXECUTION", execution).isEmpty();
  }

  /** What a command of {@code holdfast} prints for people. */
  static String holdfast(LocalSystem system, String... arguments) throws Exception {
    Path output = Files.createTempFile(system.folder(), "holdfast", ".out");
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--master", system.master().uri().toString()));
    Program cli = new Program(Program.master().classPath(), "io.holdfast.master.cli.HoldfastCli");
    try (JvmProcess command =
        JvmLaunch.of("holdfast " + arguments[0], cli, output)
            .arguments(all.toArray(String[]::new))
            .start()) {
      assertThat(command.awaitExit(AT_MOST)).as("%s: %s", all, command.tail()).isZero();
    }
    return Files.readString(output);
  }

  static void assertOutcome(JsonNode outcome, String type, String key, Object value) {
    assertThat(outcome.path("type").asText()).as("%s", outcome).isEqualTo(type);
    assertThat(outcome.path(key).asText()).as("%s", outcome).isEqualTo(value.toString());
  }

  /** Whether an HTTP request, as a {@code FaultProxy} sees it, brings this start request. */
  static Predicate<String> startRequest(String request) {
    return text -> text.replaceAll("\\s", "").contains("\"request\":\"" + request + "\"");
  }
}
