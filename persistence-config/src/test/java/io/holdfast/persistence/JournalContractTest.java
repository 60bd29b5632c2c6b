package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.events;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Akka asks of a journal, and what this one promises beyond it. */
class JournalContractTest {
  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void replaysAllOrTheRangeThatIsAskedFor(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 5);
    write(journal, "q", 1, 2);

    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 5));
    assertThat(replay(journal, "p", 3, Long.MAX_VALUE, Long.MAX_VALUE))
        .isEqualTo(payloads("p", 3, 5));
    assertThat(replay(journal, "p", 1, 3, Long.MAX_VALUE)).isEqualTo(payloads("p", 1, 3));
    assertThat(replay(journal, "p", 2, 3, Long.MAX_VALUE)).isEqualTo(payloads("p", 2, 3));
    assertThat(replay(journal, "p", 2, 2, Long.MAX_VALUE)).isEqualTo(payloads("p", 2, 2));
    assertThat(replay(journal, "p", 1, Long.MAX_VALUE, 2)).isEqualTo(payloads("p", 1, 2));
    assertThat(replay(journal, "p", 2, 4, 1)).isEqualTo(payloads("p", 2, 2));
    assertThat(replay(journal, "p", 1, Long.MAX_VALUE, 0)).isEmpty();
    assertThat(replay(journal, "p", 3, 2, Long.MAX_VALUE)).isEmpty();
    assertThat(replay(journal, "p", 1, 0, Long.MAX_VALUE)).isEmpty();
    assertThat(replay(journal, "unknown")).isEmpty();
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(5);
    assertThat(await(journal.highestSequenceNr("unknown"))).isZero();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void keepsIdsApartOfWhichOneIsThePrefixOfTheOther(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    for (String id : List.of("a", "ab", "a b", "a|b", "ä")) {
      write(journal, id, 1, 3);
    }
    for (String id : List.of("a", "ab", "a b", "a|b", "ä")) {
      assertThat(replay(journal, id)).isEqualTo(payloads(id, 1, 3));
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void refusesAnIdThatCannotBeAKey(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    for (String id : List.of("", "a\0b", "x".repeat(JournalKeys.MAX_ID_BYTES + 1), "\ud800")) {
      assertThatThrownBy(() -> write(journal, id, 1, 1)).hasMessageContaining("A persistence id");
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void deletesUpToANumberAndRemembersTheHighest(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 5);

    await(journal.delete("p", 3));
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 4, 5));
    assertThat(replay(journal, "p", 2, 4, Long.MAX_VALUE)).isEqualTo(payloads("p", 4, 4));
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(5);

    await(journal.delete("p", 2));
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 4, 5));

    await(journal.delete("p", Long.MAX_VALUE));
    assertThat(replay(journal, "p")).isEmpty();
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(5);

    await(journal.delete("never-written", 7));
    assertThat(await(journal.highestSequenceNr("never-written"))).isZero();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void remembersTheHighestNumberOfADeletedIdAcrossARestart(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 5);
    await(journal.delete("p", Long.MAX_VALUE));
    journal.close();

    JournalStore again = fixture.open(directory, flavour);
    assertThat(await(again.highestSequenceNr("p"))).isEqualTo(5);
    write(again, "p", 6, 7);
    assertThat(replay(again, "p")).isEqualTo(payloads("p", 6, 7));
    again.close();

    JournalStore third = fixture.open(directory, flavour);
    assertThat(replay(third, "p")).isEqualTo(payloads("p", 6, 7));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void deletesMoreThanOneCommitHoldsAndWhatWasOnlyJustWritten(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    var written = journal.write(List.of(events("p", 1, payloads("p", 1, 2500).toArray())));
    var deleted = journal.delete("p", 2400);
    var more = journal.write(List.of(event("p", 2501, "p-2501")));

    await(written);
    await(more);
    await(deleted);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 2401, 2501));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void writesAnAtomicBatchWhollyOrNotAtAll(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    assertThat(await(journal.write(List.of(events("p", 1, "a", "b", "c")))))
        .containsExactly(Optional.empty());

    var rejected = await(journal.write(List.of(events("p", 4, "d", new Object(), "f"))));
    assertThat(rejected).singleElement().satisfies(r -> assertThat(r).isPresent());
    assertThat(replay(journal, "p")).containsExactly("a", "b", "c");

    // The first of the two would fit; together they do not.
    assertThatThrownBy(() -> await(journal.write(List.of(event("p", 7, "g"), event("p", 9, "h")))))
        .isInstanceOf(WriteRefusedException.class);
    assertThat(replay(journal, "p")).containsExactly("a", "b", "c");
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void rejectsWhatCannotBeSerializedAndWritesTheRest(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    var outcomes =
        await(
            journal.write(
                List.of(
                    event("p", 1, "one"), event("p", 2, new Object()), event("p", 3, "three"))));

    assertThat(outcomes.get(0)).isEmpty();
    assertThat(outcomes.get(1)).get().isInstanceOf(java.io.NotSerializableException.class);
    assertThat(outcomes.get(2)).isEmpty();
    assertThat(replay(journal, "p")).containsExactly("one", "three");
    assertThat(replay(journal, "p", 1, Long.MAX_VALUE, 2)).containsExactly("one", "three");
    assertThat(await(journal.highestSequenceNr("p"))).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void refusesANumberThatIsNotTheNext(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);

    assertThatThrownBy(() -> write(journal, "p", 3, 3))
        .isInstanceOf(WriteRefusedException.class)
        .hasMessageContaining("'p'")
        .hasMessageContaining("the next number is 4")
        .hasMessageContaining("Another writer");
    assertThatThrownBy(() -> write(journal, "p", 5, 5)).isInstanceOf(WriteRefusedException.class);
    assertThatThrownBy(() -> write(journal, "new", 2, 2)).isInstanceOf(WriteRefusedException.class);
    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 1, 3));
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofTwoWhoWriteTheSameNumberAtOnceOneIsRefused(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    List<CompletableFuture<List<Optional<Exception>>>> writes =
        IntStream.range(0, 20)
            .mapToObj(i -> journal.write(List.of(event("p", 1, "w" + i))))
            .toList();
    writes.forEach(
        w -> assertThat(w.handle((ok, e) -> 0)).succeedsWithin(java.time.Duration.ofSeconds(10)));

    assertThat(writes).filteredOn(w -> !w.isCompletedExceptionally()).hasSize(1);
    assertThat(replay(journal, "p")).containsExactly("w0");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void takesWritesOfManyIdsAtOnce(Flavour flavour) {
    int ids = 200;
    int each = 20;
    JournalStore journal = fixture.open(directory, flavour);
    List<CompletableFuture<?>> writes = new ArrayList<>();
    for (int n = 1; n <= each; n++) {
      for (int id = 0; id < ids; id++) {
        writes.add(journal.write(List.of(event("id-" + id, n, "id-" + id + "-" + n))));
      }
    }
    // Counts in what was asked for before, though it may not have been written yet.
    assertThat(await(journal.highestSequenceNr("id-7"))).isEqualTo(each);
    writes.forEach(JournalFixture::await);
    journal.close();

    JournalStore again = fixture.open(directory, flavour);
    for (int id = 0; id < ids; id++) {
      assertThat(replay(again, "id-" + id)).isEqualTo(payloads("id-" + id, 1, each));
    }
    assertThat(await(again.persistenceIds("id-"))).hasSize(ids);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void storesLargeEventsAndRejectsTooLargeOnes(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    String large = "x".repeat(9 << 20);
    await(journal.write(List.of(event("p", 1, large))));
    await(journal.write(List.of(event("p", 2, large + "y"))));
    var tooLarge = await(journal.write(List.of(event("p", 3, "x".repeat((16 << 20) + 1)))));
    assertThat(tooLarge.get(0)).get().asString().contains("max-event-bytes");
    journal.close();

    assertThat(replay(fixture.open(directory, flavour), "p")).containsExactly(large, large + "y");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void listsTheIdsWithAPrefixThatHaveEvents(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    for (String id : List.of("task|m1|a#1.1", "task|m1|b#1.1", "task|m10|c#1.1", "job|a", "tasl")) {
      write(journal, id, 1, 2);
    }
    await(journal.delete("task|m1|a#1.1", 2));
    await(journal.delete("task|m1|b#1.1", 1));

    assertThat(await(journal.persistenceIds("task|m1|"))).containsExactly("task|m1|b#1.1");
    assertThat(await(journal.persistenceIds("task|")))
        .containsExactly("task|m10|c#1.1", "task|m1|b#1.1");
    assertThat(await(journal.persistenceIds("")))
        .containsExactly("job|a", "task|m10|c#1.1", "task|m1|b#1.1", "tasl");
    assertThat(await(journal.persistenceIds("none"))).isEmpty();

    write(journal, "task|m1|a#1.1", 3, 3);
    assertThat(await(journal.persistenceIds("task|m1|")))
        .containsExactly("task|m1|a#1.1", "task|m1|b#1.1");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void hasWhatItAcknowledgedWhenTheProcessIsKilled(Flavour flavour, @TempDir Path elsewhere) {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 50; n++) {
      write(journal, "p", n, n);
    }
    await(journal.delete("p", 10));
    Path left = JournalFixture.copy(directory, elsewhere.resolve("left"));

    JournalStore recovered = fixture.open(left, flavour);
    assertThat(replay(recovered, "p")).isEqualTo(payloads("p", 11, 50));
    write(recovered, "p", 51, 51);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void readsWhatTheOtherLevelDbWrote(Flavour flavour) {
    Flavour other = flavour == Flavour.NATIVE ? Flavour.JAVA : Flavour.NATIVE;
    JournalStore journal = fixture.open(directory, flavour);
    // Enough for tables besides the log.
    for (int n = 1; n <= 12; n++) {
      await(journal.write(List.of(event("p", n, "x".repeat(1 << 20)))));
    }
    journal.close();

    JournalStore again = fixture.open(directory, other);
    assertThat(replay(again, "p")).hasSize(12);
    await(again.write(List.of(event("p", 13, "y"))));
    again.close();

    assertThat(replay(fixture.open(directory, flavour), "p")).hasSize(13);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void replaysARangeOnBothSidesOfADeletion(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 10);
    await(journal.delete("p", 4));

    assertThat(replay(journal, "p", 1, 4, Long.MAX_VALUE)).isEmpty();
    assertThat(replay(journal, "p", 1, 6, Long.MAX_VALUE)).isEqualTo(payloads("p", 5, 6));
    // What is deleted does not count for the most that is asked for.
    assertThat(replay(journal, "p", 1, Long.MAX_VALUE, 3)).isEqualTo(payloads("p", 5, 7));
    assertThat(replay(journal, "p", 9, 100, 100)).isEqualTo(payloads("p", 9, 10));
    assertThat(replay(journal, "p", 11, 100, 100)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void writesOnAfterADeletionBeyondTheHighestNumber(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 3);
    await(journal.delete("p", 100));
    write(journal, "p", 4, 5);

    assertThat(replay(journal, "p")).isEqualTo(payloads("p", 4, 5));
    assertThatThrownBy(() -> write(journal, "p", 3, 3)).isInstanceOf(WriteRefusedException.class);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aRefusedWriteFailsAndARejectedOneDoesNot(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "p", 1, 1);
    CompletableFuture<?> refused = journal.write(List.of(event("p", 1, "again")));
    CompletableFuture<List<Optional<Exception>>> rejected =
        journal.write(List.of(event("p", 2, new Object())));
    CompletableFuture<List<Optional<Exception>>> written =
        journal.write(List.of(event("p", 3, "three"), event("q", 1, "one")));

    assertThatThrownBy(() -> await(refused)).isInstanceOf(WriteRefusedException.class);
    assertThat(await(rejected)).singleElement().satisfies(why -> assertThat(why).isPresent());
    assertThat(await(written)).containsExactly(Optional.empty(), Optional.empty());
    assertThat(replay(journal, "p")).containsExactly("p-1", "three");
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void writesAndReplaysOneLargeBatch(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    int many = 20_000;
    assertThat(await(journal.write(List.of(events("p", 1, payloads("p", 1, many).toArray())))))
        .containsExactly(Optional.empty());
    journal.close();

    JournalStore again = fixture.open(directory, flavour);
    assertThat(await(again.highestSequenceNr("p"))).isEqualTo(many);
    assertThat(replay(again, "p")).isEqualTo(payloads("p", 1, many));
  }
}
