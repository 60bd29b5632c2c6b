package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Damage;
import io.holdfast.persistence.leveldb.Entry;
import io.holdfast.persistence.leveldb.Gap;
import io.holdfast.persistence.leveldb.LevelDbFiles;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What a journal's files say of the journal as a whole, read without LevelDB: its format, its
 * commits, and which of them are missing. LevelDB deletes what it does not understand, so this
 * comes first. Events and their index are not looked at; those who read them do.
 */
final class JournalFiles {
  private static final int MOST_NAMED = 10;

  private final Path directory;
  private final LevelDbFiles files;
  private final HighWaterReading highWater;
  private final List<Entry> about = new ArrayList<>();
  private final CommitMarks.Ring ring = new CommitMarks.Ring();
  private final List<HighWaterSlot> carried;

  private JournalFiles(Path directory) {
    this.directory = directory;
    this.files = LevelDbFiles.read(directory);
    this.highWater = HighWaterReading.of(directory);
    files.forEach(
        kind -> kind != JournalKeys.EVENT && kind != JournalKeys.INDEX,
        entry -> {
          if (entry.key()[0] == JournalKeys.COMMIT) {
            ring.add(entry);
          } else if (entry.key()[0] == JournalKeys.META) {
            about.add(entry);
          }
        });
    this.carried =
        identity().isPresent() && identity().equals(highWater.journal())
            ? highWater.carriedAfter(ring.newest())
            : List.of();
    carried.stream().map(HighWaterSlot::changes).forEach(this::countIn);
  }

  private void countIn(List<Entry> changes) {
    files.overlay(changes);
    for (Entry entry : changes) {
      if (entry.key()[0] == JournalKeys.COMMIT) {
        ring.add(entry);
      } else if (entry.key()[0] == JournalKeys.META) {
        about.removeIf(old -> Arrays.equals(old.key(), entry.key()));
        about.add(entry);
      }
    }
  }

  /** Reads everything but the events and their index. */
  static JournalFiles read(Path directory) {
    try {
      return new JournalFiles(directory);
    } catch (UncheckedIOException e) {
      throw new JournalUnavailableException(
          "The journal in %s cannot be read: %s.".formatted(directory, e.getCause()), e);
    }
  }

  /** The damaged places in which an event would be, for those who miss it; best effort. */
  static String places(Path directory, byte[] key) {
    try {
      return LevelDbFiles.read(directory).check(key).stream()
          .map(damage -> " (" + damage + ")")
          .collect(Collectors.joining());
    } catch (RuntimeException e) {
      return "";
    }
  }

  Path directory() {
    return directory;
  }

  /** The damaged places in which an event would be. */
  String placesOf(String id, long number) {
    return files.check(JournalKeys.event(id, number)).stream()
        .map(damage -> " (" + damage + ")")
        .collect(Collectors.joining());
  }

  LevelDbFiles files() {
    return files;
  }

  HighWaterReading highWater() {
    return highWater;
  }

  /** The commits that are durable and not in LevelDB; everything else here counts them in. */
  List<HighWaterSlot> carried() {
    return carried;
  }

  /** Whether LevelDB has had every commit, so that none is lost with the high-water mark alone. */
  boolean isHandedOver() {
    return !LevelDbStore.FORMAT.equals(format().orElse(""))
        || meta(JournalKeys.handedOver())
            .filter(mark -> mark.length == Long.BYTES)
            .filter(mark -> ByteBuffer.wrap(mark).getLong() == ring.newest())
            .isPresent();
  }

  CommitMarks.Ring ring() {
    return ring;
  }

  /** The newest mark; without what it says of the index where that cannot be read. */
  CommitMarks newestMark() {
    CommitMarks newest = ring.newestMark();
    return meta(JournalKeys.indexMark()).flatMap(newest::withIndex).orElse(newest);
  }

  /** The name of the format; empty when the directory holds none. */
  Optional<String> format() {
    return meta(JournalKeys.format()).map(value -> new String(value, StandardCharsets.UTF_8));
  }

  /** The journal's own id, which the file of the high-water mark has as well. */
  Optional<UUID> identity() {
    return meta(JournalKeys.identity()).filter(v -> v.length == 16).map(JournalFiles::uuid);
  }

  /**
   * The numbers of the commits that were acknowledged and are not there.
   *
   * @return in their order; of a journal whose high-water mark is lost, only those in the middle
   */
  long[] missingCommits() {
    return LongStream.concat(
            Arrays.stream(ring.missing()),
            LongStream.rangeClosed(ring.newest() + 1, highWater.newest()))
        .toArray();
  }

  /**
   * What is wrong with the journal as a whole; empty when LevelDB may open it. Each is half a
   * sentence, the gravest first.
   */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    for (Gap gap : files.gaps()) {
      faults.add(gap.damage().toString());
    }
    ring.damaged().ifPresent(faults::add);
    long[] missing = missingCommits();
    if (missing.length > 0) {
      faults.add(0, missing(missing));
    }
    String format = format().orElse("");
    boolean isIndexed = LevelDbStore.isIndexed(format);
    if ((isIndexed || LevelDbStore.FORMAT_2.equals(format)) && identity().isEmpty()) {
      faults.add("the journal's own id is missing");
    }
    if (format().isEmpty() && highWater.newest() > 0) {
      faults.add("the name of its format is missing");
    }
    if (isIndexed && ring.newest() > 0 && newestMark().tags() == CommitMarks.NOT_COUNTED) {
      faults.add("how far the index of tags goes is missing, or not what the newest commit wrote");
    }
    highWaterFault(missing.length > 0).ifPresent(faults::add);
    return faults;
  }

  /**
   * Refuses a journal with faults.
   *
   * @throws JournalDamagedException naming them
   */
  void requireSound() {
    List<String> faults = faults();
    if (!faults.isEmpty()) {
      String more = faults.size() > 3 ? ", and " + (faults.size() - 3) + " more" : "";
      throw JournalDamagedException.store(
          directory, String.join("; ", faults.subList(0, Math.min(3, faults.size()))) + more, null);
    }
  }

  private Optional<String> highWaterFault(boolean isShort) {
    String file = "file " + HighWater.FILE;
    boolean expected = ring.newest() > 0 && !LevelDbStore.FORMAT_1.equals(format().orElse(""));
    if (!highWater.isThere()) {
      return Optional.of(file + " is missing, so that nobody knows whether the end is there")
          .filter(fault -> expected);
    }
    if (highWater.isUnreadable()) {
      return Optional.of(file + " cannot be read, so that nobody knows whether the end is there")
          .filter(fault -> expected);
    }
    Optional<UUID> identity = identity();
    if (highWater.newest() > 0 && identity.isPresent() && !identity.equals(highWater.journal())) {
      return Optional.of(
          "%s belongs to another journal (%s, this one is %s)"
              .formatted(file, highWater.journal().orElseThrow(), identity.get()));
    }
    if (ring.newest() < highWater.least() && !isShort) {
      return Optional.of(
          "%s cannot be read where commit %d would stand, and that commit is not there"
              .formatted(file, ring.newest() + 1));
    }
    return Optional.empty();
  }

  private String missing(long[] commits) {
    boolean isEnd = commits[0] > ring.newest();
    String which =
        commits.length == 1
            ? "commit %d of %d is missing, and the events in it with it"
            : "commit %d of %d is missing and %d more, and the events in them with them";
    long of = Math.max(ring.newest(), highWater.newest());
    return (isEnd ? "the end is missing, which was acknowledged: " : "")
        + which.formatted(commits[0], of, commits.length - 1)
        + whose(commits)
        + where(commits[0]);
  }

  /** Where a commit is lost: a small one that LevelDB has not got has only its entry. */
  private String where(long commit) {
    String entry =
        highWater.damaged().contains(commit)
            ? " (file %s, byte %d: the entry of commit %d is damaged)"
                .formatted(
                    HighWater.FILE, (long) HighWater.slot(commit) * HighWaterSectors.BYTES, commit)
            : "";
    String log = files.interrupted().map(Damage::toString).map(" (%s)"::formatted).orElse("");
    return entry.isEmpty() && log.isEmpty() ? end() : entry + log;
  }

  private String end() {
    return files.lastLog().map(log -> " (the last file is " + log.getFileName() + ")").orElse("");
  }

  private String whose(long[] commits) {
    Optional<Map<String, Long>> ids = highWater.idsOf(Arrays.stream(commits));
    if (ids.isEmpty()) {
      return "; it is not known of which persistence ids";
    }
    String more = ids.get().size() > MOST_NAMED ? ", …" : "";
    return ids.get().entrySet().stream()
        .limit(MOST_NAMED)
        .map(entry -> "'%s' up to %d".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", ", ", of persistence id ", more));
  }

  private Optional<byte[]> meta(byte[] key) {
    return about.stream()
        .filter(entry -> Arrays.equals(entry.key(), key))
        .map(Entry::value)
        .findFirst();
  }

  static UUID uuid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    return new UUID(in.getLong(), in.getLong());
  }
}
