package io.holdfast.master.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.holdfast.master.run.RunResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From LevelDB into H2. */
class H2ProjectionTest extends ProjectionContract {
  @TempDir private Path data;

  @Override
  HistoryMaster start() {
    return HistoryMaster.embedded(data, 0);
  }

  /** Takes in a journal, and says how far it is, until it is killed. */
  static final class Child {
    public static void main(String[] arguments) {
      HistoryMaster master = HistoryMaster.embedded(Path.of(arguments[0]), 0);
      while (true) {
        try {
          System.out.println(master.progress().path("events").asLong());
        } catch (HistoryUnavailableException e) {
          Thread.onSpinWait();
        }
      }
    }
  }

  private Path file() {
    return data.resolve("history/history.mv.db");
  }

  private Map<HistoryKind, List<String>> filled(int runs) throws Exception {
    Happened happened = runs(runs);
    master.write(happened.all());
    master.awaitCurrent(happened.all().size());
    return master.rows();
  }

  private void startAgainAndAwait(int runs) {
    master = start();
    master.awaitCurrent(runs(runs).all().size());
  }

  @Test
  void P2_aKillInTheMiddleLosesAndDoublesNothing() throws Exception {
    int runs = 600;
    long all = runs(runs).all().size();
    Map<HistoryKind, List<String>> whole = filled(runs);
    master.close();
    long taken;
    do {
      delete(data.resolve("history"));
      taken = killedWhileItTakesIn();
    } while (taken >= all);

    startAgainAndAwait(runs);
    assertThat(master.progress().path("events").asLong()).isEqualTo(all);
    assertThat(master.rows()).isEqualTo(whole);
    assertThat(data.resolve("history/history.set-aside")).doesNotExist();
    master.history().rebuild().toCompletableFuture().join();
    await()
        .atMost(HistoryMaster.PATIENCE)
        .until(() -> master.progress().path("rebuild").asText().equals("done"));
    assertThat(master.rows()).isEqualTo(whole);
  }

  /** How many events it had said that it has, when it was killed. */
  private long killedWhileItTakesIn() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    long taken = 0;
    try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); taken == 0; line = out.readLine()) {
        assertThat(line).as("the child ended by itself").isNotNull();
        taken = line.matches("\\d+") ? Long.parseLong(line) : 0;
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    return taken;
  }

  @Test
  void aDamagedFileIsSetAsideAndMadeAnewByItself() throws Exception {
    Map<HistoryKind, List<String>> before = filled(200);
    master.close();
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      // Headers, and the pages that they lead to.
      for (long at = 0; at < channel.size(); at += 512) {
        channel.write(ByteBuffer.wrap(new byte[] {0x55, 0x55, 0x55}), at);
      }
    }
    startAgainAndAwait(200);
    assertThat(master.rows()).isEqualTo(before);
    assertThat(data.resolve("history/history.set-aside")).exists();
  }

  @Test
  void aFileThatIsNoneOrOfAnotherVersionIsSetAsideToo() throws Exception {
    Map<HistoryKind, List<String>> before = filled(5);
    master.close();
    Files.writeString(file(), "what is this");
    startAgainAndAwait(5);
    assertThat(master.rows()).isEqualTo(before);
    master.close();
    try (Connection connection =
        DriverManager.getConnection(
            "jdbc:h2:file:" + data.resolve("history/history") + ";DATABASE_TO_LOWER=TRUE",
            "holdfast",
            "")) {
      HistorySql.execute(connection, "UPDATE history_state SET version = version + 1");
      HistorySql.execute(connection, "DELETE FROM history_runs");
    }
    startAgainAndAwait(5);
    assertThat(master.rows()).isEqualTo(before);
  }

  /** The journal was restored from a copy, or repaired: what was taken in is not what it holds. */
  @Test
  void P5_aHistoryOfAnotherJournalIsMadeAnewByItself() throws Exception {
    filled(20);
    master.close();
    delete(data.resolve("journal"));
    Path history = data.resolve("history");
    Path kept = data.resolve("kept");
    Files.move(history, kept);
    master = start();
    Happened other = Happened.nothing().whole("other#1", "agent-9", RunResult.FAILED);
    master.write(other.all());
    master.close();
    delete(history);
    Files.move(kept, history);
    master = start();
    master.awaitCurrent(other.all().size());
    assertThat(master.rows().get(HistoryKind.RUNS)).singleElement().asString().contains("other#1");
    assertThat(master.progress().path("events").asLong()).isEqualTo(other.all().size());
  }

  /** What is left of a disk is the journal's. */
  @Test
  void withTooLittleRoomItStandsStillAndSaysSo() throws Exception {
    Map<HistoryKind, List<String>> before = filled(2);
    master.close();
    master = HistoryMaster.embedded(data, Long.MAX_VALUE);
    await()
        .atMost(HistoryMaster.PATIENCE)
        .ignoreException(HistoryUnavailableException.class)
        .until(
            () ->
                master
                    .search(HistoryKind.RUNS, Map.of())
                    .path("warning")
                    .asText()
                    .contains("nearly full"));
    assertThat(master.search(HistoryKind.RUNS, Map.of()).path("history").asText())
        .isEqualTo("catching-up");
    assertThat(master.rows()).isEqualTo(before);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }

  private boolean isFree() throws IOException {
    if (!Files.exists(file())) {
      return true;
    }
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException isOpenInThisJvm) {
      return false;
    }
  }

  @Test
  void whatIsBeingOpenedWhenTheMasterStopsIsClosedAsWell() throws Exception {
    for (int round = 0; round < 10; round++) {
      master.close();
      await().atMost(HistoryMaster.PATIENCE).until(this::isFree);
      master = start();
      // Sooner or later into what its opening does.
      for (int spin = 0; spin < round * 1_000_000; spin++) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aFolderThatCannotBeUsedIsSaidAndTriedAgain() throws Exception {
    master.close();
    delete(data.resolve("history"));
    Files.writeString(data.resolve("history"), "in the way");
    master = start();
    Happened happened = runs(2);
    // The master goes on.
    master.write(happened.all());
    assertThatThrownBy(
            () -> {
              while (true) {
                master.search(HistoryKind.RUNS, Map.of());
              }
            })
        .isInstanceOf(HistoryUnavailableException.class);
    assertThatThrownBy(() -> master.history().rebuild().toCompletableFuture().join())
        .hasRootCauseInstanceOf(HistoryUnavailableException.class);
    Files.delete(data.resolve("history"));
    master.awaitCurrent(happened.all().size());
    assertThat(master.rows().get(HistoryKind.RUNS)).hasSize(2);
    master.close();
    try (FileChannel held = FileChannel.open(file(), StandardOpenOption.WRITE);
        FileLock lock = held.lock()) {
      assertThat(lock.isValid()).isTrue();
      master = start();
      await()
          .atMost(HistoryMaster.PATIENCE)
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> master.progress())
                      .hasMessageContaining(file().toString()));
    }
    master.awaitCurrent(happened.all().size());
    assertThat(data.resolve("history/history.set-aside")).doesNotExist();
  }
}
