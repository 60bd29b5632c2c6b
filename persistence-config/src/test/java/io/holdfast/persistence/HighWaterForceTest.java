package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.large;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.settings;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is acknowledged on the strength of the high-water mark is forced before, not after. */
class HighWaterForceTest {
  /** Long enough for a thread that does not wait to come to its end. */
  private static final Duration A_WHILE = Duration.ofMillis(300);

  private final JournalFixture fixture = new JournalFixture();
  private final ObservedDisk disk = new ObservedDisk();

  @TempDir Path directory;

  @AfterEach
  void close() {
    disk.letThrough();
    fixture.close();
  }

  private JournalStore open() {
    return fixture.open(settings(directory), Flavour.NATIVE.opener(), disk);
  }

  @Test
  void R14_aSmallCommitIsAcknowledgedAfterItsEntryIsForced() {
    JournalStore journal = open();
    disk.shut();
    CompletableFuture<?> written = journal.write(List.of(event("p", 1, "small")));
    untilStep("about to force");
    assertStaysOpen(written);

    disk.letThrough();
    await(written);
    assertThat(disk.steps).endsWith("written 1", "about to force", "forced");
  }

  @Test
  void R14_aLargeCommitIsAcknowledgedAfterTheMarkOfTheOneBeforeIsForced() {
    JournalStore journal = open();
    disk.shut();
    // LevelDB has synced it: its own mark may follow.
    await(journal.write(List.of(large("p", 1))));
    CompletableFuture<?> next = journal.write(List.of(large("p", 2)));
    untilStep("written 2");
    assertStaysOpen(next);
    assertThat(disk.steps).doesNotContain("forced");

    disk.letThrough();
    await(next);
    assertThat(disk.steps).contains("forced");
  }

  @Test
  void theMarkOfALargeCommitIsForcedThoughNothingFollows() {
    JournalStore journal = open();
    await(journal.write(List.of(large("p", 1))));
    untilStep("forced");
    assertThat(disk.steps).endsWith("written 1", "about to force", "forced");
  }

  @Test
  void nothingIsLeftUnforcedWhenItIsClosed() {
    for (int n = 1; n <= 20; n++) {
      JournalStore journal = open();
      await(journal.write(List.of(large("p", n))));
      journal.close();
      assertThat(disk.steps.lastIndexOf("forced"))
          .isGreaterThan(disk.steps.lastIndexOf("written " + n));
    }
  }

  @Test
  void aNewFileIsOnDiskBeforeItHasItsNameAndItsNameBeforeItIsUsed() {
    JournalStore journal = open();
    write(journal, "p", 1, 1);
    assertThat(disk.steps)
        .startsWith(
            "high-water.new written 0",
            "high-water.new forced",
            "moved to high-water",
            "folder forced",
            "written 1");
  }

  @Test
  void R14_aCommitWhoseForceFailsIsNotAcknowledged() {
    JournalStore journal = open();
    write(journal, "p", 1, 3);
    disk.fail(true);
    assertThatThrownBy(() -> write(journal, "p", 4, 4))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining(HighWater.FILE)
        .hasMessageContaining("Input/output error");

    disk.fail(false);
    // Its outcome is unknown until the journal has been opened again.
    long highest = await(journal.highestSequenceNr("p"));
    assertThat(highest).isBetween(3L, 4L);
    write(journal, "p", highest + 1, 9);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 9));
  }

  @Test
  void R14_noLargeCommitIsAcknowledgedBehindAMarkWhoseForceFailed() {
    JournalStore journal = open();
    write(journal, "p", 1, 3);
    disk.fail(true);
    await(journal.write(List.of(large("q", 1))));
    assertThatThrownBy(() -> await(journal.write(List.of(large("q", 2)))))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("Input/output error");

    disk.fail(false);
    long highest = await(journal.highestSequenceNr("q"));
    await(journal.write(List.of(large("q", highest + 1))));
    assertThat(replay(journal, "q")).hasSize((int) highest + 1);
  }

  private void untilStep(String step) {
    Awaitility.await().until(() -> disk.steps.contains(step));
  }

  private static void assertStaysOpen(CompletableFuture<?> written) {
    Awaitility.await().during(A_WHILE).until(() -> !written.isDone());
  }
}
