package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.holdfast.agent.process.ProcessIdentity;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskState;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.WriteOptions;
import org.iq80.leveldb.impl.Iq80DBFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A task whose journal is damaged and repaired between two lives of the agent, with real processes:
 * nothing of it goes on, and nobody is told a guess.
 */
class DamagedTaskTest extends TaskLives {
  /** A job that does not hear SIGTERM, and a helper that has left its session. */
  private static final String FAMILY =
      "trap '' TERM; setsid sh -c 'echo $$ >helper; exec sleep 1000' & echo told; echo $$ >pid;"
          + " while [ ! -e go ]; do sleep 0.05; done";

  private ProcessIdentity process(String file) throws IOException {
    Path path = data.resolve(file);
    await().atMost(SOON).until(() -> Files.exists(path) && Files.readString(path).endsWith("\n"));
    return ProcessIdentity.of(Long.parseLong(Files.readString(path).trim())).orElseThrow();
  }

  /** Damages one event, as a disk would, and repairs the journal. */
  private void damage(long number) throws IOException {
    String id = TaskActor.persistenceId(MASTER, ID);
    byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
    byte[] key =
        ByteBuffer.allocate(utf8.length + 10)
            .put((byte) 'e')
            .put(utf8)
            .put((byte) 0)
            .putLong(number)
            .array();
    File journal = data.resolve("journal").toFile();
    try (DB db = Iq80DBFactory.factory.open(journal, new Options())) {
      byte[] value = db.get(key);
      value[value.length / 2] ^= 1;
      db.put(key, value, new WriteOptions().sync(true));
    }
    assertThat(JournalRepair.of(data).cuts())
        .extracting(JournalRepair.Cut::persistenceId, JournalRepair.Cut::readableTo)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(id, number - 1));
  }

  private TaskState awaitVanished() {
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(TaskRules.JOURNAL_DAMAGED);
    assertThat(end.version()).as("above all that were ever told").isGreaterThan(1L << 40);
    return end;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void R11_whatRunsIsEndedWithAllItsProcessesAndHasVanished(long number) throws IOException {
    start(FAMILY, Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    List<ProcessIdentity> family = List.of(process("pid"), process("helper"));
    die();
    damage(number);
    assertThat(family).allMatch(ProcessIdentity::isAlive);
    live();

    TaskState end = awaitVanished();
    assertThat(family).noneMatch(ProcessIdentity::isAlive);
    assertThat(ProcessHandle.of(running.process().orElseThrow().pid())).isEmpty();
    assertThat(end.spec().isPresent()).isEqualTo(number > 1);
    assertThat(end.end().orElseThrow().stdoutBytes()).as("its output is delivered").isEqualTo(5);

    // It is released like any other, and nothing is left.
    assertThat(perform(new TaskCommand.Release()).phase()).isEqualTo(TaskPhase.RELEASED);
    await().atMost(SOON).until(() -> Files.notExists(directory()));
  }

  @Test
  void R10_howItEndedMeanwhileIsNotBelieved() throws IOException {
    start("echo told", Optional.empty());
    awaitPhase(TaskPhase.RUNNING);
    await().atMost(SOON).until(() -> Files.exists(directory().resolve("exit")));
    die();
    damage(2);
    live();
    assertThat(awaitVanished().end().orElseThrow().stdoutBytes()).isEqualTo(5);
  }

  @Test
  void R9_whatHasNotBegunNeverBegins() throws IOException {
    die();
    through = edge -> replacing("launch", edge, spec -> new CompletableFuture<>());
    live();
    start(FAMILY, Optional.empty());
    die();
    damage(1);
    through = edge -> edge;
    live();
    awaitVanished();
    assertThat(directory().resolve("started")).hasContent("never agent");
    assertThat(data.resolve("pid")).doesNotExist();
  }

  @Test
  void anOutcomeThatIsReadableStands() throws IOException {
    start("exit 3", Optional.empty());
    awaitPhase(TaskPhase.FINISHED);
    // What comes after the outcome is a repetition of the order.
    perform(
        new TaskCommand.Start(
            spec("exit 3", Optional.empty()),
            ID.request(2),
            MASTER_JOURNAL,
            bootId,
            Optional.empty()));
    die();
    damage(4);
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(3));
  }
}
