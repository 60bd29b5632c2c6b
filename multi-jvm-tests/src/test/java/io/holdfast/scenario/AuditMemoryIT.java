package io.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.JvmLaunch;
import io.holdfast.harness.JvmProcess;
import io.holdfast.harness.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code holdfast audit} needs of memory does not grow with the number of events: each command
 * gets little of it, and comes to its end.
 *
 * <p>{@code -Daudit.events} says how many events there are; the profile soak takes a million.
 */
final class AuditMemoryIT {
  /** A quarter of it to sort by time, and room for the rest. */
  private static final List<String> LITTLE = List.of("-Xmx48m", "-XX:+ExitOnOutOfMemoryError");

  private static final Duration AT_MOST = Duration.ofMinutes(15);
  private static final int JOBS = 100;

  private final LongStory story = new LongStory(JOBS, Integer.getInteger("audit.events", 100_000));

  @TempDir private Path folder;

  @Test
  void P5_aLongJournalIsReadWithLittleMemory() throws Exception {
    Path data = folder.resolve("data");
    story.writeInto(data);

    assertThat(audit("verify", "--data", data.toString()))
        .contains(
            "%d ids, %d events, %d jobs, %d runs, %d runs ended, %d executions"
                .formatted(JOBS, story.events(), JOBS, story.runs(), story.runs(), story.runs()))
        .contains("exited 0: " + story.runs())
        .contains("\nno violation");
    assertThat(lines("timeline", "--data", data.toString(), "--job", LongStory.job(7)))
        .isEqualTo(1 + 4L * story.runsOfEach());
    assertThat(lines("timeline", "--data", data.toString(), "--agent", "agent-1"))
        .isGreaterThanOrEqualTo(story.runs());
    assertThat(audit("state", "--data", data.toString(), "--at", story.end().toString()))
        .contains("at ");

    Path export = folder.resolve("export.jsonl");
    assertThat(audit("export", "--data", data.toString(), "--to", export.toString()))
        .contains(story.events() + " events");
    Path other = folder.resolve("other");
    assertThat(audit("import", export.toString(), "--data", other.toString()))
        .contains("imported %d events of %d persistence ids".formatted(story.events(), JOBS));
    assertThat(audit("verify", "--data", other.toString()))
        .contains("%d ids, %d events".formatted(JOBS, story.events()));
  }

  private String audit(String... arguments) throws Exception {
    return Files.readString(output(arguments));
  }

  private long lines(String... arguments) throws Exception {
    try (Stream<String> lines = Files.lines(output(arguments))) {
      return lines.count();
    }
  }

  private Path output(String... arguments) throws IOException {
    Path output = Files.createTempFile(folder, "audit", ".out");
    List<String> all = new ArrayList<>(List.of("audit"));
    all.addAll(List.of(arguments));
    Program cli = new Program(Program.master().classPath(), "io.holdfast.master.cli.HoldfastCli");
    try (JvmProcess command =
        JvmLaunch.of("holdfast audit", cli, output)
            .jvmOptions(LITTLE)
            .arguments(all.toArray(String[]::new))
            .start()) {
      assertThat(command.awaitExit(AT_MOST)).as("%s: %s", all, command.tail()).isZero();
    }
    return output;
  }
}
