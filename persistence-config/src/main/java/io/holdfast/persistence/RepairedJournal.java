package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;

/**
 * Writes a damaged journal anew, record by record: persistence ids that are whole as they are, of
 * the others what can be read from their beginning, and behind it a {@link JournalCut}.
 */
final class RepairedJournal {
  private static final int BATCH_BYTES = 1 << 20;

  /** So many positions may have been given by commits that are missing. */
  private static final long POSITIONS_LEFT_OUT = 1L << 32;

  private final DB db;
  private final JournalSurvey survey;
  private final Map<String, JournalRepair.Cut> cuts = new TreeMap<>();
  private final Instant at;

  /** Of its own for each repair: Akka refuses the events of a writer that others came after. */
  private final String writer = "repair-" + UUID.randomUUID();

  private WriteBatch batch;
  private long bytes;

  /** The highest that is given to a cut. */
  private long cutPosition;

  private RepairedJournal(DB db, JournalSurvey survey, List<JournalRepair.Cut> cuts, Instant at) {
    this.db = db;
    this.survey = survey;
    this.at = at;
    this.batch = db.createWriteBatch();
    this.cutPosition = survey.highestPosition() + 2 * POSITIONS_LEFT_OUT;
    cuts.forEach(cut -> this.cuts.put(cut.persistenceId(), cut));
  }

  /** Makes the new journal in a directory of its own, and closes it. */
  static void write(JournalSurvey survey, Path fresh, List<JournalRepair.Cut> cuts, Instant at)
      throws IOException {
    UUID identity = UUID.randomUUID();
    JournalLock.acquire(fresh).close();
    try (DB db = LevelDbOpener.choose(true).open(fresh.toFile())) {
      new RepairedJournal(db, survey, cuts, at).write(fresh, identity);
    }
    HighWater.open(fresh, identity, 1).close();
  }

  private void write(Path fresh, UUID identity) throws IOException {
    survey.files().files().forEach(kind -> kind == JournalKeys.EVENT, this::event);
    long live = 0;
    for (Map.Entry<String, SurveyedId> id : survey.ids().entrySet()) {
      if (id.getValue().isWhole()) {
        live += head(id.getKey(), id.getValue().head());
      }
    }
    for (JournalRepair.Cut cut : cuts.values()) {
      live += head(cut.persistenceId(), cut(cut));
    }
    flush();
    // Events that carry no position get theirs first, if none is known: the cuts come after them.
    IndexBuild.of(fresh, db, survey.highestPosition() + POSITIONS_LEFT_OUT, () -> {})
        .finish(batch, new CommitMarks(1, live, 0, 0));
    LevelDbStore.sign(batch, identity);
    flush();
  }

  private void event(Entry entry) {
    Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.key());
    SurveyedId found = key.map(event -> survey.ids().get(event.name())).orElse(null);
    if (found == null) {
      return;
    }
    long number = key.get().number();
    if (number <= found.deletedTo()
        || (!found.isWhole() && number > found.readableTo())
        || !Arrays.equals(entry.key(), JournalKeys.event(key.get().name(), number))) {
      return;
    }
    put(entry.key(), entry.value());
  }

  /** One for an id with events, to be counted. */
  private int head(String id, Head head) {
    Heads.put(batch, id, Head.NONE, head);
    flushIfFull(id.length() + 100);
    return head.hasEvents() ? 1 : 0;
  }

  /** Puts the cut where events are missing. */
  private Head cut(JournalRepair.Cut cut) throws IOException {
    if (cut.over()) {
      return new Head(cut.number(), cut.number(), 0, 0, 0, 0);
    }
    String id = cut.persistenceId();
    SurveyedId found = survey.ids().getOrDefault(id, new SurveyedId());
    JournalCut event =
        new JournalCut(cut.number(), cut.readableTo(), cut.highest(), cut.what(), at);
    byte[] body =
        EventCodec.write(
            new EventCodec.Body(
                at.toEpochMilli(),
                writer,
                "",
                JournalSerializer.IDENTIFIER,
                JournalCut.MANIFEST,
                Set.of(),
                JournalJson.mapper().writeValueAsBytes(event)));
    byte[] record =
        StoredRecord.encodeCut(
            id, cut.number(), found.readableTo(), found.readableHash(), ++cutPosition, body);
    put(JournalKeys.event(id, cut.number()), record);
    Head head = found.head() == null ? Head.NONE : found.head();
    return head.cut(found.readableTo()).written(cut.number(), StoredRecord.hash(id, record));
  }

  private void put(byte[] key, byte[] value) {
    batch.put(key, value);
    flushIfFull(key.length + value.length);
  }

  private void flushIfFull(long added) {
    bytes += added;
    if (bytes > BATCH_BYTES) {
      flush();
    }
  }

  private void flush() {
    db.write(batch, new WriteOptions().sync(true));
    try {
      batch.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    batch = db.createWriteBatch();
    bytes = 0;
  }
}
