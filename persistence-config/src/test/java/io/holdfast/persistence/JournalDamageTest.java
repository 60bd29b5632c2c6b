package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.tamper;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import akka.persistence.AtomicWrite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is not as it was written is found and named, and nobody carries on with it. */
class JournalDamageTest {
  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void namesTheEventWithAFlippedByte(Flavour flavour) {
    fill(flavour);
    tamper(directory, flavour, JournalKeys.event("p", 7), value -> value[value.length / 2] ^= 1);

    JournalStore journal = fixture.open(directory, flavour);
    assertDamaged(journal, 7, "the checksum does not match");
    assertThat(replay(journal, "p", 1, 6, Long.MAX_VALUE)).isEqualTo(payloads("p", 1, 6));
    assertThat(replay(journal, "q")).isEqualTo(payloads("q", 1, 10));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void namesAMissingEventWhereverItIs(Flavour flavour, @TempDir Path elsewhere) {
    fill(flavour);
    for (long missing : List.of(1L, 5L, 10L)) {
      Path copy = JournalFixture.copy(directory, elsewhere.resolve("without-" + missing));
      tamper(copy, flavour, JournalKeys.event("p", missing), null);
      assertDamaged(fixture.open(copy, flavour), missing, "the event is missing");
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void noticesAnEventThatIsIntactButNotTheOneThatWasWritten(Flavour flavour) {
    fill(flavour);
    byte[] foreign =
        StoredRecord.encode("p", 4, 0, 4, "of another life".getBytes(StandardCharsets.UTF_8));
    replace(flavour, JournalKeys.event("p", 4), foreign);

    JournalStore journal = fixture.open(directory, flavour);
    assertDamaged(journal, 4, "it does not follow the event before it");
    assertThatThrownBy(() -> replay(journal, "p", 5, 10, 10))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("sequence number 5");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void doesNotBeginAnIdAgainWhoseHeadIsLost(Flavour flavour) {
    fill(flavour);
    tamper(directory, flavour, JournalKeys.head(JournalKeys.LIVE, "p"), null);

    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("events of 1 persistence ids, and held those of 2");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void doesNotOpenWithAFlippedByteInAHead(Flavour flavour) {
    fill(flavour);
    tamper(directory, flavour, JournalKeys.head(JournalKeys.LIVE, "p"), value -> value[7] ^= 1);

    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("'p'");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void doesNotOpenWhenLevelDbLostCommitsFromTheMiddleOfItsLog(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 300; n++) {
      // Each under an id of its own, so that no event misses its predecessor.
      String id = "once-" + n;
      await(journal.write(List.of(event(id, 1, "payload of " + id + " " + "x".repeat(500)))));
    }
    journal.close();
    flipInFile(".log", "payload of once-20 ");

    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageMatching("(?s).*commit \\d+ of 300 is missing.*");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void noticesAFlippedByteInATable(Flavour flavour) throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 600; n += 3) {
      await(journal.write(List.of(large(n), large(n + 1), large(n + 2))));
    }
    journal.close();
    flipInFile(".sst", "payload 50 ");

    JournalStore again = fixture.open(directory, flavour);
    assertDamaged(again, 50, flavour == Flavour.JAVA ? "checksum" : "LevelDB cannot read it");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void opensWithATornCommitAtTheEndOfTheLog(Flavour flavour, @TempDir Path elsewhere)
      throws IOException {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 19; n++) {
      write(journal, "p", n, n);
    }
    byte[] highWater = Files.readAllBytes(directory.resolve(HighWater.FILE));
    await(journal.write(List.of(JournalFixture.large("p", 20))));
    Path left = JournalFixture.copy(directory, elsewhere.resolve("left"));
    // As it was before that commit: nobody was told that it is done.
    Files.write(left.resolve(HighWater.FILE), highWater);
    Path log = files(left, ".log").get(0);
    byte[] bytes = Files.readAllBytes(log);
    int end = lastIndexOf(bytes, "p-20") + 2;
    Files.write(log, java.util.Arrays.copyOf(bytes, end));

    JournalStore recovered = fixture.open(left, flavour);
    assertThat(replay(recovered, "p")).isEqualTo(payloads("p", 1, 19));
    write(recovered, "p", 20, 25);
    recovered.close();
    assertThat(replay(fixture.open(left, flavour), "p")).isEqualTo(payloads("p", 1, 25));
  }

  private static AtomicWrite large(long n) {
    return event("p", n, "payload " + n + " " + "x".repeat(20_000));
  }

  private void fill(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 10);
    write(journal, "q", 1, 10);
    journal.close();
  }

  private void assertDamaged(JournalStore journal, long sequenceNr, String what) {
    JournalDamagedException damage =
        catchThrowableOfType(JournalDamagedException.class, () -> replay(journal, "p"));
    assertThat(damage)
        .hasMessageContaining(journal.directory().toString())
        .hasMessageContaining("'p'")
        .hasMessageContaining("sequence number " + sequenceNr)
        .hasMessageContaining(what);
    assertThat(damage.directory()).isEqualTo(journal.directory().toString());
    assertThat(damage.persistenceId()).isEqualTo("p");
    assertThat(damage.sequenceNr()).isEqualTo(sequenceNr);
  }

  private void replace(Flavour flavour, byte[] key, byte[] value) {
    try (var db = flavour.opener().open(directory.toFile())) {
      db.put(key, value);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void flipInFile(String kind, String text) throws IOException {
    for (Path log : files(directory, kind)) {
      byte[] bytes = Files.readAllBytes(log);
      int at = lastIndexOf(bytes, text);
      if (at >= 0) {
        bytes[at] ^= 1;
        Files.write(log, bytes);
        return;
      }
    }
    throw new AssertionError("not in any log: " + text);
  }

  private static List<Path> files(Path in, String kind) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(file -> file.toString().endsWith(kind)).sorted().toList();
    }
  }

  private static int lastIndexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf(text);
  }
}
