package io.holdfast.persistence.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import akka.persistence.SaveSnapshotFailure;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalCut;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.contract.SnapshotContract;
import io.holdfast.testing.journal.DamagedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on files beside the embedded journal. */
class FileSnapshotContractTest extends SnapshotContract {
  @TempDir Path directory;

  @Override
  protected Config config() {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString(
            """
            holdfast.journal.leveldb.dir = "%1$s/journal"
            holdfast.snapshot.files.dir = "%1$s/snapshots"
            akka.persistence.snapshot-store.plugin = holdfast.snapshot.files
            """
                .formatted(directory)));
  }

  @Override
  protected void backUp() {
    copy(directory.resolve("journal"), directory.resolve("copy"));
  }

  @Override
  protected void restore() {
    Path journal = directory.resolve("journal");
    for (Path file : files(journal)) {
      delete(file);
    }
    copy(directory.resolve("copy"), journal);
  }

  @Override
  protected void damage(String id, long sequenceNr) {
    Path file = directory.resolve("snapshots").resolve(id).resolve(FileNames.snapshot(sequenceNr));
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 34] ^= 1;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected int stored(String id) {
    return files(directory.resolve("snapshots").resolve(id)).length;
  }

  @Test
  void onAFullDiskNoneIsStoredAndTheOthersAreUsed() {
    fill(1, 4);
    save(2, "state-2");
    long free = directory.toFile().getUsableSpace();
    // The journal is opened with more than half of it.
    reopen("holdfast.journal.leveldb.min-free-space = " + (free + free / 2));
    assertThat(save(4, "state-4"))
        .isInstanceOfSatisfying(
            SaveSnapshotFailure.class,
            failure -> assertThat(failure.cause()).hasMessageContaining("min-free-space"));
    assertThat(load()).contains("state-2");
    assertThat(stored("p")).isEqualTo(1);
  }

  @Test
  void beforeACutOneIsUsedIfItsEventWasKept() {
    for (int n = 1; n <= 8; n++) {
      fill(n, n);
      handOver(n);
    }
    save(3, "state-3");
    save(7, "state-7");
    reopen(
        "",
        () -> {
          DamagedLog.behind(directory.resolve("journal"), "p-5");
          assertThat(JournalRepair.of(directory).cuts())
              .extracting(JournalRepair.Cut::persistenceId)
              .contains("p");
        });
    // Event 7 is intact, but what came before it is not known any more.
    assertThat(load()).contains("state-3");
    List<Object> events = replayed();
    assertThat(events).hasSize(5).startsWith("p-1", "p-2", "p-3", "p-4");
    long cut = ((JournalCut) events.get(4)).number();
    assertThat(save(7, "state-7")).isInstanceOf(SaveSnapshotFailure.class);
    fill(cut + 1, cut + 1);
    save(cut, "state-cut");
    assertThat(load()).contains("state-cut");
    save(cut + 1, "state-after");
    assertThat(load()).contains("state-after");
    assertThat(stored("p")).isEqualTo(2);
  }

  private static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to);
      for (Path file : files(from)) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path[] files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toArray(Path[]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
