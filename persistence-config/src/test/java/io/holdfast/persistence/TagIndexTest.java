package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.events;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.tagged;
import static io.holdfast.persistence.JournalFixture.taggedAfter;
import static io.holdfast.persistence.JournalFixture.tamper;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.persistence.journal.Tagged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.iq80.leveldb.DB;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import scala.jdk.javaapi.CollectionConverters;

/** The index of tags is what the events say, or it is noticed. */
class TagIndexTest {
  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Events of two ids in turn; that with the number n of job|a is at position 2n - 1. */
  private void fill(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    for (int n = 1; n <= 5; n++) {
      write(journal, "job|a", n, n);
      write(journal, "job|b", n, n);
    }
    journal.close();
  }

  private JournalStore tampered(Flavour flavour, Path copy, byte[] key) {
    JournalFixture.copy(directory, copy);
    tamper(copy, flavour, key, null);
    return fixture.open(copy, flavour);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void noticesAMissingEntryWhereverItIs(Flavour flavour, @TempDir Path elsewhere) {
    fill(flavour);
    for (long missing : List.of(1L, 4L, 10L)) {
      Path copy = elsewhere.resolve("without-" + missing);
      JournalStore journal = tampered(flavour, copy, JournalKeys.index("job", missing));
      assertThatThrownBy(() -> tagged(journal, "job"))
          .isInstanceOf(JournalDamagedException.class)
          .hasMessageContaining(copy.toString())
          .hasMessageContaining("tag 'job', position " + missing)
          .hasMessageContaining("missing");
      assertThatThrownBy(() -> taggedAfter(journal, "job", missing - 1))
          .isInstanceOf(JournalDamagedException.class);
      if (missing < 10) {
        assertThat(taggedAfter(journal, "job", missing)).hasSize((int) (10 - missing));
      }
      journal.close();
      assertThat(JournalCheck.of(copy).damages())
          .singleElement()
          .asString()
          .contains("the index of tag 'job'");
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void noticesAnEntryOrAnEventThatIsNotTheOneThatWasWritten(
      Flavour flavour, @TempDir Path elsewhere) {
    fill(flavour);
    byte[] entry = JournalKeys.index("job", 7);
    Path altered = JournalFixture.copy(directory, elsewhere.resolve("altered"));
    tamper(altered, flavour, entry, value -> value[20] ^= 1);
    assertDamaged(altered, flavour, "position 7", "checksum of the entry of the index");

    // An older state of the list, intact: as if the event before it had been deleted.
    Path older = JournalFixture.copy(directory, elsewhere.resolve("older"));
    replace(older, flavour, entry, value -> IndexEntry.decode("job", 7, value).behind(5).encode());
    assertDamaged(older, flavour, "position 6", "does not follow");

    Path other = JournalFixture.copy(directory, elsewhere.resolve("other"));
    byte[] foreign =
        StoredRecord.encode("job|a", 4, 0, 7, "of another life".getBytes(StandardCharsets.UTF_8));
    replace(other, flavour, JournalKeys.event("job|a", 4), value -> foreign);
    assertDamaged(
        other,
        flavour,
        "position 7 (persistence id 'job|a', sequence number 4)",
        "it is not the event that was written there");

    Path flipped = JournalFixture.copy(directory, elsewhere.resolve("flipped"));
    tamper(flipped, flavour, JournalKeys.event("job|a", 4), value -> value[30] ^= 1);
    assertDamaged(flipped, flavour, "position 7", "the checksum does not match");

    Path gone = JournalFixture.copy(directory, elsewhere.resolve("gone"));
    tamper(gone, flavour, JournalKeys.event("job|b", 5), null);
    assertDamaged(gone, flavour, "position 10", "the event is missing");

    Path endless = JournalFixture.copy(directory, elsewhere.resolve("endless"));
    tamper(endless, flavour, JournalKeys.tag("job"), null);
    assertThatThrownBy(() -> fixture.open(endless, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("events of 0 tags, and held those of 1");
  }

  private void assertDamaged(Path copy, Flavour flavour, String... words) {
    JournalStore journal = fixture.open(copy, flavour);
    assertThatThrownBy(() -> tagged(journal, "job"))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContainingAll("tag 'job'")
        .hasMessageContainingAll(words);
    journal.close();
    assertThat(JournalCheck.of(copy).isSound()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void deletedEventsLeaveNothingAndTheirPositionsAreNotGivenAgain(Flavour flavour)
      throws IOException {
    fill(flavour);
    JournalStore journal = fixture.open(directory, flavour);
    await(journal.delete("job|a", 5));
    assertThat(tagged(journal, "job")).hasSize(5).startsWith("2 job|b 1 job|b-1");
    await(journal.delete("job|b", 5));
    assertThat(tagged(journal, "job")).isEmpty();
    journal.close();
    assertThat(indexKeys(flavour)).isZero();

    JournalStore again = fixture.open(directory, flavour);
    assertThat(tagged(again, "job")).isEmpty();
    write(again, "job|b", 6, 6);
    assertThat(tagged(again, "job")).containsExactly("11 job|b 6 job|b-6");
    assertThat(taggedAfter(again, "job", 9)).containsExactly("11 job|b 6 job|b-6");
  }

  private int indexKeys(Flavour flavour) throws IOException {
    int count = 0;
    try (DB db = flavour.opener().open(directory.toFile());
        var iterator = db.iterator()) {
      for (iterator.seekToFirst(); iterator.hasNext(); ) {
        byte kind = iterator.next().getKey()[0];
        count += kind == JournalKeys.INDEX || kind == JournalKeys.TAG ? 1 : 0;
      }
    }
    return count;
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aDeletionThatFindsDamageIsRefusedAlone(Flavour flavour) {
    fill(flavour);
    tamper(directory, flavour, JournalKeys.index("job", 5), null);
    JournalStore journal = fixture.open(directory, flavour);
    CompletableFuture<Void> deleted = journal.delete("job|a", 4);
    CompletableFuture<?> written = journal.write(List.of(event("job|b", 6, "job|b-6")));
    assertThatThrownBy(() -> await(deleted))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("tag 'job', position 5 (persistence id 'job|a', sequence number 3)");
    await(written);
    assertThat(JournalFixture.replay(journal, "job|a")).isEqualTo(payloads("job|a", 1, 5));
    assertThat(taggedAfter(journal, "job", 5)).hasSize(6);
  }

  /** Writes and deletions at random, many in one commit, against a list in memory. */
  @ParameterizedTest
  @EnumSource(Flavour.class)
  void isWhatTheEventsSayWhateverWasWrittenAndDeletedInWhicheverOrder(Flavour flavour) {
    Random random = new Random(20);
    List<String> ids = List.of("job|a", "job|b", "agent|x", "catalog");
    Map<String, Long> highest = new TreeMap<>();
    Map<String, Long> deleted = new TreeMap<>();
    // Of each tag the events in the order of their writing, as "id number".
    Map<String, List<String>> model = new TreeMap<>();
    for (int life = 0; life < 3; life++) {
      JournalStore journal = fixture.open(directory, flavour);
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int step = 0; step < 150; step++) {
        String id = ids.get(random.nextInt(ids.size()));
        long last = highest.getOrDefault(id, 0L);
        if (random.nextInt(3) == 0) {
          long to = Math.max(deleted.getOrDefault(id, 0L), last - random.nextInt(6));
          deleted.put(id, to);
          all.add(journal.delete(id, to));
        } else {
          int count = 1 + random.nextInt(3);
          boolean isRed = random.nextBoolean();
          Object[] some = IntStream.range(0, count).mapToObj(i -> isRed ? red(id) : id).toArray();
          all.add(journal.write(List.of(events(id, last + 1, some))));
          for (long n = last + 1; n <= last + count; n++) {
            add(model, EventTags.kind(id), id + " " + n);
            if (isRed) {
              add(model, "red", id + " " + n);
            }
          }
          highest.put(id, last + count);
        }
        if (random.nextInt(20) == 0) {
          all.forEach(JournalFixture::await);
        }
      }
      all.forEach(JournalFixture::await);
      model.values().forEach(some -> some.removeIf(each -> isDeleted(each, deleted)));
      model.forEach((tag, expected) -> assertThat(found(journal, tag)).isEqualTo(expected));
      journal.close();
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
    }
  }

  private static Object red(String payload) {
    return new Tagged(payload, CollectionConverters.asScala(Set.of("red")).toSet());
  }

  private static void add(Map<String, List<String>> model, String tag, String event) {
    model.computeIfAbsent(tag, unused -> new ArrayList<>()).add(event);
  }

  private static boolean isDeleted(String event, Map<String, Long> deleted) {
    String[] parts = event.split(" ");
    return Long.parseLong(parts[1]) <= deleted.getOrDefault(parts[0], 0L);
  }

  private static List<String> found(JournalStore journal, String tag) {
    return tagged(journal, tag).stream()
        .map(text -> text.split(" "))
        .map(parts -> parts[1] + " " + parts[2])
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void tagsThatNoStoreCanTakeAreRejected(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    List<Set<String>> wrong =
        List.of(
            Set.of(""),
            Set.of("a\0b"),
            Set.of("x".repeat(1001)),
            Set.copyOf(IntStream.rangeClosed(0, EventTags.MOST).mapToObj(i -> "t" + i).toList()));
    long n = 0;
    for (Set<String> tags : wrong) {
      Tagged event = new Tagged("x", CollectionConverters.asScala(tags).toSet());
      assertThat(await(journal.write(List.of(event("p", ++n, event)))).get(0))
          .get()
          .asString()
          .contains(tags.size() > 1 ? "has 101 tags" : "A tag has 1 to 1000 bytes");
    }
    assertThat(tagged(journal, "p")).isEmpty();
  }

  private static void replace(
      Path copy, Flavour flavour, byte[] key, java.util.function.UnaryOperator<byte[]> change) {
    try (DB db = flavour.opener().open(copy.toFile())) {
      db.put(key, change.apply(db.get(key)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
