package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.testing.machine.SmallFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R14: a disk without one free page, where the native LevelDB ends the process at the first byte
 * that it writes.
 */
class FullDiskJournalTest {
  private static final String FULL = "is full";

  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path folder;
  private SmallFileSystem disk;
  private JournalSettings settings;

  @BeforeEach
  void mount() {
    disk = SmallFileSystem.over(folder, "48m");
    settings = JournalFixture.withMinFreeSpace(folder.resolve("journal"), 16 << 20);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
    if (disk != null) {
      disk.empty();
      disk.close();
    }
  }

  private JournalStore open() {
    return fixture.open(settings, Flavour.NATIVE.opener());
  }

  @Test
  void R14_whatWaitsForLevelDbIsReadAndWaitsOn() throws IOException {
    JournalStore journal = open();
    // As many as LevelDB gets at once, and some more.
    for (int n = 1; n <= HighWater.SLOTS / 2 + 5; n++) {
      write(journal, "p", n, n);
    }
    disk.fill();

    List<Object> written = payloads("p", 1, HighWater.SLOTS / 2 + 5);
    assertThat(replay(journal, "p")).isEqualTo(written);
    assertThat(await(journal.persistenceIds(""))).containsExactly("p");
    assertThatThrownBy(() -> await(journal.write(List.of(event("p", 22, "no room")))))
        .hasMessageContaining(FULL);
    assertThatThrownBy(() -> await(journal.delete("p", 3))).hasMessageContaining(FULL);
    assertThat(replay(journal, "p")).isEqualTo(written);
    journal.close();
    assertThatThrownBy(this::open).hasMessageContaining(FULL);

    disk.empty();
    JournalStore again = open();
    assertThat(replay(again, "p")).isEqualTo(written);
    write(again, "p", 22, 90);
    assertThat(replay(again, "p")).isEqualTo(payloads("p", 1, 90));
  }

  @Test
  void R14_itGoesOnWithoutBeingOpenedAgain() throws IOException {
    JournalStore journal = open();
    write(journal, "p", 1, 3);
    disk.fill();
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> write(journal, "p", 4, 4)).hasMessageContaining(FULL);
    }
    disk.empty();
    write(journal, "p", 4, 90);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 90));
  }
}
