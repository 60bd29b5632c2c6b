package io.holdfast.persistence;

import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Brings a journal into a data directory that has none. It is made beside its place under another
 * name, and renamed when it is complete; what an import that was interrupted has left is deleted by
 * the next one. Holds the heads of the ids that have events.
 */
public final class LevelDbImport implements ImportTarget {
  private static final String UNDER_WAY = "journal.importing";
  private static final String PASSED_OVER = "no event was stored under this number";
  private static final long MIN_FREE_SPACE = 64L << 20;
  private static final int BATCH_BYTES = 1 << 20;

  private final Path journal;
  private final Path fresh;
  private final LevelDbStore store;
  private final Map<String, Head> heads = new HashMap<>();
  private final Map<String, Long> tagEnds = new HashMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private final Map<String, Long> highest = new HashMap<>();
  private final List<CommitQueue.Event> waiting = new ArrayList<>();
  private final Map<String, Head> dead = new HashMap<>();
  private long bytes;
  private CommitMarks marks;
  private boolean committed;

  private LevelDbImport(Path journal, Path fresh, LevelDbStore store) {
    this.journal = journal;
    this.fresh = fresh;
    this.store = store;
    this.marks = store.marks();
  }

  /**
   * Begins.
   *
   * @param data the data directory; made when it is not there
   * @throws JournalUnavailableException when it has a journal, or cannot be written
   */
  public static LevelDbImport into(Path data) {
    Path journal = data.resolve("journal");
    Path fresh = data.resolve(UNDER_WAY);
    try {
      if (Files.exists(journal) && !isEmpty(journal)) {
        throw new JournalUnavailableException(
            "%s is not empty: import into a data directory that has no journal".formatted(journal));
      }
      Files.createDirectories(data);
      JournalRepair.delete(fresh);
      return new LevelDbImport(
          journal, fresh, LevelDbStore.open(fresh, LevelDbOpener.choose(true), MIN_FREE_SPACE));
    } catch (IOException e) {
      throw failed(journal, e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  private static JournalUnavailableException failed(Path journal, IOException e) {
    return new JournalUnavailableException(
        "%s could not be made: %s. Nothing was imported; begin again.".formatted(journal, e), e);
  }

  @Override
  public void id(StoredId id) {
    JournalKeys.requireValid(id.persistenceId());
    Head head = new Head(id.deletedTo(), id.deletedTo(), id.anchorHash(), id.anchorHash(), 0, 0);
    if (id.hasEvents()) {
      heads.put(id.persistenceId(), head);
      newest.put(id.persistenceId(), id.deletedTo());
      highest.put(id.persistenceId(), id.highest());
    } else if (id.highest() > 0) {
      dead.put(id.persistenceId(), head);
      flushIfFull(100 + id.persistenceId().length());
    }
  }

  @Override
  public void setAside(String id, long readableTo) {
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(readableTo).array();
    store.write(batch -> batch.put(JournalKeys.head(JournalKeys.SET_ASIDE, id), value));
  }

  @Override
  public void event(StoredEvent event) {
    try {
      if (!event.isCut()) {
        fill(event.persistenceId(), event.sequenceNr() - 1, event.timestamp());
      }
      Set<String> tags = Set.copyOf(event.tags());
      byte[] body =
          EventCodec.write(
              new EventCodec.Body(
                  event.timestamp(),
                  event.writer(),
                  event.adapterManifest(),
                  event.serializerId(),
                  event.manifest(),
                  tags,
                  event.payload()));
      add(
          new CommitQueue.Event(
              event.persistenceId(),
              event.sequenceNr(),
              body,
              EventTags.all(event.persistenceId(), tags),
              event.isCut()));
    } catch (IOException e) {
      throw failed(journal, e);
    }
  }

  /** Numbers without an event are those of events that could not be serialized. */
  private void fill(String id, long to, long timestamp) {
    for (long number = newest.get(id) + 1; number <= to; number++) {
      byte[] body = EventCodec.rejected(timestamp, "", PASSED_OVER);
      add(new CommitQueue.Event(id, number, body, Set.of()));
    }
  }

  private void add(CommitQueue.Event event) {
    waiting.add(event);
    newest.put(event.id(), event.sequenceNr());
    flushIfFull(event.body().length + 100);
  }

  private void flushIfFull(long added) {
    bytes += added;
    if (bytes > BATCH_BYTES) {
      flush();
    }
  }

  /** The way of every commit of this journal, see {@link GroupCommitter}. */
  private void flush() {
    if (waiting.isEmpty() && dead.isEmpty()) {
      return;
    }
    CommitBatch made =
        store
            .commit(
                batch -> {
                  store.freeSpace().takeForEvents(bytes);
                  CommitBatch commit =
                      new CommitBatch(
                          store.directory(),
                          batch,
                          id -> heads.getOrDefault(id, Head.NONE),
                          tag -> tagEnds.getOrDefault(tag, 0L),
                          store::read,
                          marks);
                  dead.forEach(commit::adopt);
                  commit.write(waiting);
                  return commit.seal() ? Optional.of(commit) : Optional.empty();
                })
            .orElseThrow();
    marks = made.marks();
    heads.putAll(made.heads());
    tagEnds.putAll(made.tagEnds());
    dead.keySet().forEach(heads::remove);
    waiting.clear();
    dead.clear();
    bytes = 0;
  }

  @Override
  public void commit() {
    flush();
    List.copyOf(heads.entrySet())
        .forEach(entry -> fill(entry.getKey(), highest.get(entry.getKey()), 0));
    flush();
    store.close();
    try {
      Files.deleteIfExists(journal);
      Files.move(fresh, journal, StandardCopyOption.ATOMIC_MOVE);
      JournalRepair.sync(journal.getParent());
      committed = true;
    } catch (IOException e) {
      throw failed(journal, e);
    }
  }

  @Override
  public void close() {
    if (committed) {
      return;
    }
    store.close();
    try {
      JournalRepair.delete(fresh);
    } catch (IOException e) {
      throw failed(journal, e);
    }
  }
}
