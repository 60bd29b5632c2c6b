package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.agent.process.ProcessIdentity;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * R8 to R10: an agent that died between any two steps, and a machine that was restarted, through
 * the real edge and the real journal.
 */
class TaskRecoveryTest extends TaskLives {

  private static final String ENDLESS =
      "trap '' TERM; echo $$ >pid; echo >>ran; while [ ! -e go ]; do sleep 0.05; done; exit 4";
  private Process stranger;

  @AfterEach
  void endStranger() {
    if (stranger != null) {
      stranger.destroyForcibly();
    }
  }

  private void nextLife(boolean launches) throws IOException {
    die();
    through =
        launches
            ? edge -> edge
            : edge -> replacing("launch", edge, spec -> new CompletableFuture<>());
    live();
  }

  private void kill(long pid) {
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    process.destroyForcibly();
    await().atMost(SOON).until(() -> !process.isAlive());
  }

  private long awaitJob() throws IOException {
    Path file = data.resolve("pid");
    await().atMost(SOON).until(() -> Files.exists(file) && Files.readString(file).endsWith("\n"));
    return Long.parseLong(Files.readString(file).trim());
  }

  /** After a restart of the machine: nothing of the task lives, its pids are somebody else's. */
  private ProcessIdentity restartMachine(TaskState running) throws IOException {
    long job = awaitJob();
    die();
    kill(running.process().orElseThrow().pid());
    kill(job);
    stranger = new ProcessBuilder("setsid", "sleep", "1000").start();
    ProcessIdentity real = ProcessIdentity.of(stranger.pid()).orElseThrow();
    String forged = real.pid() + " " + real.startTicks() + " " + bootId + "\n";
    Files.writeString(directory().resolve("started"), forged);
    Files.writeString(directory().resolve("pgid"), forged);
    Files.deleteIfExists(directory().resolve("exit"));
    return real;
  }

  @Test
  void R10_what_ran_when_the_machine_was_restarted_has_vanished() throws IOException {
    bootId = "another-boot";
    start(ENDLESS, Optional.empty());
    ProcessIdentity somebodyElse = restartMachine(awaitPhase(TaskPhase.RUNNING));
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Vanished("host restarted"));
    assertThat(somebodyElse.isAlive()).isTrue();
  }

  @Test
  void R10_what_was_being_stopped_when_the_machine_was_restarted_has_vanished() throws IOException {
    bootId = "another-boot";
    through = edge -> edge;
    start(ENDLESS, Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    awaitJob();
    die();
    // In this life a stop gets no answer.
    through = edge -> replacing("stop", edge, spec -> new CompletableFuture<>());
    live();
    perform(new TaskCommand.Stop(StopReason.CANCELLED));
    ProcessIdentity somebodyElse = restartMachine(running);
    through = edge -> edge;
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Vanished("host restarted"));
    assertThat(somebodyElse.isAlive()).isTrue();
  }

  @Test
  void R10_what_was_not_claimed_when_the_machine_was_restarted_is_not_called_never_started()
      throws IOException {
    nextLife(false);
    bootId = "another-boot";
    assertThat(start(ENDLESS, Optional.empty()).phase()).isEqualTo(TaskPhase.ACCEPTED);
    nextLife(true);
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Vanished("host restarted"));
    assertThat(data.resolve("ran")).doesNotExist();
  }

  @Test
  void R8_killed_between_the_journal_and_the_fork_never_starts() throws IOException {
    nextLife(false);
    start(ENDLESS, Optional.empty());
    nextLife(true);
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .containsInstanceOf(Outcome.NeverStarted.class);
    assertThat(directory().resolve("started")).hasContent("never agent");
    assertThat(data.resolve("ran")).doesNotExist();
  }

  @Test
  void R9_killed_between_the_exec_and_the_journal_of_the_pid_is_taken_up() throws IOException {
    die();
    through =
        edge ->
            replacing(
                "launch",
                edge,
                spec -> edge.launch(spec).thenCompose(started -> new CompletableFuture<>()));
    live();
    assertThat(start(ENDLESS, Optional.empty()).phase()).isEqualTo(TaskPhase.ACCEPTED);
    awaitJob();
    nextLife(true);
    assertThat(awaitPhase(TaskPhase.RUNNING).process()).isPresent();
    Files.createFile(data.resolve("go"));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(4));
    assertThat(Files.readAllLines(data.resolve("ran"))).hasSize(1);
  }
}
