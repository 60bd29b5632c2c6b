package io.holdfast.persistence;

import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import io.holdfast.persistence.leveldb.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The journal in a data directory, or in a copy of one, read without LevelDB: opening would change
 * it. Keys of kinds that are not known here are passed over. Holds the log in memory, and one block
 * of each table.
 */
public final class LevelDbAuditSource implements AuditSource {
  private final Path given;
  private final JournalLock lock;
  private final JournalFiles files;
  private final Optional<DirectoryIdentity> owner;
  private final Map<String, Long> setAside = new TreeMap<>();
  private final long events;
  private final long liveIds;

  private LevelDbAuditSource(Path given, JournalLock lock) throws IOException {
    this.given = given;
    this.lock = lock;
    this.files = JournalFiles.read(lock.directory());
    this.owner = DirectoryIdentity.read(lock.directory().getParent());
    long[] counts = {0, 0};
    files
        .files()
        .forEach(
            kind -> kind == JournalKeys.LIVE || kind == JournalKeys.SET_ASIDE,
            entry -> count(entry, counts));
    liveIds = counts[0];
    events = counts[1];
  }

  private void count(Entry entry, long[] counts) {
    String id = JournalKeys.id(entry.key());
    if (entry.key()[0] == JournalKeys.SET_ASIDE) {
      setAside.put(id, ByteBuffer.wrap(entry.value()).getLong());
    } else {
      counts[0]++;
      counts[1] += Head.decode(id, entry.value()).map(h -> h.highest() - h.deletedTo()).orElse(0L);
    }
  }

  /**
   * Opens the journal of a master or an agent that is stopped.
   *
   * @param directory the data directory, or the folder {@code journal} in it
   * @throws JournalUnavailableException when there is none, or somebody writes to it
   */
  public static LevelDbAuditSource open(Path directory) {
    JournalLock lock = JournalLock.forReading(locate(directory.toAbsolutePath().normalize()));
    try {
      return new LevelDbAuditSource(directory, lock);
    } catch (IOException e) {
      lock.close();
      throw new JournalUnavailableException(
          "The data directory of %s cannot be read: %s.".formatted(directory, e), e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static Path locate(Path directory) {
    for (Path candidate : new Path[] {directory.resolve("journal"), directory}) {
      if (JournalCheck.isJournal(candidate)) {
        return candidate;
      }
      if (JournalRepair.isInterrupted(candidate)) {
        throw new JournalUnavailableException(
            "A repair of the journal in %s was interrupted: 'holdfast journal check' finishes it."
                .formatted(directory));
      }
    }
    throw JournalCheck.none(directory);
  }

  @Override
  public String name() {
    return given.toString();
  }

  @Override
  public Optional<DirectoryIdentity> owner() {
    return owner;
  }

  @Override
  public long events() {
    return events;
  }

  @Override
  public Optional<String> firstId(String prefix) {
    Iterator<Entry> heads = files.files().iterator(LevelDbAuditSource::isHead);
    while (heads.hasNext()) {
      String id = JournalKeys.id(heads.next().key());
      if (id.startsWith(prefix)) {
        return Optional.of(id);
      }
    }
    return Optional.empty();
  }

  @Override
  public Map<String, Long> setAside() {
    return setAside;
  }

  private static boolean isHead(byte kind) {
    return kind == JournalKeys.LIVE || kind == JournalKeys.DEAD;
  }

  @Override
  public void read(Predicate<String> wanted, Visitor visitor) {
    try {
      new Reading(wanted, visitor).read();
    } catch (UncheckedIOException e) {
      throw new JournalUnavailableException(
          "The journal in %s cannot be read: %s.".formatted(given, e.getCause()), e);
    }
    files.faults().forEach(fault -> visitor.fault(new ChainFault("", 0, fault)));
    long gone = files.newestMark().idsWithEvents() - liveIds;
    if (files.faults().isEmpty() && gone != 0) {
      String what = "it holds events of %d persistence ids, and held those of %d";
      visitor.fault(
          new ChainFault("", 0, what.formatted(liveIds, files.newestMark().idsWithEvents())));
    }
  }

  @Override
  public void close() {
    lock.close();
  }

  /** One row of sorted keys, with the id of its first. */
  private static final class Row {
    private final Iterator<Entry> entries;
    private final int tail;
    private Entry entry;
    private byte[] id;

    Row(Iterator<Entry> entries, int tail) {
      this.entries = entries;
      this.tail = tail;
      advance();
    }

    void advance() {
      entry = entries.hasNext() ? entries.next() : null;
      id = entry == null ? null : idOf(entry.key());
    }

    private byte[] idOf(byte[] key) {
      return Arrays.copyOfRange(key, 1, Math.max(1, key.length - tail));
    }

    boolean isAt(byte[] wanted) {
      return id != null && Arrays.equals(id, wanted);
    }
  }

  /** Merges the heads with the events. */
  private final class Reading {
    private final Predicate<String> wanted;
    private final Visitor visitor;
    private final Row dead = new Row(files.files().iterator(k -> k == JournalKeys.DEAD), 0);
    private final Row live = new Row(files.files().iterator(k -> k == JournalKeys.LIVE), 0);
    private final Row stored =
        new Row(files.files().iterator(k -> k == JournalKeys.EVENT), Long.BYTES + 1);
    private final Map<String, Long> acknowledged = new HashMap<>();

    Reading(Predicate<String> wanted, Visitor visitor) {
      this.wanted = wanted;
      this.visitor = visitor;
      files
          .highWater()
          .slots()
          .values()
          .forEach(
              slot ->
                  slot.ids().forEach((id, number) -> acknowledged.merge(id, number, Math::max)));
    }

    void read() {
      for (byte[] id = next(); id != null; id = next()) {
        one(id, new String(id, StandardCharsets.UTF_8));
      }
      acknowledged.forEach(
          (id, number) -> {
            if (wanted.test(id) && !setAside.containsKey(id)) {
              visitor.fault(
                  new ChainFault(
                      id,
                      1,
                      "events up to number %d were acknowledged and are missing"
                          .formatted(number)));
            }
          });
    }

    private byte[] next() {
      byte[] least = null;
      for (Row row : new Row[] {dead, live, stored}) {
        if (row.id != null && (least == null || Arrays.compareUnsigned(row.id, least) < 0)) {
          least = row.id;
        }
      }
      return least;
    }

    private void one(byte[] key, String id) {
      Entry newest = null;
      for (Row row : new Row[] {dead, live}) {
        while (row.isAt(key)) {
          newest = newest == null || row.entry.sequence() > newest.sequence() ? row.entry : newest;
          row.advance();
        }
      }
      Optional<Head> head = newest == null ? Optional.empty() : Head.decode(id, newest.value());
      Long known = acknowledged.remove(id);
      if (!wanted.test(id)) {
        while (stored.isAt(key)) {
          stored.advance();
        }
        return;
      }
      ChainWalk walk = new ChainWalk(id, head.orElse(null));
      if (newest != null && head.isEmpty()) {
        walk = new ChainWalk(id, Head.NONE);
        walk.broken(0, "the checksum of the entry that says how many events it has is wrong");
      }
      StoredId begun =
          head.map(h -> new StoredId(id, h.highest(), h.deletedTo(), h.anchorHash()))
              .orElse(new StoredId(id, 0, 0, 0));
      visitor.begin(begun);
      while (stored.isAt(key)) {
        event(id, begun, walk);
        stored.advance();
      }
      if (known != null && begun.highest() < known) {
        walk.broken(
            begun.highest() + 1,
            "events up to number %d were acknowledged and are missing".formatted(known));
      }
      walk.end().map(this::placed).ifPresent(visitor::fault);
      visitor.end(begun);
    }

    /** With the places in the files where it would be. */
    private ChainFault placed(ChainFault fault) {
      String places =
          fault.sequenceNr() == 0 ? "" : files.placesOf(fault.persistenceId(), fault.sequenceNr());
      return new ChainFault(fault.persistenceId(), fault.sequenceNr(), fault.what() + places);
    }

    private void event(String id, StoredId head, ChainWalk walk) {
      Optional<JournalKeys.Numbered> key = JournalKeys.numbered(stored.entry.key());
      if (key.isEmpty()) {
        walk.broken(0, "there is a key that is none of the journal's");
        return;
      }
      long number = key.get().number();
      if (number <= head.deletedTo()) {
        return;
      }
      try {
        StoredRecord record = StoredRecord.decode(id, number, stored.entry.value());
        Optional<StoredEvent> event =
            EventCodec.parse(record.body()).map(body -> event(id, number, body));
        walk.take(record);
        event.ifPresent(visitor::event);
      } catch (IllegalArgumentException | IOException e) {
        walk.unreadable(number, String.valueOf(e.getMessage()));
      }
    }

    private static StoredEvent event(String id, long number, EventCodec.Body body) {
      return new StoredEvent(
          id,
          number,
          body.timestamp(),
          body.writer(),
          body.adapterManifest(),
          body.serializerId(),
          body.manifest(),
          List.copyOf(body.tags()),
          body.payload());
    }
  }
}
