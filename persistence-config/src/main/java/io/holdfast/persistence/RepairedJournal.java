package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;

/** Writes the whole persistence ids of a damaged journal into a new one, record by record. */
final class RepairedJournal {
  private static final int BATCH_BYTES = 1 << 20;
  private static final long POSITIONS_LEFT_OUT = 1L << 32;

  private final DB db;
  private WriteBatch batch;
  private long bytes;

  private RepairedJournal(DB db) {
    this.db = db;
    this.batch = db.createWriteBatch();
  }

  /** Makes the new journal in a directory of its own, and closes it. */
  static void write(JournalSurvey survey, Path fresh, List<JournalRepair.SetAside> setAside)
      throws IOException {
    UUID identity = UUID.randomUUID();
    JournalLock.acquire(fresh).close();
    try (DB db = LevelDbOpener.choose(true).open(fresh.toFile())) {
      RepairedJournal to = new RepairedJournal(db);
      survey
          .files()
          .files()
          .forEach(kind -> kind == JournalKeys.EVENT, entry -> to.event(survey, entry));
      long live = 0;
      for (Map.Entry<String, SurveyedId> id : survey.ids().entrySet()) {
        if (id.getValue().isWhole()) {
          Head head = id.getValue().head();
          live += head.hasEvents() ? 1 : 0;
          Heads.put(to.batch, id.getKey(), Head.NONE, head);
          to.flushIfFull(id.getKey().length() + 100);
        }
      }
      survey.setAside().forEach((id, value) -> to.batch.put(key(id), value));
      JournalRepair.readable(setAside)
          .forEach((id, number) -> to.batch.put(key(id), value(number)));
      to.flush();
      // Beyond whatever was given by commits that are missing.
      long positions = survey.highestPosition() + POSITIONS_LEFT_OUT;
      IndexBuild.of(fresh, db, positions, () -> {})
          .finish(to.batch, new CommitMarks(1, live, positions, 0));
      LevelDbStore.sign(to.batch, identity);
      to.flush();
    }
    HighWater.open(fresh, identity, 1).close();
  }

  private static byte[] key(String id) {
    return JournalKeys.head(JournalKeys.SET_ASIDE, id);
  }

  private static byte[] value(long readableTo) {
    return ByteBuffer.allocate(Long.BYTES).putLong(readableTo).array();
  }

  private void event(JournalSurvey survey, Entry entry) {
    Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.key());
    SurveyedId found = key.map(event -> survey.ids().get(event.name())).orElse(null);
    if (found == null || !found.isWhole()) {
      return;
    }
    long number = key.get().number();
    if (number <= found.head().deletedTo()
        || !Arrays.equals(entry.key(), JournalKeys.event(key.get().name(), number))) {
      return;
    }
    batch.put(entry.key(), entry.value());
    flushIfFull(entry.key().length + entry.value().length);
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
      throw new java.io.UncheckedIOException(e);
    }
    batch = db.createWriteBatch();
    bytes = 0;
  }
}
