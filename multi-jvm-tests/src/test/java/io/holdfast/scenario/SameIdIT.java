package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.assertOutcome;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.executionIs;
import static io.holdfast.scenario.Scenarios.last;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.ProcessTable;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** Two masters whose executions have one id, on one agent. */
final class SameIdIT {
  private static final String RUN = "talk#1";
  private static final String EXECUTION = RUN + ".1";

  @Test
  void P4_executionsOfOneIdAreStrangersAndTheEndOfOneIsNotThatOfTheOther() throws Exception {
    LocalSystem.named("same-id")
        .masters("main", "other")
        .timing(LONG_LEASE)
        .run(
            system -> {
              begin(system, "main");
              begin(system, "other");
              TaskVoice main = TaskVoice.of(system, "main", EXECUTION);
              TaskVoice other = TaskVoice.of(system, "other", EXECUTION);
              assertThat(main.token()).isNotEqualTo(other.token());
              assertThat(main.put("variables/who", "main").statusCode()).isEqualTo(204);
              assertThat(other.put("variables/who", "other").statusCode()).isEqualTo(204);
              assertThat(main.get("variables/who").body()).isEqualTo("main");
              assertThat(other.get("variables/who").body()).isEqualTo("other");

              system.client("main").cancel(RUN, "this one alone");
              JsonNode cancelled = system.client("main").awaitRun(RUN, AT_MOST);
              assertThat(cancelled.path("state").asText()).isEqualTo("cancelled");
              assertThat(isDead(main.pid())).isTrue();
              assertThat(main.get("still-mine").statusCode()).isEqualTo(410);
              assertOnlyWords(system, "main", cancelled);

              assertThat(other.get("still-mine").statusCode()).isEqualTo(200);
              int heard = system.client("other").logs(EXECUTION, "stdout").bytes().length;
              eventually()
                  .until(
                      () ->
                          system.client("other").logs(EXECUTION, "stdout").bytes().length > heard);
              assertThat(isDead(other.pid())).isFalse();
              Files.createFile(system.folder().resolve("other.gate"));
              JsonNode ended = system.client("other").awaitRun(RUN, AT_MOST);
              assertOutcome(last(ended).path("outcome"), "exited", "code", 7);
              assertThat(ended.path("executions")).hasSize(1);
              assertOnlyWords(system, "other", ended);
            });
  }

  private static void begin(LocalSystem system, String master) {
    String script =
        TaskVoice.lent(system)
            + """
            until [ -e '%s'/"$HOLDFAST_MASTER.gate" ]; do
              echo "$HOLDFAST_MASTER speaks"
              sleep 0.1
            done
            exit 7
            """
                .formatted(system.folder());
    system
        .client(master)
        .applyJobs("jobs:\n  talk:\n    agent: agent-1\n    run: |\n" + script.indent(6));
    assertThat(system.client(master).startRun("talk").path("id").asText()).isEqualTo(RUN);
    JsonNode unused = system.client(master).awaitRun(RUN, executionIs("running"), AT_MOST);
  }

  /** What the run has of its task, variables and output, is of its own task alone. */
  private static void assertOnlyWords(LocalSystem system, String master, JsonNode run) {
    assertThat(run.path("variables").path("who").path("value").asText()).isEqualTo(master);
    assertThat(system.client(master).awaitCompleteLogs(EXECUTION, "stdout", AT_MOST).text().lines())
        .isNotEmpty()
        .allMatch(line -> line.equals(master + " speaks"));
  }

  private static boolean isDead(long pid) {
    char state = ProcessTable.state(pid);
    return state == '-' || state == 'Z';
  }
}
