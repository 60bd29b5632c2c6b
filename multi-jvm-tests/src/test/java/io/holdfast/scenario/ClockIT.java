package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import io.holdfast.testing.machine.Needed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * R2, R3 with clocks that lie, made by libfaketime (Debian: package faketime). The guardian and the
 * tasks have the clock of the machine, which a real agent shares with them: where those two
 * disagree, the guardian is in doubt.
 */
final class ClockIT {
  private static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(1),
          8,
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2));

  private static Path library;

  @BeforeAll
  static void findLibrary() throws IOException {
    Optional<Path> found = Optional.empty();
    Path libraries = Path.of("/usr/lib");
    if (Files.isDirectory(libraries)) {
      try (Stream<Path> all = Files.list(libraries)) {
        found =
            all.map(path -> path.resolve("faketime/libfaketimeMT.so.1"))
                .filter(Files::exists)
                .findFirst();
      }
    }
    Needed.require(
        found.isPresent(), "libfaketime is not here: apt-get install faketime, and run it again");
    library = found.get();
  }

  @ParameterizedTest
  @ValueSource(strings = {"+1y", "-1y", "+262", "-262"})
  void R2_R3_noTaskDiesOfAMasterWhoseClockIsFarOff(String clock) throws Exception {
    LocalSystem.named("clocks")
        .timing(TIMING)
        .masterEnvironment("LD_PRELOAD", library.toString())
        .masterEnvironment("FAKETIME", clock)
        .run(
            system -> {
              TalkingJob job = TalkingJob.on(system, "talk", "agent: agent-1");
              String run = job.running();
              system.proxy().cut();
              system.client().awaitLink("agent-1", "disconnected", AT_MOST);
              system.proxy().heal();
              system.client().awaitLink("agent-1", "connected", AT_MOST);
              job.awaitTalk(run + ".1");
              job.end();
              job.assertCompleteAndOnce(run);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"+0 x0.5", "+0 x2", "+1y", "-262"})
  void R2_R3_aWrongClockOfAnAgentNeverOutlivesTheVerdict(String clock) throws Exception {
    LocalSystem.named("agent-clock")
        .timing(TIMING)
        .agentEnvironment("LD_PRELOAD", library.toString())
        .agentEnvironment("FAKETIME", clock)
        .run(
            system -> {
              TalkingJob job =
                  TalkingJob.on(system, system.client(), "talk", "agent: agent-1", "trap '' TERM");
              String run = job.running();

              system.proxy().cut();
              JsonNode lost = system.client().awaitRun(run, AT_MOST);
              assertThat(lost.path("state").asText()).as("%s", lost).isEqualTo("lost");
              assertThat(Scenarios.isDead(system, run + ".1")).isTrue();
              assertThat(system.ledger().starts(run + ".1")).isEqualTo(1);
            });
  }
}
