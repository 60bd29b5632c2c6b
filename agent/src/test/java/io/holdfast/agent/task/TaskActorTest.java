package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.persistence.JournalStore;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of a task with real processes, through more than one life of the agent. */
class TaskActorTest extends TaskLives {
  @Test
  void aTaskIsAcceptedThenStartedThenFinished() throws IOException {
    TaskState accepted =
        start(
            "echo \"$PARAM_WORD $HOLDFAST_FENCING_TOKEN $HOLDFAST_EXECUTION\"; exit 3",
            Optional.empty());
    assertThat(accepted.version()).isPositive();
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(new Outcome.Exited(3));
    assertThat(Files.readString(directory().resolve("stdout"))).isEqualTo("it's $HOME 7 job#1.1\n");
    assertThat(end.end().orElseThrow().stdoutBytes())
        .isEqualTo(Files.size(directory().resolve("stdout")));
  }

  @Test
  void r5TheEventsAreNumberedFromOne() {
    start("exit 0", Optional.empty());
    long number = 0;
    TaskActor.News last;
    do {
      last = news.receiveMessage(SOON);
      number += last.events().size();
      assertThat(last.state().version()).isEqualTo(number);
    } while (last.state().phase() != TaskPhase.FINISHED);
  }

  @Test
  void theSameStartAgainRunsNothingAgain() throws IOException {
    start("echo once", Optional.empty());
    awaitPhase(TaskPhase.FINISHED);
    start("echo once", Optional.empty());
    assertThat(Files.readString(directory().resolve("stdout"))).hasLineCount(1);
  }

  @Test
  void p3TheNextLifeOfTheAgentTakesTheProcessUp() throws IOException {
    start("while [ ! -e go ]; do sleep 0.05; done; echo done; exit 4", Optional.empty());
    TaskState before = awaitPhase(TaskPhase.RUNNING);
    die();
    live();
    TaskState after = awaitPhase(TaskPhase.RUNNING);
    assertThat(after.process()).isEqualTo(before.process());
    Files.createFile(data.resolve("go"));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(4));
    assertThat(Files.readString(directory().resolve("stdout"))).hasLineCount(1);
  }

  @Test
  void r10TheNextLifeReadsTheEndOfWhatEndedMeanwhile() throws IOException {
    start("while [ ! -e go ]; do sleep 0.05; done; exit 5", Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    die();
    Files.createFile(data.resolve("go"));
    await()
        .atMost(SOON)
        .until(
            () ->
                ProcessHandle.of(running.process().orElseThrow().pid())
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(5));
  }

  @Test
  void r11AStopEndsTheWholeTree() throws IOException {
    start("sleep 300 & echo $! > child; wait", Optional.empty());
    awaitPhase(TaskPhase.RUNNING);
    await().atMost(SOON).until(() -> Files.exists(data.resolve("child")));
    assertThat(perform(new TaskCommand.Stop(StopReason.CANCELLED)).phase())
        .isEqualTo(TaskPhase.STOPPING);
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Stopped(StopReason.CANCELLED));
    long child = Long.parseLong(Files.readString(data.resolve("child")).trim());
    // A dead process that nobody has waited for yet has no command line any more.
    Path commandLine = Path.of("/proc/" + child + "/cmdline");
    assertThat(Files.exists(commandLine) ? Files.readString(commandLine) : "").isEmpty();
  }

  @Test
  void aTimeoutStopsIt() {
    start("sleep 300", Optional.of(Duration.ofMillis(300)));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Stopped(StopReason.TIMEOUT));
  }

  @Test
  void P1_whatWasCalledLostHasNoTimeToEnd() {
    TaskSpec usual = spec("trap '' TERM; until [ -e go ]; do sleep 0.1; done", Optional.empty());
    TaskSpec patient =
        new TaskSpec(
            ID,
            usual.fencingToken(),
            usual.script(),
            usual.parameters(),
            usual.timeout(),
            Duration.ofHours(1),
            usual.onConnectionLoss());
    perform(
        new TaskCommand.Start(patient, ID.request(1), MASTER_JOURNAL, bootId, Optional.empty()));
    awaitPhase(TaskPhase.RUNNING);
    perform(new TaskCommand.Stop(StopReason.LOST_ELSEWHERE));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Stopped(StopReason.LOST_ELSEWHERE));
  }

  @Test
  void aReleasedTaskLeavesNeitherDirectoryNorEvents() {
    start("echo hello", Optional.empty());
    awaitPhase(TaskPhase.FINISHED);
    assertThat(perform(new TaskCommand.Release()).phase()).isEqualTo(TaskPhase.RELEASED);
    await()
        .atMost(SOON)
        .until(
            () ->
                !Files.exists(directory())
                    && JournalStore.get(kit.system())
                        .persistenceIds(TaskActor.PREFIX)
                        .toCompletableFuture()
                        .join()
                        .isEmpty());
  }

  @Test
  void anOrderForNothingLeavesNoActor() {
    assertThat(perform(new TaskCommand.Release()).phase()).isEqualTo(TaskPhase.UNKNOWN);
    performed.expectTerminated(task, SOON);
  }

  @Test
  void r7ATombstoneNeverStarts() {
    perform(new TaskCommand.GiveUp(MASTER_JOURNAL));
    assertThat(start("echo never", Optional.empty()).phase()).isEqualTo(TaskPhase.TOMBSTONED);
    assertThat(directory()).doesNotExist();
    assertThat(news.receiveMessage(SOON).events()).isEmpty();
    assertThat(news.receiveMessage(SOON).events())
        .hasExactlyElementsOfTypes(TaskEvent.Tombstoned.class);
  }
}
