package io.holdfast.persistence;

import io.holdfast.persistence.CommitQueue.Event;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * What one commit changes in the index of tags. An event that is deleted takes its entries with it:
 * the entry behind each is linked to the one before it, so that nothing is left. Used by the
 * committing thread only.
 */
final class StagedIndex {
  /** The place of an entry. */
  private record Place(String tag, long position) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byTag = tag.compareTo(other.tag);
      return byTag != 0 ? byTag : Long.compare(position, other.position);
    }
  }

  private final Path directory;
  private final Function<String, Long> storedEnd;
  // Empty: the entry is removed.
  private final TreeMap<Place, Optional<IndexEntry>> changed = new TreeMap<>();
  private final Map<String, Long> ends = new HashMap<>();
  private long positions;

  /**
   * Nothing is changed yet.
   *
   * @param storedEnd the position where a tag ended before this commit
   * @param positions the highest that was given before
   */
  StagedIndex(Path directory, Function<String, Long> storedEnd, long positions) {
    this.directory = directory;
    this.storedEnd = storedEnd;
    this.positions = positions;
  }

  /** The highest position that is given so far. */
  long positions() {
    return positions;
  }

  /** Where each tag ends that this commit changes; 0 when it has no events any more. */
  Map<String, Long> ends() {
    return ends;
  }

  /** Adds an event at a position that is higher than all before. */
  void add(Event event, long position, long hash) {
    positions = position;
    for (String tag : event.tags()) {
      IndexEntry entry =
          new IndexEntry(tag, position, end(tag), event.id(), event.sequenceNr(), hash);
      changed.put(new Place(tag, position), Optional.of(entry));
      ends.put(tag, position);
    }
  }

  /** Begins to take events out; reads the entries around them with {@code iterator}. */
  Removal removal(DBIterator iterator) {
    return new Removal(iterator);
  }

  /**
   * Puts the changes into the batch.
   *
   * @return how many more tags have events than before
   */
  long seal(WriteBatch batch) {
    changed.forEach(
        (place, entry) -> {
          byte[] key = JournalKeys.index(place.tag(), place.position());
          entry.ifPresentOrElse(now -> batch.put(key, now.encode()), () -> batch.delete(key));
        });
    long more = 0;
    for (Map.Entry<String, Long> end : ends.entrySet()) {
      TagIndex.putEnd(batch, end.getKey(), end.getValue());
      more += (end.getValue() > 0 ? 1 : 0) - (storedEnd.apply(end.getKey()) > 0 ? 1 : 0);
    }
    return more;
  }

  private long end(String tag) {
    Long staged = ends.get(tag);
    return staged != null ? staged : storedEnd.apply(tag);
  }

  /**
   * The events of one deletion. Until {@link #done} nothing of it counts, so that a deletion that
   * finds damage leaves no trace.
   */
  final class Removal {
    private final DBIterator iterator;
    private final TreeMap<Place, Optional<IndexEntry>> mine = new TreeMap<>();
    private final Map<String, Long> myEnds = new HashMap<>();

    private Removal(DBIterator iterator) {
      this.iterator = iterator;
    }

    /**
     * Takes an event out of the index of a tag.
     *
     * @throws JournalDamagedException when it is not there
     */
    void remove(String tag, long position, String id, long sequenceNr) {
      IndexEntry entry =
          at(new Place(tag, position))
              .filter(found -> found.id().equals(id) && found.sequenceNr() == sequenceNr)
              .orElseThrow(
                  () ->
                      JournalDamagedException.tag(
                          directory,
                          tag,
                          position,
                          id,
                          sequenceNr,
                          "the entry of the index is missing",
                          null));
      Optional<IndexEntry> next = behind(tag, position);
      if (next.isPresent()) {
        mine.put(
            new Place(tag, next.get().position()),
            Optional.of(next.get().behind(entry.previous())));
      } else {
        myEnds.put(tag, entry.previous());
      }
      mine.put(new Place(tag, position), Optional.empty());
    }

    /** From now on it counts. */
    void done() {
      changed.putAll(mine);
      ends.putAll(myEnds);
    }

    private Optional<IndexEntry> at(Place place) {
      return isStaged(place)
          ? staged(place)
          : TagIndex.from(directory, iterator, place.tag(), place.position())
              .filter(found -> found.position() == place.position());
    }

    private boolean isStaged(Place place) {
      return mine.containsKey(place) || changed.containsKey(place);
    }

    private Optional<IndexEntry> staged(Place place) {
      return mine.containsKey(place) ? mine.get(place) : changed.get(place);
    }

    /** The entry that follows; all that this commit adds lies behind all that is stored. */
    private Optional<IndexEntry> behind(String tag, long position) {
      byte[] prefix = JournalKeys.index(tag);
      iterator.seek(JournalKeys.index(tag, position + 1));
      while (iterator.hasNext()) {
        Map.Entry<byte[], byte[]> found = iterator.peekNext();
        if (!JournalKeys.hasPrefix(found.getKey(), prefix)) {
          break;
        }
        long at = ByteBuffer.wrap(found.getKey()).getLong(prefix.length);
        Place place = new Place(tag, at);
        if (!isStaged(place)) {
          return Optional.of(TagIndex.decode(directory, tag, at, found.getValue()));
        }
        if (staged(place).isPresent()) {
          return staged(place);
        }
        iterator.next();
      }
      return changed.tailMap(new Place(tag, position), false).entrySet().stream()
          .takeWhile(entry -> entry.getKey().tag().equals(tag))
          .map(entry -> staged(entry.getKey()))
          .flatMap(Optional::stream)
          .findFirst();
    }
  }
}
