package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.WriteBatch;

/**
 * What the marks of the commits say. Each commit writes one: its number, and how many ids have
 * events after it. Beside the newest stands how far the index of tags goes: how many positions were
 * given, and how many tags have events. The marks lie in a ring of {@value #SLOTS}, more than
 * LevelDB's log can hold, so that any commit which is lost when the log is read leaves an old or no
 * mark in its slot.
 *
 * @param newest number of the newest commit, 0 when there is none
 * @param idsWithEvents how many ids have events
 * @param positions the highest position that was ever given to an event; none is given twice
 * @param tags how many tags have events; {@link #NOT_COUNTED} when there is no index yet
 */
record CommitMarks(long newest, long idsWithEvents, long positions, long tags) {
  static final int SLOTS = 1 << 16;

  /** Marks from before there was an index of tags say nothing of them. */
  static final long NOT_COUNTED = -1;

  private static final CommitMarks NONE = new CommitMarks(0, 0, 0, 0);
  private static final int LENGTH = 2 * Long.BYTES;
  private static final int INDEX_LENGTH = 3 * Long.BYTES;

  /** Puts a mark into the batch, in the place of the one with the same number. */
  void put(WriteBatch batch) {
    // Of a length that older versions read: so they come to the name of the format, and say it.
    ByteBuffer mark =
        ByteBuffer.allocate(LENGTH + Integer.BYTES).putLong(newest).putLong(idsWithEvents);
    batch.put(JournalKeys.commit(slot(newest)), mark.putInt(checksum(mark.array())).array());
    ByteBuffer index =
        ByteBuffer.allocate(INDEX_LENGTH + Integer.BYTES)
            .putLong(newest)
            .putLong(positions)
            .putLong(tags);
    batch.put(JournalKeys.indexMark(), index.putInt(checksum(index.array())).array());
  }

  /** This, with what stands beside it; empty when that is not as it was written, or of another. */
  Optional<CommitMarks> withIndex(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    if (value.length != INDEX_LENGTH + Integer.BYTES
        || in.getInt(INDEX_LENGTH) != checksum(value)
        || in.getLong() != newest) {
      return Optional.empty();
    }
    return Optional.of(new CommitMarks(newest, idsWithEvents, in.getLong(), in.getLong()));
  }

  /**
   * Reads the marks, the heads of all ids with events, and where the events of each tag end.
   *
   * @throws JournalDamagedException when a mark is missing, or the number of ids or tags is not
   *     what the newest mark says
   */
  static CommitMarks verify(Path directory, DBIterator iterator) {
    long[] numbers = new long[SLOTS];
    CommitMarks newest = withIndex(directory, iterator, readMarks(directory, iterator, numbers));
    for (long number = Math.max(1, newest.newest - SLOTS + 1); number <= newest.newest; number++) {
      if (numbers[slot(number)] != number) {
        throw JournalDamagedException.store(
            directory,
            "commit %d of %d is missing, and the events in it with it"
                .formatted(number, newest.newest),
            null);
      }
    }
    long ids = countIds(directory, iterator);
    if (ids != newest.idsWithEvents) {
      throw JournalDamagedException.store(
          directory,
          "it holds events of %d persistence ids, and held those of %d"
              .formatted(ids, newest.idsWithEvents),
          null);
    }
    long tags = TagIndex.countTags(directory, iterator);
    if (newest.tags != NOT_COUNTED && tags != newest.tags) {
      throw JournalDamagedException.store(
          directory,
          "it holds events of %d tags, and held those of %d".formatted(tags, newest.tags),
          null);
    }
    return newest;
  }

  /** The marks as they lie in the files, for who reads them without LevelDB. */
  static final class Ring {
    private final long[] numbers = new long[SLOTS];
    private final long[] sequences = new long[SLOTS];
    private CommitMarks newest = NONE;
    private boolean isDamaged;

    void add(Entry entry) {
      decode(entry.value())
          .ifPresentOrElse(
              mark -> {
                numbers[slot(mark.newest)] = mark.newest;
                sequences[slot(mark.newest)] = entry.sequence();
                newest = mark.newest > newest.newest ? mark : newest;
              },
              () -> isDamaged = true);
    }

    /** The newest commit that is there. */
    long newest() {
      return newest.newest;
    }

    /** What its mark says. */
    CommitMarks newestMark() {
      return newest;
    }

    /** The commits before the newest that should be there and are not. */
    long[] missing() {
      return LongStream.rangeClosed(Math.max(1, newest() - SLOTS + 1), newest())
          .filter(number -> numbers[slot(number)] != number)
          .toArray();
    }

    /** LevelDB's number of the mark of a commit that is there. */
    long sequence(long number) {
      return sequences[slot(number)];
    }

    Optional<String> damaged() {
      return isDamaged
          ? Optional.of("the mark of a commit has a wrong checksum")
          : Optional.empty();
    }
  }

  private static Optional<CommitMarks> decode(byte[] value) {
    if (value.length != LENGTH + Integer.BYTES
        || ByteBuffer.wrap(value).getInt(LENGTH) != checksum(value)) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(value);
    return Optional.of(new CommitMarks(in.getLong(), in.getLong(), 0, NOT_COUNTED));
  }

  private static CommitMarks withIndex(Path directory, DBIterator iterator, CommitMarks newest) {
    byte[] key = JournalKeys.indexMark();
    iterator.seek(key);
    if (!iterator.hasNext() || !java.util.Arrays.equals(iterator.peekNext().getKey(), key)) {
      return newest;
    }
    return newest
        .withIndex(iterator.peekNext().getValue())
        .orElseThrow(
            () ->
                JournalDamagedException.store(
                    directory,
                    "how far the index of tags goes is not what commit %d has written"
                        .formatted(newest.newest),
                    null));
  }

  private static CommitMarks readMarks(Path directory, DBIterator iterator, long[] numbers) {
    CommitMarks newest = NONE;
    iterator.seek(new byte[] {JournalKeys.COMMIT});
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> entry = iterator.next();
      byte[] key = entry.getKey();
      if (key[0] != JournalKeys.COMMIT) {
        break;
      }
      CommitMarks mark =
          decode(entry.getValue())
              .orElseThrow(
                  () ->
                      JournalDamagedException.store(
                          directory, "the mark of a commit has a wrong checksum", null));
      numbers[slot(mark.newest)] = mark.newest;
      newest = mark.newest > newest.newest ? mark : newest;
    }
    return newest;
  }

  private static long countIds(Path directory, DBIterator iterator) {
    long count = 0;
    iterator.seek(new byte[] {JournalKeys.LIVE});
    while (iterator.hasNext()) {
      Map.Entry<byte[], byte[]> entry = iterator.next();
      if (entry.getKey()[0] != JournalKeys.LIVE) {
        break;
      }
      Heads.decode(directory, JournalKeys.id(entry.getKey()), entry.getValue());
      count++;
    }
    return count;
  }

  private static int slot(long number) {
    return (int) (number & (SLOTS - 1));
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
