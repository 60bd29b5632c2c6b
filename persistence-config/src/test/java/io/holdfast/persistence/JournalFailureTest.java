package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.large;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.settings;
import static io.holdfast.persistence.JournalFixture.withMinFreeSpace;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk that fails or is slow: no future is left without an answer, and no answer is wrong. */
class JournalFailureTest {
  private final JournalFixture fixture = new JournalFixture();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicInteger commits = new AtomicInteger();
  private final List<Boolean> synced = new CopyOnWriteArrayList<>();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  @TempDir Path directory;

  @AfterEach
  void close() {
    gate.countDown();
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void failsWhatCouldNotBeCommittedAndGoesOnWhenTheDiskIsBack(Flavour flavour) {
    JournalStore journal = fixture.open(settings(directory), faulty(flavour));
    write(journal, "p", 1, 3);
    failing.set(true);

    assertThatThrownBy(() -> await(journal.write(List.of(large("p", 4)))))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("No space left");
    // It cannot be opened again while the disk is full, and says so to readers as well.
    assertThatThrownBy(() -> await(journal.highestSequenceNr("p")))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("No space left");

    failing.set(false);
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(3);
    write(journal, "p", 4, 5);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 5));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void whatLevelDbDoesNotTakeAfterItWasAcknowledgedIsNotLost(Flavour flavour) {
    JournalStore journal = fixture.open(settings(directory), faulty(flavour));
    write(journal, "p", 1, 3);
    await(journal.highestSequenceNr("p"));
    failing.set(true);

    // Fewer than are handed over.
    for (int n = 4; n <= 15; n++) {
      write(journal, "p", n, n);
    }
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 15));
    // LevelDB gets this one at once, and with it what waits.
    assertThatThrownBy(() -> await(journal.write(List.of(large("p", 16)))))
        .isInstanceOf(JournalException.class);
    assertThatThrownBy(() -> replay(journal, "p"))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining(directory.toString());
    assertThatThrownBy(() -> write(journal, "p", 16, 16)).isInstanceOf(JournalException.class);

    failing.set(false);
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 15)));
    write(journal, "p", 16, 60);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 60));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void whatLevelDbDoesNotTakeWhenItIsClosedIsThereAfterwards(Flavour flavour) {
    JournalStore journal = fixture.open(settings(directory), faulty(flavour));
    write(journal, "p", 1, 3);
    failing.set(true);
    journal.close();

    failing.set(false);
    assertThat(replay(fixture.open(directory, flavour), "p")).isEqualTo(payloads("p", 1, 3));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void R14_whatLevelDbIsTrustedWithIsSynced(Flavour flavour, @TempDir Path elsewhere) {
    JournalStore journal = fixture.open(settings(directory), faulty(flavour));
    // A large commit is acknowledged once LevelDB has it.
    assertSynced(() -> await(journal.write(List.of(large("p", 1)))));
    // A small one is given up by the high-water mark once LevelDB has it.
    assertSynced(
        () -> {
          for (int n = 1; n <= 2 * HighWater.SLOTS; n++) {
            write(journal, "q", n, n);
          }
        });
    assertSynced(
        () -> {
          await(journal.delete("q", 3));
          await(journal.write(List.of(large("p", 2))));
        });
    write(journal, "r", 1, 1);
    Path killed = JournalFixture.copy(directory, elsewhere.resolve("killed"));
    assertSynced(journal::close);
    // What a killed process has left in the mark is taken over, and its places are used again.
    assertSynced(() -> fixture.open(settings(killed), faulty(flavour)));
  }

  @Test
  void R14_whoReadsWritesNothing() {
    JournalStore journal = fixture.open(settings(directory), faulty(Flavour.NATIVE));
    int before = commits.get();
    write(journal, "p", 1, 3);
    await(journal.delete("p", 1));
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 2, 3));
    assertThat(await(journal.persistenceIds(""))).containsExactly("p");
    assertThat(commits.get()).isEqualTo(before);
  }

  private void assertSynced(Runnable work) {
    synced.clear();
    work.run();
    Awaitility.await().until(() -> !synced.isEmpty());
    assertThat(synced).containsOnly(true);
  }

  @Test
  void keepsOffAFullDisk() {
    long free = directory.toFile().getUsableSpace();
    fixture.open(withMinFreeSpace(directory, free / 2), Flavour.NATIVE.opener()).close();

    assertThatThrownBy(
            () -> fixture.open(withMinFreeSpace(directory, free * 3), Flavour.NATIVE.opener()))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("is full")
        .hasMessageContaining("min-free-space");
    // Room enough to open it, not to write.
    JournalStore journal =
        fixture.open(withMinFreeSpace(directory, free + free / 2), Flavour.NATIVE.opener());
    assertThatThrownBy(() -> write(journal, "p", 1, 1)).hasMessageContaining("is full");
    assertThat(replay(journal, "p")).isEmpty();
  }

  @Test
  void turnsWritesAwayWhenTooManyWait() throws InterruptedException {
    JournalStore journal = fixture.open(settings(directory, 10, 1 << 20), faulty(Flavour.JAVA));
    List<CompletableFuture<?>> accepted = blockedWrites(journal, 10);

    assertThatThrownBy(() -> write(journal, "one-too-many", 1, 1))
        .isInstanceOf(JournalBusyException.class)
        .hasMessageContaining("10 writes");

    gate.countDown();
    accepted.forEach(JournalFixture::await);
    write(journal, "one-too-many", 1, 1);
    assertThat(await(journal.persistenceIds(""))).hasSize(12);
  }

  @Test
  void turnsWritesAwayWhenTooManyBytesWait() throws InterruptedException {
    JournalStore journal = fixture.open(settings(directory, 1000, 10_000), faulty(Flavour.JAVA));
    List<CompletableFuture<?>> accepted = blockedWrites(journal, 1);

    assertThatThrownBy(() -> await(journal.write(List.of(event("big", 1, "x".repeat(10_000))))))
        .isInstanceOf(JournalBusyException.class);

    gate.countDown();
    accepted.forEach(JournalFixture::await);
    await(journal.write(List.of(event("big", 1, "x".repeat(10_000)))));
  }

  @Test
  void commitsWhatWaitsTogether() throws InterruptedException {
    JournalStore journal = fixture.open(settings(directory), faulty(Flavour.JAVA));
    List<CompletableFuture<?>> waiting = blockedWrites(journal, 500);
    int before = commits.get();

    gate.countDown();
    waiting.forEach(JournalFixture::await);
    assertThat(commits.get() - before).isEqualTo(1);
  }

  @Test
  void commitsWhatWaitsBeforeItCloses() throws InterruptedException {
    JournalStore journal = fixture.open(settings(directory), faulty(Flavour.JAVA));
    List<CompletableFuture<?>> waiting = blockedWrites(journal, 100);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(journal::close);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> write(journal, "late", 1, 1))
                    .isInstanceOf(JournalUnavailableException.class)
                    .hasMessageContaining("closed"));

    gate.countDown();
    await(closing);
    assertThat(waiting).allSatisfy(future -> assertThat(future).isCompleted());
    assertThatThrownBy(() -> await(journal.persistenceIds("")))
        .isInstanceOf(JournalUnavailableException.class);
    assertThat(await(fixture.open(directory, Flavour.JAVA).persistenceIds("waiting-")))
        .hasSize(100);
  }

  /**
   * One write that is being committed and does not come to its end, and {@code count} that wait
   * behind it.
   */
  private List<CompletableFuture<?>> blockedWrites(JournalStore journal, int count) {
    gate = new CountDownLatch(1);
    int before = commits.get();
    List<CompletableFuture<?>> writes = new ArrayList<>();
    writes.add(journal.write(List.of(large("first", 1))));
    Awaitility.await().until(() -> commits.get() > before);
    for (int i = 0; i < count; i++) {
      writes.add(journal.write(List.of(event("waiting-" + i, 1, "x"))));
    }
    return writes;
  }

  private LevelDbOpener faulty(Flavour flavour) {
    return in -> {
      if (failing.get()) {
        throw new java.io.IOException("No space left on device");
      }
      DB real = flavour.opener().open(in);
      return (DB)
          Proxy.newProxyInstance(
              DB.class.getClassLoader(),
              new Class<?>[] {DB.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("write")) {
                  commits.incrementAndGet();
                  synced.add(arguments.length > 1 && ((WriteOptions) arguments[1]).sync());
                  if (!gate.await(20, TimeUnit.SECONDS)) {
                    throw new AssertionError("the gate stayed shut");
                  }
                  if (failing.get()) {
                    throw new DBException("No space left on device");
                  }
                }
                try {
                  return method.invoke(real, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    };
  }
}
