package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.large;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.tagged;
import static io.holdfast.persistence.JournalFixture.tamper;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteOptions;
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
  void aDamagedIdIsNamedAndCutAndTheOthersGoOn(Flavour flavour) throws IOException {
    fill(flavour);
    harm(flavour, "p", 7);

    assertThat(JournalCheck.of(data).damages())
        .singleElement()
        .hasToString("persistence id 'p': sequence number 7: the checksum does not match");
    JournalRepair.Outcome outcome = JournalRepair.of(data);
    long number = 10 + JournalCut.MARGIN;
    assertThat(outcome.cuts())
        .containsExactly(
            new JournalRepair.Cut("p", 6, 10, number, false, "the checksum does not match"));

    JournalReport after = JournalCheck.of(data);
    assertThat(after.isSound()).isTrue();
    assertThat(after.soundIds()).isEqualTo(3);
    assertThat(after.soundEvents()).isEqualTo(17);
    JournalStore journal = fixture.open(directory, flavour);
    assertThat(replay(journal, "q")).isEqualTo(payloads("q", 1, 10));
    assertThat(await(journal.highestSequenceNr("deleted"))).isEqualTo(2);
    assertThat(await(journal.persistenceIds(""))).containsExactly("p", "q");
    write(journal, "q", 11, 12);
    // It neither begins anew as if it had never been, nor goes on as if nothing were missing.
    for (long wrong : List.of(1L, 7L, 11L, number)) {
      assertThatThrownBy(() -> write(journal, "p", wrong, wrong))
          .isInstanceOf(WriteRefusedException.class);
    }
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(number);
    write(journal, "p", number + 1, number + 2);
    List<Object> events = replay(journal, "p");
    assertThat(events.subList(0, 6)).isEqualTo(payloads("p", 1, 6));
    assertThat(events.get(6)).isInstanceOf(JournalCut.class);
    JournalCut cut = (JournalCut) events.get(6);
    assertThat(cut).isEqualTo(new JournalCut(number, 6, 10, cut.what(), cut.at()));
    assertThat(events.subList(7, 9)).isEqualTo(payloads("p", number + 1, number + 2));
    journal.close();

    assertThat(lines(outcome, "events.jsonl")).hasSize(9);
    assertThat(lines(outcome, "events.jsonl").get(0))
        .contains("\"persistenceId\":\"p\",\"sequenceNr\":1,\"inSequence\":true");
    JsonNode record =
        JournalJson.mapper().readTree(outcome.folder().resolve("record.json").toFile());
    assertThat(record.at("/cuts/0/persistenceId").asText()).isEqualTo("p");
    assertThat(record.at("/cuts/0/readableTo").asLong()).isEqualTo(6);
    assertThat(outcome.folder().resolve("journal").resolve("CURRENT")).exists();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void replaysAndDeletesAcrossACut(Flavour flavour) {
    fill(flavour);
    harm(flavour, "p", 7);
    long number = JournalRepair.of(data).cuts().get(0).number();
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", number + 1, number + 1);

    assertThat(pages(journal, "p", 1, Long.MAX_VALUE))
        .isEqualTo(List.of(1L, 2L, 3L, 4L, 5L, 6L, number, number + 1));
    assertThat(pages(journal, "p", 8, number)).isEqualTo(List.of(number));
    assertThat(pages(journal, "p", 5, 100)).isEqualTo(List.of(5L, 6L));
    List<String> tagged = tagged(journal, "p");
    assertThat(tagged).hasSize(8);
    for (long from : List.of(7L, 11L, number - 1, number)) {
      assertThat(replay(journal, "p", from, Long.MAX_VALUE, 9)).as("from %d", from).hasSize(2);
    }
    assertThat(replay(journal, "p", 5, 100, 9)).isEqualTo(payloads("p", 5, 6));
    assertThat(replay(journal, "p", 8, 100, 9)).isEmpty();
    assertThat(replay(journal, "p", number + 1, number + 1, 9)).hasSize(1);
    await(journal.delete("p", 4));
    assertThat(replay(journal, "p")).hasSize(4).startsWith("p-5", "p-6");
    // Between what is there and the cut there is nothing to delete but what is before it.
    await(journal.delete("p", 100));
    assertThat(replay(journal, "p")).hasSize(2);
    await(journal.delete("p", number));
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", number + 1, number + 1));
    assertThat(tagged(journal, "p")).isEqualTo(tagged.subList(7, 8));
    await(journal.delete("p", Long.MAX_VALUE));
    assertThat(await(journal.persistenceIds(""))).containsExactly("q");
    assertThat(tagged(journal, "p")).isEmpty();
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(number + 1);
    journal.close();
    assertThat(JournalCheck.of(data).isSound()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void nothingButACutMayFollowAnotherEventThanTheOneBeforeIt(Flavour flavour) {
    fill(flavour);
    harm(flavour, "p", 7);
    long number = JournalRepair.of(data).cuts().get(0).number();

    for (long lost : List.of(6L, number)) {
      Path copy = JournalFixture.copy(directory, data.resolve("lost-" + lost).resolve("journal"));
      tamper(copy, flavour, JournalKeys.event("p", lost), null);
      assertThat(JournalCheck.of(copy).damages().toString())
          .contains("'p': sequence number " + (lost == 6 ? 6 : 7) + ": the event is missing");
      JournalStore journal = fixture.open(copy, flavour);
      for (long from : List.of(1L, 6L)) {
        assertThatThrownBy(() -> replay(journal, "p", from, Long.MAX_VALUE, 99))
            .isInstanceOf(JournalDamagedException.class)
            .hasMessageContaining("the event is missing");
      }
      journal.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aSecondRepairKeepsTheFirstCutOrCutsBeforeIt(Flavour flavour) {
    fill(flavour);
    harm(flavour, "p", 7);
    long first = JournalRepair.of(data).cuts().get(0).number();
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", first + 1, first + 3);
    journal.close();

    Path behind = JournalFixture.copy(directory, data.resolve("behind").resolve("journal"));
    harm(behind, flavour, "p", first + 2);
    JournalRepair.Cut cut = JournalRepair.of(behind).cuts().get(0);
    assertThat(cut.readableTo()).isEqualTo(first + 1);
    assertThat(cut.number()).isEqualTo(first + 3 + JournalCut.MARGIN);
    assertThat(replay(fixture.open(behind, flavour), "p"))
        .hasSize(9)
        .element(8)
        .isInstanceOf(JournalCut.class);

    Path before = JournalFixture.copy(directory, data.resolve("before").resolve("journal"));
    harm(before, flavour, "p", 3);
    cut = JournalRepair.of(before).cuts().get(0);
    assertThat(cut.readableTo()).isEqualTo(2);
    assertThat(cut.number()).isEqualTo(first + 3 + JournalCut.MARGIN);
    assertThat(replay(fixture.open(before, flavour), "p")).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofWhomNothingIsCertainTheJournalBeginsWithTheCut(Flavour flavour) {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    await(journal.delete("q", 4));
    journal.close();
    // Without its head nobody knows what its first event follows.
    tamper(directory, flavour, JournalKeys.head(JournalKeys.LIVE, "q"), value -> value[9] ^= 1);
    harm(flavour, "p", 1);

    assertThat(JournalRepair.of(data).cuts())
        .extracting(JournalRepair.Cut::readableTo)
        .containsExactly(0L, 0L);
    JournalStore repaired = fixture.open(directory, flavour);
    for (String id : List.of("p", "q")) {
      assertThat(replay(repaired, id)).singleElement().isInstanceOf(JournalCut.class);
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void whatAnEarlierVersionHasSetAsideIsRefusedUntilItIsRepairedAnew(Flavour flavour) {
    fill(flavour);
    put(flavour, JournalKeys.head(JournalKeys.SET_ASIDE, "old"), 6);

    JournalStore journal = fixture.open(directory, flavour);
    assertThatThrownBy(() -> write(journal, "old", 1, 1))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining(
            "'old', sequence number 7: an earlier repair has set its events aside");
    journal.close();
    assertThat(JournalCheck.of(data).damages())
        .singleElement()
        .hasToString(
            "persistence id 'old': sequence number 7: an earlier repair has set its events aside");
    assertThat(JournalRepair.of(data).cuts()).hasSize(1);
    assertThat(JournalCheck.of(data).isSound()).isTrue();
    assertThat(replay(fixture.open(directory, flavour), "old"))
        .singleElement()
        .isInstanceOf(JournalCut.class);
  }

  @Test
  void anIdThatWasOverStaysSoWhenCommitsAreMissing() throws IOException {
    fill(Flavour.JAVA);
    JournalStore journal = fixture.open(directory, Flavour.JAVA);
    write(journal, "q", 11, 11);
    journal.close();
    Path log = files(directory).stream().filter(f -> f.toString().endsWith(".log")).toList().get(0);
    Files.write(log, Arrays.copyOf(Files.readAllBytes(log), 5));
    Files.delete(directory.resolve(HighWater.FILE));

    assertThat(JournalRepair.of(data).cuts())
        .filteredOn(cut -> cut.persistenceId().equals("deleted"))
        .singleElement()
        .matches(JournalRepair.Cut::over);
    JournalStore repaired = fixture.open(directory, Flavour.JAVA);
    assertThat(await(repaired.persistenceIds(""))).containsExactly("p", "q");
    assertThat(await(repaired.highestSequenceNr("deleted"))).isEqualTo(2 + JournalCut.MARGIN);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofALostEndOnlyWhoWasInItIsCut(Flavour flavour) throws IOException {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    await(journal.write(List.of(large("q", 11))));
    await(journal.write(List.of(large("q", 12))));
    journal.close();
    Path log = files(directory).stream().filter(f -> f.toString().endsWith(".log")).toList().get(0);
    Files.write(log, Arrays.copyOf(Files.readAllBytes(log), 5));

    assertThat(JournalCheck.of(data).damages().toString())
        .contains("the end is missing, which was acknowledged: commit 5 of 6")
        .contains("'q' up to 12")
        .contains(
            "persistence id 'q': sequence number 11: events up to number 12 were acknowledged");
    assertThat(JournalRepair.of(data).cuts())
        .singleElement()
        .satisfies(
            cut -> {
              assertThat(cut.persistenceId()).isEqualTo("q");
              assertThat(cut.readableTo()).isEqualTo(10);
              assertThat(cut.number()).isGreaterThan(12);
            });
    assertThat(replay(fixture.open(directory, flavour), "p")).isEqualTo(payloads("p", 1, 10));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void whatLevelDbHadNotGotIsCutWhereItsEntryIsDamaged(Flavour flavour) throws IOException {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 11, 11);
    await(journal.write(List.of(event("q", 11, "x".repeat(1200)))));
    write(journal, "p", 12, 12);
    Path killed = Files.createDirectory(data.resolve("killed"));
    JournalFixture.copy(directory, killed.resolve("journal"));
    Path mark = killed.resolve("journal").resolve(HighWater.FILE);
    long newest = HighWaterReading.of(mark.getParent()).newest();
    byte[] bytes = Files.readAllBytes(mark);
    bytes[HighWater.slot(newest - 1) * HighWaterSectors.BYTES + 600] ^= 1;
    Files.write(mark, bytes);

    // Of 'q' the damaged one, of 'p' the one behind it, which nothing can be put upon.
    assertThat(JournalRepair.of(killed).cuts())
        .extracting(JournalRepair.Cut::persistenceId, JournalRepair.Cut::readableTo)
        .containsExactlyInAnyOrder(tuple("p", 11L), tuple("q", 10L));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void withoutTheMarkOfAKilledProcessNobodyIsTakenForWhole(Flavour flavour) throws IOException {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 11, 11);
    Path killed = Files.createDirectory(data.resolve("killed"));
    JournalFixture.copy(directory, killed.resolve("journal"));
    Files.delete(killed.resolve("journal").resolve(HighWater.FILE));

    assertThat(JournalRepair.of(killed).cuts())
        .extracting(JournalRepair.Cut::persistenceId)
        .contains("p", "q");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aLostMarkOrListOfFilesCostsNoEvents(Flavour flavour) throws IOException {
    fill(flavour);
    for (String lost : List.of(HighWater.FILE, "CURRENT")) {
      Files.delete(directory.resolve(lost));
      assertThat(JournalCheck.of(data).damages().toString()).contains(lost);

      assertThat(JournalRepair.of(data).cuts()).isEmpty();
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
    assertThat(JournalRepair.of(data).cuts()).hasSize(1);
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

  /** The numbers of the events that a query reads in small pages. */
  private static List<Long> pages(JournalStore journal, String id, long from, long to) {
    List<Long> numbers = new ArrayList<>();
    EventPage page = new EventPage(List.of(), from - 1, true);
    while (page.more()) {
      page = await(journal.queries().byId(id, page.reached() + 1, to, 3));
      page.events().forEach(found -> numbers.add(found.event().sequenceNr()));
    }
    return numbers;
  }

  private void harm(Flavour flavour, String id, long number) {
    harm(directory, flavour, id, number);
  }

  private static void harm(Path journal, Flavour flavour, String id, long number) {
    tamper(journal, flavour, JournalKeys.event(id, number), value -> value[value.length / 2] ^= 1);
  }

  private void put(Flavour flavour, byte[] key, long value) {
    try (DB db = flavour.opener().open(directory.toFile())) {
      db.put(
          key,
          ByteBuffer.allocate(Long.BYTES).putLong(value).array(),
          new WriteOptions().sync(true));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
