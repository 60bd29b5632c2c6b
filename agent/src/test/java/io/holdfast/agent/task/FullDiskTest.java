package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.testing.machine.SmallFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * P2: a disk that is really full, under the journal and the task's own files: nothing is forgotten.
 */
class FullDiskTest extends TaskLives {

  private SmallFileSystem disk;

  @Override
  @BeforeEach
  void begin() throws IOException {
    disk = SmallFileSystem.over(data, "48m");
    minFreeSpace = "16 MiB";
    super.begin();
  }

  @Override
  @AfterEach
  void end() throws IOException {
    if (disk != null) {
      disk.empty();
      super.end();
      // What still runs sees the file "go" and leaves.
      disk.close();
    }
  }

  private static boolean lives(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
  }

  @Test
  void P2_a_task_runs_and_ends_on_a_full_disk_and_its_end_is_told_when_there_is_room()
      throws IOException {
    start("while [ ! -e go ]; do sleep 0.05; done; exit 4", Optional.empty());
    long wrapper = awaitPhase(TaskPhase.RUNNING).process().orElseThrow().pid();
    Path job = directory().resolve("pgid");
    // It runs once it is claimed; the job itself begins a moment later.
    await().atMost(SOON).until(() -> Files.exists(job) && Files.readString(job).endsWith("\n"));
    long leader = Long.parseLong(Files.readString(job).split(" ")[0]);
    disk.fill();
    assertThat(lives(leader)).isTrue();
    Files.createFile(data.resolve("go"));
    await().atMost(SOON).until(() -> !lives(leader));
    assertThat(lives(wrapper)).as("it alone knows the end, and cannot write it").isTrue();
    news.expectNoMessage(Duration.ofMillis(500));
    disk.empty();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(4));
  }

  @Test
  void R14_a_start_that_cannot_be_written_is_not_confirmed_and_runs_when_it_is_sent_again()
      throws IOException {
    assertThat(awaitPhase(TaskPhase.UNKNOWN).version()).as("it wakes").isZero();
    disk.fill();
    tell(
        new TaskCommand.Start(
            spec("echo >>ran; exit 3", Optional.empty()),
            ID.request(1),
            MASTER_JOURNAL,
            bootId,
            Optional.empty()));
    // Its session counts on this word: the order is in no journal, and nobody waits for it any
    // more.
    assertThat(awaitPhase(TaskPhase.UNKNOWN).version()).as("it has read again").isZero();
    performed.expectNoMessage(Duration.ofMillis(100));
    assertThat(data.resolve("ran")).doesNotExist();
    disk.empty();
    // As the master does: again, until it is confirmed.
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> start("echo >>ran; exit 3", Optional.empty()).phase() != TaskPhase.UNKNOWN);
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(3));
    assertThat(Files.readAllLines(data.resolve("ran"))).hasSize(1);
  }
}
