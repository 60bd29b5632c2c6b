package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.tamper;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a check finds, what a repair keeps, and that neither loses anything in silence. */
class JournalRepairTest {
  private final JournalFixture fixture = new JournalFixture();
  private Path directory;

  @TempDir Path data;

  @BeforeEach
  void locate() {
    directory = data.resolve("journal");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aSoundJournalIsCountedAndLeftAlone(Flavour flavour) throws IOException {
    fill(flavour);

    JournalReport report = JournalCheck.of(data);
    assertThat(report.isSound()).isTrue();
    assertThat(report.directory()).isEqualTo(directory.toRealPath());
    assertThat(report.soundIds()).isEqualTo(3);
    assertThat(report.soundEvents()).isEqualTo(20);
    assertThat(report.commits()).isEqualTo(4);

    assertThat(JournalRepair.of(directory).folder()).isNull();
    assertThat(files(data)).containsExactly(directory);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aDamagedIdIsNamedAndSetAsideAndTheOthersGoOn(Flavour flavour) throws IOException {
    fill(flavour);
    tamper(directory, flavour, JournalKeys.event("p", 7), value -> value[value.length / 2] ^= 1);

    assertThat(JournalCheck.of(data).damages())
        .singleElement()
        .hasToString("persistence id 'p': sequence number 7: the checksum does not match");
    JournalRepair.Outcome outcome = JournalRepair.of(data);
    assertThat(outcome.setAside())
        .containsExactly(new JournalRepair.SetAside("p", 6, 10, "the checksum does not match"));

    assertThat(JournalCheck.of(data).isSound()).isTrue();
    JournalStore journal = fixture.open(directory, flavour);
    assertThat(replay(journal, "q")).isEqualTo(payloads("q", 1, 10));
    assertThat(await(journal.highestSequenceNr("deleted"))).isEqualTo(2);
    assertThat(await(journal.persistenceIds(""))).containsExactly("q");
    write(journal, "q", 11, 12);
    // It does not begin anew as if it had never been.
    for (long number : List.of(1L, 7L, 11L)) {
      assertThatThrownBy(() -> write(journal, "p", number, number))
          .isInstanceOf(JournalDamagedException.class)
          .hasMessageContaining("'p', sequence number 7: a repair has set its events aside");
    }
    assertThatThrownBy(() -> replay(journal, "p")).isInstanceOf(JournalDamagedException.class);
    assertThatThrownBy(() -> await(journal.highestSequenceNr("p")))
        .isInstanceOf(JournalDamagedException.class);
    journal.close();

    assertThat(lines(outcome, "events.jsonl")).hasSize(9);
    assertThat(lines(outcome, "events.jsonl").get(0))
        .contains("\"persistenceId\":\"p\",\"sequenceNr\":1,\"inSequence\":true");
    JsonNode record =
        JournalJson.mapper().readTree(outcome.folder().resolve("record.json").toFile());
    assertThat(record.at("/setAside/0/persistenceId").asText()).isEqualTo("p");
    assertThat(record.at("/setAside/0/readableTo").asLong()).isEqualTo(6);
    assertThat(outcome.folder().resolve("journal").resolve("CURRENT")).exists();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void whatWasSetAsideStaysSoAtTheNextRepair(Flavour flavour) {
    fill(flavour);
    for (String id : List.of("p", "q")) {
      tamper(directory, flavour, JournalKeys.event(id, 7), value -> value[value.length / 2] ^= 1);
      assertThat(JournalRepair.of(data).setAside()).hasSize(1);
    }
    JournalStore journal = fixture.open(directory, flavour);
    for (String id : List.of("p", "q")) {
      assertThatThrownBy(() -> write(journal, id, 1, 1))
          .hasMessageContaining("a repair has set its events aside");
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofALostEndOnlyWhoWasInItIsSetAside(Flavour flavour) throws IOException {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "q", 11, 11);
    write(journal, "q", 12, 12);
    journal.close();
    Path log = files(directory).stream().filter(f -> f.toString().endsWith(".log")).toList().get(0);
    Files.write(log, Arrays.copyOf(Files.readAllBytes(log), 5));

    assertThat(JournalCheck.of(data).damages().toString())
        .contains("the end is missing, which was acknowledged: commit 5 of 6")
        .contains("'q' up to 12")
        .contains(
            "persistence id 'q': sequence number 11: events up to number 12 were acknowledged");
    assertThat(JournalRepair.of(data).setAside())
        .singleElement()
        .satisfies(
            aside -> {
              assertThat(aside.persistenceId()).isEqualTo("q");
              assertThat(aside.readableTo()).isEqualTo(10);
            });
    assertThat(replay(fixture.open(directory, flavour), "p")).isEqualTo(payloads("p", 1, 10));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aLostMarkOrListOfFilesCostsNoEvents(Flavour flavour) throws IOException {
    fill(flavour);
    for (String lost : List.of(HighWater.FILE, "CURRENT")) {
      Files.delete(directory.resolve(lost));
      assertThat(JournalCheck.of(data).damages().toString()).contains(lost);

      assertThat(JournalRepair.of(data).setAside()).isEmpty();
      JournalStore journal = fixture.open(directory, flavour);
      assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 10));
      assertThat(replay(journal, "q")).isEqualTo(payloads("q", 1, 10));
      journal.close();
    }
  }

  @Test
  void aRepairThatWasInterruptedBetweenItsRenamesIsFinished() throws IOException {
    fill(Flavour.JAVA);
    Files.move(directory, data.resolve("journal.repaired"));

    assertThat(replay(fixture.open(directory, Flavour.JAVA), "p")).isEqualTo(payloads("p", 1, 10));
    assertThat(files(data)).containsExactly(directory);
  }

  @Test
  void aRepairThatWasInterruptedBeforeLeavesTheOldOne() throws IOException {
    fill(Flavour.JAVA);
    JournalFixture.copy(directory, data.resolve("journal.repaired"));
    JournalFixture.copy(directory, data.resolve("journal.repairing"));
    tamper(directory, Flavour.JAVA, JournalKeys.event("p", 7), value -> value[9] ^= 1);

    assertThat(JournalCheck.of(data).isSound()).isFalse();
    assertThat(JournalRepair.of(data).setAside()).hasSize(1);
    assertThat(JournalCheck.of(data).isSound()).isTrue();
    assertThat(files(data)).hasSize(2);
  }

  @Test
  void aJournalInUseOrNoneIsRefused() {
    fixture.open(directory, Flavour.JAVA);
    assertThatThrownBy(() -> JournalCheck.of(data))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("is in use");
    assertThatThrownBy(() -> JournalRepair.of(data))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("is in use");
    assertThatThrownBy(() -> JournalCheck.of(data.resolve("nowhere")))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("There is no journal in " + data.resolve("nowhere"));
    assertThat(data.resolve("nowhere")).doesNotExist();
  }

  private void fill(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 10);
    write(journal, "q", 1, 10);
    write(journal, "deleted", 1, 2);
    await(journal.delete("deleted", 2));
    journal.close();
  }

  private static List<String> lines(JournalRepair.Outcome outcome, String file) throws IOException {
    return Files.readAllLines(outcome.folder().resolve(file));
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.sorted().toList();
    }
  }
}
