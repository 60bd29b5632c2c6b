package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.copy;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static scala.jdk.javaapi.CollectionConverters.asScala;

import akka.persistence.journal.Tagged;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P5: a journal is read from outside, nothing in it is changed, and what is damaged is named. */
class LevelDbAuditSourceTest {
  @TempDir private Path data;
  private final JournalFixture fixture = new JournalFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** All that a source hands over. */
  private static final class Told implements AuditSource.Visitor {
    private final List<StoredId> ids = new ArrayList<>();
    private final List<StoredEvent> events = new ArrayList<>();
    private final List<ChainFault> faults = new ArrayList<>();

    @Override
    public void begin(StoredId id) {
      ids.add(id);
    }

    @Override
    public void event(StoredEvent event) {
      events.add(event);
    }

    @Override
    public void fault(ChainFault fault) {
      faults.add(fault);
    }

    private List<String> numbers() {
      return events.stream().map(e -> e.persistenceId() + " " + e.sequenceNr()).toList();
    }
  }

  private Path journal() {
    return data.resolve("journal");
  }

  private Told read() {
    try (LevelDbAuditSource source = LevelDbAuditSource.open(data)) {
      Told told = new Told();
      source.read(id -> true, told);
      return told;
    }
  }

  private void fill() {
    JournalStore journal = fixture.open(journal(), Flavour.NATIVE);
    write(journal, "b", 1, 4);
    write(journal, "ab", 1, 2);
    await(
        journal.write(
            List.of(event("a", 1, new Tagged("tagged", asScala(Set.of("t2", "t1")).toSet())))));
    await(journal.write(List.of(event("a", 2, new Object()))));
    write(journal, "a", 3, 3);
    write(journal, "gone", 1, 3);
    await(journal.delete("gone", 3));
    await(journal.delete("b", 1));
    journal.close();
  }

  @Test
  void p5AllIsHandedOverInTheOrderOfIdsAndNumbersAndNothingIsChanged() throws IOException {
    fill();
    TreeMap<String, byte[]> before = files();
    try (LevelDbAuditSource source = LevelDbAuditSource.open(data)) {
      assertThat(source.events()).isEqualTo(8);
      assertThat(source.firstId("go")).contains("gone");
      assertThat(source.firstId("x")).isEmpty();
      assertThat(source.owner()).isEmpty();
      assertThat(source.setAside()).isEmpty();
      Told told = new Told();
      source.read(id -> true, told);
      assertThat(told.faults).isEmpty();
      assertThat(told.numbers())
          .as("event 2 of a was rejected when it was written")
          .containsExactly("a 1", "a 3", "ab 1", "ab 2", "b 2", "b 3", "b 4");
      assertThat(told.ids)
          .extracting(StoredId::persistenceId, StoredId::highest, StoredId::deletedTo)
          .containsExactly(
              tuple("a", 3L, 0L), tuple("ab", 2L, 0L), tuple("b", 4L, 1L), tuple("gone", 3L, 3L));
      assertThat(told.events.get(0).tags()).containsExactly("t1", "t2");
      assertThat(told.events.get(0).writer()).isEqualTo("writer-1");
      assertThat(new String(told.events.get(1).payload(), StandardCharsets.UTF_8)).contains("a-3");
      Told some = new Told();
      source.read("ab"::equals, some);
      assertThat(some.numbers()).containsExactly("ab 1", "ab 2");
    }
    TreeMap<String, byte[]> after = files();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    after.forEach((file, bytes) -> assertThat(bytes).as(file).isEqualTo(before.get(file)));
  }

  private TreeMap<String, byte[]> files() throws IOException {
    TreeMap<String, byte[]> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(journal())) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  @Test
  void aJournalThatSomebodyWritesIsRefusedAndACopyOfItIsNot() throws IOException {
    JournalStore open = fixture.open(journal(), Flavour.NATIVE);
    write(open, "a", 1, 2);
    assertThatThrownBy(() -> LevelDbAuditSource.open(data))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("in use");
    Path copy = copy(journal(), data.resolve("copy"));
    try (LevelDbAuditSource source = LevelDbAuditSource.open(copy)) {
      Told told = new Told();
      source.read(id -> true, told);
      assertThat(told.numbers()).containsExactly("a 1", "a 2");
      assertThat(told.faults).isEmpty();
    }
    assertThatThrownBy(() -> LevelDbAuditSource.open(data.resolve("nowhere")))
        .hasMessageContaining("There is no journal in");
    Files.move(copy, data.resolve("other.repaired"));
    assertThatThrownBy(() -> LevelDbAuditSource.open(data.resolve("other")))
        .hasMessageContaining("journal check");
  }

  @Test
  void saysWhoseDirectoryItIsIn() throws IOException {
    fill();
    new DirectoryIdentity("agent", "agent-1", "j-1").write(data);
    try (LevelDbAuditSource source = LevelDbAuditSource.open(journal())) {
      assertThat(source.owner()).contains(new DirectoryIdentity("agent", "agent-1", "j-1"));
    }
  }

  private Told damaged(String id, long number, Consumer<byte[]> change) {
    fill();
    JournalFixture.tamper(journal(), Flavour.NATIVE, JournalKeys.event(id, number), change);
    return read();
  }

  private static void assertNamed(Told told, String id, long number, String what) {
    assertThat(told.faults)
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.persistenceId()).isEqualTo(id);
              assertThat(fault.sequenceNr()).isEqualTo(number);
              assertThat(fault.what()).contains(what);
            });
  }

  @Test
  void aDeletedEventIsNamedAndTheOthersAreReadAllTheSame() {
    Told told = damaged("b", 3, null);
    assertNamed(told, "b", 3, "it is missing");
    assertThat(told.numbers()).contains("b 2", "b 4", "ab 1");
  }

  @Test
  void anAlteredEventIsNamed() {
    assertNamed(damaged("b", 3, bytes -> bytes[30] ^= 1), "b", 3, "checksum");
  }

  @Test
  void theEndOfAnIdIsMissed() {
    assertNamed(damaged("b", 4, null), "b", 4, "it is missing");
  }

  @Test
  void anEventThatWasReplacedByOneWithARightChecksumIsNamed() {
    byte[] forged = StoredRecord.encode("b", 3, 0, 3, EventCodec.rejected(1, "w", "x"));
    fill();
    put(JournalKeys.event("b", 3), forged);
    assertNamed(read(), "b", 3, "it does not follow the event before it");
  }

  @Test
  void swappedEventsAreNamed() {
    fill();
    byte[][] both = new byte[2][];
    JournalFixture.tamper(
        journal(), Flavour.NATIVE, JournalKeys.event("b", 3), bytes -> both[0] = bytes.clone());
    JournalFixture.tamper(
        journal(), Flavour.NATIVE, JournalKeys.event("b", 4), bytes -> both[1] = bytes.clone());
    put(JournalKeys.event("b", 3), both[1]);
    put(JournalKeys.event("b", 4), both[0]);
    assertNamed(read(), "b", 3, "");
  }

  @Test
  void whatAKilledProcessHadNotGivenToLevelDbIsRead() throws IOException {
    JournalStore open = fixture.open(journal(), Flavour.NATIVE);
    write(open, "a", 1, 2);
    write(open, "a", 3, 3);
    Path killed = copy(journal(), data.resolve("killed"));
    try (LevelDbAuditSource source = LevelDbAuditSource.open(killed)) {
      Told told = new Told();
      source.read(id -> true, told);
      assertThat(told.faults).isEmpty();
      assertThat(told.events).hasSize(3);
    }
    assertThat(JournalCheck.of(killed).isSound()).isTrue();
  }

  @Test
  void theEndOfTheJournalIsMissed() throws IOException {
    JournalStore open = fixture.open(journal(), Flavour.NATIVE);
    write(open, "a", 1, 2);
    Path earlier = copy(journal(), data.resolve("earlier"));
    JournalFixture.await(open.write(List.of(JournalFixture.large("a", 3))));
    open.close();
    Files.copy(
        journal().resolve(HighWater.FILE),
        earlier.resolve(HighWater.FILE),
        StandardCopyOption.REPLACE_EXISTING);
    try (LevelDbAuditSource source = LevelDbAuditSource.open(earlier)) {
      Told told = new Told();
      source.read(id -> true, told);
      assertThat(told.faults)
          .anySatisfy(
              fault -> {
                assertThat(fault.persistenceId()).isEqualTo("a");
                assertThat(fault.sequenceNr()).isEqualTo(3);
              })
          .anySatisfy(fault -> assertThat(fault.what()).contains("the end is missing"));
    }
  }

  @Test
  void keysOfOtherKindsArePassedOverAndAJumpIsAllowedToACutAlone() throws IOException {
    fill();
    put("t|some-tag".getBytes(StandardCharsets.UTF_8), new byte[] {1});
    assertThat(read().faults).isEmpty();

    appendAt("b", 1_000, false);
    assertNamed(read(), "b", 5, "it is missing");
    appendAt("b", 1_000, true);
    Told told = read();
    assertThat(told.faults).isEmpty();
    assertThat(told.numbers()).contains("b 4", "b 1000");
  }

  /** One more event behind a jump of the numbers, with a head that says so. */
  private void appendAt(String id, long number, boolean isCut) throws IOException {
    try (DB db = Flavour.NATIVE.opener().open(journal().toFile())) {
      byte[] live = JournalKeys.head(JournalKeys.LIVE, id);
      Head head = Head.decode(id, db.get(live)).orElseThrow();
      long last = StoredRecord.hash(id, db.get(JournalKeys.event(id, 4)));
      byte[] body =
          EventCodec.write(
              new EventCodec.Body(
                  1, "w", "", 1, JournalCut.MANIFEST, Set.of(), new byte[] {'{', '}'}));
      byte[] record =
          isCut
              ? StoredRecord.encodeCut(id, number, 4, last, 0, body)
              : StoredRecord.encode(id, number, last, 0, body);
      Head moved = head.written(number, StoredRecord.hash(id, record));
      db.put(JournalKeys.event(id, number), record, new WriteOptions().sync(true));
      db.put(live, moved.encode(id), new WriteOptions().sync(true));
    }
  }

  private void put(byte[] key, byte[] value) {
    try (DB db = Flavour.NATIVE.opener().open(journal().toFile())) {
      db.put(key, Arrays.copyOf(value, value.length), new WriteOptions().sync(true));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
