package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.large;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was acknowledged last is there, or missed when it is gone; what never was is not. */
class HighWaterTest {
  private final JournalFixture fixture = new JournalFixture();
  private Path file;

  @TempDir Path directory;

  @BeforeEach
  void locate() {
    file = directory.resolve(HighWater.FILE);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void theEndOfALogThatIsCutBetweenTwoCommitsIsMissed(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    await(journal.write(List.of(large("p", 1), large("p", 2), large("p", 3))));
    // The size of the file says nothing: the native library reserves room.
    int end = used(log());
    await(journal.write(List.of(large("q", 1))));
    await(journal.write(List.of(large("p", 4), large("p", 5))));
    journal.close();
    Files.write(log(), Arrays.copyOf(Files.readAllBytes(log()), end));

    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("the end is missing, which was acknowledged")
        .hasMessageContaining("commit 2 of 3")
        .hasMessageContaining("'p' up to 5, 'q' up to 1")
        .hasMessageContaining(log().getFileName().toString());
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void anAcknowledgedCommitOfAKilledProcessIsMissed(Flavour flavour, @TempDir Path elsewhere)
      throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    Path killed = JournalFixture.copy(directory, elsewhere.resolve("killed"));
    await(journal.write(List.of(large("p", 4))));
    Files.copy(
        file, killed.resolve(HighWater.FILE), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> fixture.open(killed, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("commit 2 of 2 is missing");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void smallCommitsThatTheLogHasLostAreMadeAgain(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    await(journal.write(List.of(large("p", 1))));
    int end = used(log());
    for (int n = 2; n <= 9; n++) {
      write(journal, "p", n, n);
      write(journal, "q-" + n, 1, 1);
      assertThat(replay(journal, "q-" + n)).isEqualTo(payloads("q-" + n, 1, 1));
    }
    await(journal.delete("q-2", 1));
    journal.close();
    Files.write(log(), Arrays.copyOf(Files.readAllBytes(log()), end));

    assertThat(JournalCheck.of(directory).damages()).isEmpty();
    JournalStore again = fixture.open(directory, flavour);
    assertThat(replay(again, "p").subList(1, 9)).isEqualTo(payloads("p", 2, 9));
    assertThat(await(again.persistenceIds("q-"))).hasSize(7).doesNotContain("q-2");
    assertThat(await(again.highestSequenceNr("q-2"))).isEqualTo(1);
    assertThat(JournalFixture.tagged(again, "q-9")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aKilledProcessLosesNoCommit(Flavour flavour, @TempDir Path elsewhere) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 130; n++) {
      write(journal, "p", n, n);
      if (n % 13 == 0) {
        await(journal.write(List.of(large("q", n / 13))));
      }
      Path killed = JournalFixture.copy(directory, elsewhere.resolve("killed-" + n));
      try (JournalFixture other = new JournalFixture()) {
        JournalStore again = other.open(killed, flavour);
        assertThat(replay(again, "p")).isEqualTo(payloads("p", 1, n));
        write(again, "p", n + 1, n + 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void anEntryThatWasHalfWrittenWhenThePowerFailedRefusesNothing(
      Flavour flavour, @TempDir Path elsewhere) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 70; n++) {
      write(journal, "p", n, n);
    }
    Path before = JournalFixture.copy(directory, elsewhere.resolve("before"));
    await(journal.write(List.of(event("p", 71, "x".repeat(1500)))));
    byte[] old = Files.readAllBytes(before.resolve(HighWater.FILE));
    byte[] written = Files.readAllBytes(file);
    int at = HighWater.slot(71) * HighWaterSectors.BYTES;
    for (int which = 0; which < 256; which++) {
      byte[] mixed = old.clone();
      for (int i = 0; i < 8; i++) {
        if ((which & 1 << i) != 0) {
          System.arraycopy(written, at + i * 512, mixed, at + i * 512, 512);
        }
      }
      Files.write(before.resolve(HighWater.FILE), mixed);
      boolean isWhole = which == 255;
      assertThat(HighWaterReading.of(before).newest()).isEqualTo(isWhole ? 71 : 70);
      assertThat(JournalFiles.read(before).faults()).isEmpty();
    }
    assertThat(replay(fixture.open(before, flavour), "p")).hasSize(71);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aDamagedEntryOfACommitThatLevelDbHasNotGotIsRefused(Flavour flavour, @TempDir Path elsewhere)
      throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 5; n++) {
      await(journal.write(List.of(event("p", n, "x".repeat(1200)))));
    }
    for (int commit : new int[] {3, 5}) {
      int entry = HighWater.slot(commit) * HighWaterSectors.BYTES;
      assertThatThrownBy(() -> fixture.open(flipped(elsewhere, entry + 300), flavour))
          .isInstanceOf(JournalDamagedException.class)
          .hasMessageContaining("commit " + commit + " of 5 is missing")
          .hasMessageContaining("it is not known of which persistence ids");
      // The ids stand in the first sector.
      assertThatThrownBy(() -> fixture.open(flipped(elsewhere, entry + 600), flavour))
          .isInstanceOf(JournalDamagedException.class)
          .hasMessageContaining("commit " + commit + " of 5 is missing")
          .hasMessageContaining("'p' up to 5");
      Path sound = flipped(elsewhere, entry + HighWaterSectors.BYTES - 9);
      assertThat(replay(fixture.open(sound, flavour), "p")).hasSize(5);
    }
  }

  /** What a killed process leaves, with one bit of the file changed. */
  private Path flipped(Path elsewhere, int at) throws IOException {
    Path killed = JournalFixture.copy(directory, elsewhere.resolve("killed-" + at));
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 4;
    Files.write(killed.resolve(HighWater.FILE), bytes);
    return killed;
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aKillBetweenTheCommitAndItsMarkHarmsNothing(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    byte[] before = Files.readAllBytes(file);
    await(journal.write(List.of(large("p", 4))));
    journal.close();
    Files.write(file, before);

    JournalStore again = fixture.open(directory, flavour);
    assertThat(replay(again, "p")).hasSize(4);
    again.close();
    assertThat(HighWaterReading.of(directory).newest()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aMissingOrUnreadableMarkIsRefusedOnceThereAreCommits(Flavour flavour) throws IOException {
    fixture.open(directory, flavour).close();
    Files.delete(file);
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    journal.close();
    byte[] whole = Files.readAllBytes(file);

    Files.delete(file);
    assertRefused(flavour, "file high-water is missing");
    Files.write(file, new byte[whole.length]);
    assertRefused(flavour, "file high-water cannot be read");
    Files.write(file, whole);
    assertThat(replay(fixture.open(directory, flavour), "p")).isEqualTo(payloads("p", 1, 3));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void anUnreadableEntryCountsOnlyWhereTheNewestCouldBe(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 100; n++) {
      write(journal, "p", n, n);
    }
    journal.close();
    byte[] whole = Files.readAllBytes(file);

    // That of the newest: the one before it asks for one commit more, and it is there.
    destroy(whole, 100);
    assertThat(HighWaterReading.of(directory).least()).isEqualTo(100);
    assertThat(replay(fixture.open(directory, flavour), "p")).hasSize(100);
    fixture.close();
    // An old one says nothing of the end.
    destroy(whole, 90);
    assertThat(HighWaterReading.of(directory).least()).isEqualTo(100);
    // Where commit 101 would be: it may have been acknowledged.
    destroy(whole, 101);
    try (JournalFixture other = new JournalFixture()) {
      assertThatThrownBy(() -> other.open(directory, flavour))
          .isInstanceOf(JournalDamagedException.class)
          .hasMessageContaining("file high-water cannot be read where commit 101 would stand");
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void theMarkOfAnotherJournalIsRefused(Flavour flavour, @TempDir Path elsewhere)
      throws IOException {
    for (Path in : List.of(directory, elsewhere)) {
      JournalStore journal = fixture.open(in, flavour);
      write(journal, "p", 1, 3);
      journal.close();
    }
    Files.write(file, Files.readAllBytes(elsewhere.resolve(HighWater.FILE)));

    assertRefused(flavour, "file high-water belongs to another journal");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aJournalWithoutItsListOfFilesIsNotBegunAnew(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    journal.close();
    byte[] log = Files.readAllBytes(log());
    Files.delete(directory.resolve("CURRENT"));

    assertRefused(flavour, "file CURRENT, byte 0: the file is missing");
    assertThat(log()).hasBinaryContent(log);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aJournalOfWhichOnlyTheMarkIsLeftIsNotBegunAnew(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    journal.close();
    for (Path each : files(directory)) {
      if (!each.equals(file)) {
        Files.delete(each);
      }
    }
    assertRefused(flavour, "the end is missing, which was acknowledged: commit 1 of 1");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aJournalOfTheOlderFormatGetsItsMark(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    journal.close();
    Files.delete(file);
    try (var db = flavour.opener().open(directory.toFile())) {
      db.put(JournalKeys.format(), LevelDbStore.FORMAT_1.getBytes(StandardCharsets.US_ASCII));
      db.delete(JournalKeys.identity());
    }

    JournalStore again = fixture.open(directory, flavour);
    assertThat(replay(again, "p")).isEqualTo(payloads("p", 1, 3));
    again.close();
    assertThat(HighWaterReading.of(directory).newest()).isEqualTo(1);
    Files.delete(file);
    assertRefused(flavour, "file high-water is missing");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aCommitOfMoreIdsThanAnEntryHoldsSaysThatThereAreMore(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    await(
        journal.write(
            java.util.stream.IntStream.range(0, 300)
                .mapToObj(i -> JournalFixture.event("some-longer-persistence-id-" + i, 1, "x"))
                .toList()));
    HighWaterSlot slot = HighWaterReading.of(directory).slots().get(1L);

    assertThat(slot.ids()).isNotEmpty();
    assertThat(slot.ids().size() + slot.unnamed()).isEqualTo(300);
  }

  private void assertRefused(Flavour flavour, String why) {
    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(why)
        .hasMessageContaining("holdfast journal repair");
  }

  private void destroy(byte[] whole, long commit) throws IOException {
    byte[] bytes = whole.clone();
    for (int sector = 0; sector < HighWaterSectors.BYTES; sector += 512) {
      bytes[HighWater.slot(commit) * HighWaterSectors.BYTES + sector + 40] ^= 1;
    }
    Files.write(file, bytes);
  }

  private Path log() throws IOException {
    List<Path> logs = files(directory).stream().filter(f -> f.toString().endsWith(".log")).toList();
    assertThat(logs).hasSize(1);
    return logs.get(0);
  }

  private static int used(Path log) throws IOException {
    byte[] bytes = Files.readAllBytes(log);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.toList();
    }
  }
}
