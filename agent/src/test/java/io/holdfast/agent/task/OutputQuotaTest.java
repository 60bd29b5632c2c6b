package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.agent.process.TaskOutput;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** P2: output beyond the quota is dropped and reported by range; the task goes on. */
class OutputQuotaTest extends TaskLives {

  private static final int QUOTA = 4096;
  private static final String CHATTY =
      "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo 0123456789012345678901234567890123456789; done; ";

  @BeforeEach
  void quota() throws IOException {
    die();
    outputQuota = QUOTA;
    live();
  }

  private Path stdout() {
    return directory().resolve("stdout");
  }

  private void assertCut(TaskState end, long written) throws IOException {
    String output = Files.readString(stdout());
    assertThat(output.substring(0, QUOTA)).matches("[0-9\n]+");
    assertThat(output.substring(QUOTA))
        .isEqualTo(
            "\n[holdfast: over the output quota of 4096 bytes; bytes 4096 to "
                + (written - 1)
                + " or so were dropped]\n");
    assertThat(end.end().orElseThrow().stdoutBytes()).isEqualTo(output.length());
    assertThat(TaskOutput.of(stdout()).readable()).isEqualTo(output.length());
    assertThat(TaskOutput.of(stdout()).dropped()).isEqualTo(written - QUOTA);
  }

  @Test
  void P2_the_end_says_what_was_dropped_and_the_other_stream_is_whole() throws IOException {
    start(CHATTY + "echo short >&2; exit 5", Optional.empty());
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(new Outcome.Exited(5));
    assertCut(end, 200 * 41);
    assertThat(directory().resolve("stderr")).hasContent("short");
  }

  @Test
  void P2_a_running_task_is_cut_and_goes_on() throws IOException {
    start(
        CHATTY + "until [ -e more ]; do sleep 0.02; done; " + CHATTY + "exit 5", Optional.empty());
    await().atMost(SOON).until(() -> TaskOutput.of(stdout()).dropped() == 200 * 41 - QUOTA);
    await().atMost(SOON).until(() -> Files.size(stdout()) == QUOTA);
    Files.createFile(data.resolve("more"));
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(new Outcome.Exited(5));
    assertCut(end, QUOTA + TaskOutput.of(stdout()).dropped());
  }

  @Test
  void P2_nothing_is_shown_that_will_be_taken_back() throws IOException {
    Path stream = data.resolve("stdout");
    Files.writeString(data.resolve("quota"), "10\n");
    Files.writeString(stream, "0123456789abc");
    assertThat(TaskOutput.of(stream).readable()).isEqualTo(10);
    TaskOutput.of(stream).finish();
    String whole = Files.readString(stream);
    assertThat(TaskOutput.of(stream).readable()).isEqualTo(whole.length()).isGreaterThan(10);
    // A crash between the record and the cut, or between the cut and the line.
    for (String interrupted : new String[] {"0123456789abc", "0123456789"}) {
      Files.writeString(stream, interrupted);
      TaskOutput.of(stream).finish();
      assertThat(stream).hasContent(whole.trim());
      assertThat(Files.size(stream)).isEqualTo(whole.length());
    }
  }

  @Test
  void P2_what_a_dead_agent_could_not_cut_is_cut_at_the_end() throws IOException {
    start("until [ -e more ]; do sleep 0.02; done; " + CHATTY + "exit 5", Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    die();
    Files.createFile(data.resolve("more"));
    await()
        .atMost(SOON)
        .until(() -> ProcessHandle.of(running.process().orElseThrow().pid()).isEmpty());
    assertThat(Files.size(stdout())).isEqualTo(200 * 41);
    live();
    assertCut(awaitPhase(TaskPhase.FINISHED), 200 * 41);
  }
}
