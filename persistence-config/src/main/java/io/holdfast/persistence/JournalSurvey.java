package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import io.holdfast.persistence.leveldb.Gap;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Reads a journal's files from end to end and decides for each persistence id whether it is whole.
 * Nothing is written. The heads of all ids are held in memory, events are not.
 *
 * <p>Whole is an id only if nothing that is missing can have been its. Where commits are missing
 * and it is not known whose events they held, an id counts as whole if a later commit shows it to
 * be.
 */
final class JournalSurvey {

  private final JournalFiles files;
  private final Map<String, SurveyedId> ids = new TreeMap<>();
  private final List<JournalDamage> damages = new ArrayList<>();
  private final IndexSurvey index = new IndexSurvey();
  private final Map<String, byte[]> setAside = new TreeMap<>();
  private long liveIds;
  private boolean mayMissIds;

  private JournalSurvey(Path directory) {
    files = JournalFiles.read(directory);
  }

  static JournalSurvey of(Path directory) {
    JournalSurvey survey = new JournalSurvey(directory);
    survey.files.files().forEach(JournalSurvey::isHead, survey::head);
    survey.files.files().forEach(kind -> kind == JournalKeys.EVENT, survey::event);
    survey.files.files().forEach(JournalSurvey::isIndex, survey.index::entry);
    survey.conclude();
    return survey;
  }

  JournalFiles files() {
    return files;
  }

  /** All persistence ids of which there is anything. */
  Map<String, SurveyedId> ids() {
    return ids;
  }

  /** What repairs of earlier versions have set aside, and up to which number it was readable. */
  Map<String, Long> setAside() {
    Map<String, Long> readable = new TreeMap<>();
    setAside.forEach((id, value) -> readable.put(id, ByteBuffer.wrap(value).getLong()));
    return readable;
  }

  /**
   * Whether there may have been persistence ids of which nothing is left, not even the name: these
   * would begin anew.
   */
  boolean mayMissIds() {
    return mayMissIds;
  }

  /** The highest position of an event that is known of. */
  long highestPosition() {
    return index.highestPosition(files.newestMark());
  }

  JournalReport report() {
    long sound = 0;
    long events = 0;
    long bytes = 0;
    for (SurveyedId id : ids.values()) {
      if (id.isWhole()) {
        sound++;
        events += id.events;
        bytes += id.bytes;
      }
    }
    return new JournalReport(
        files.directory(),
        files.format().orElse(""),
        files.ring().newest(),
        sound,
        events,
        bytes,
        damages);
  }

  private static boolean isIndex(byte kind) {
    return kind == JournalKeys.INDEX || kind == JournalKeys.TAG;
  }

  private static boolean isHead(byte kind) {
    return kind == JournalKeys.LIVE
        || kind == JournalKeys.DEAD
        || kind == JournalKeys.PLACED
        || kind == JournalKeys.SET_ASIDE;
  }

  private void head(Entry entry) {
    String id = JournalKeys.id(entry.key());
    if (entry.key()[0] == JournalKeys.SET_ASIDE) {
      setAside.put(id, entry.value());
      return;
    }
    if (entry.key()[0] == JournalKeys.PLACED) {
      placed(id, entry.value());
      return;
    }
    liveIds += entry.key()[0] == JournalKeys.LIVE ? 1 : 0;
    SurveyedId found = ids.computeIfAbsent(id, unused -> new SurveyedId());
    Optional<Head> head = Head.decode(id, entry.value());
    if (head.isEmpty()) {
      found.damaged(0, "the checksum of the entry that says how many events it has is wrong");
    } else if (found.head == null || entry.sequence() > found.headSequence) {
      found.head = head.get();
      found.headSequence = entry.sequence();
      found.readableTo = found.head.deletedTo();
      found.expected = found.head.deletedTo() + 1;
      found.hash = found.head.anchorHash();
      found.readableHash = found.hash;
    }
  }

  /** Comes after the heads, in the order of the keys. */
  private void placed(String id, byte[] value) {
    SurveyedId found = ids.get(id);
    Optional<Head> head =
        found == null || found.head == null ? Optional.empty() : found.head.withPlaced(id, value);
    if (head.isPresent()) {
      found.head = head.get();
      index.head(found.head);
    } else if (found != null) {
      found.damaged(0, "the entry that says which positions its events have is wrong");
    }
  }

  private void event(Entry entry) {
    Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.key());
    if (key.isEmpty()) {
      damages.add(JournalDamage.store("there is a key that is none of the journal's"));
      return;
    }
    String id = key.get().name();
    long number = key.get().number();
    SurveyedId found = ids.computeIfAbsent(id, unused -> new SurveyedId());
    found.known = Math.max(found.known, number);
    if (found.head == null) {
      found.damaged(0, "it has events, but no entry that says how many");
      // Without it only an id that begins with its very first event has a certain beginning.
      found.head = Head.NONE;
      found.expected = 1;
    }
    if (number > found.head.deletedTo()) {
      check(id, found, number, entry.value());
    }
  }

  private void check(String id, SurveyedId found, long number, byte[] value) {
    if (number > found.head.highest()) {
      found.damaged(number, "the entry that says how many events it has is too old");
    }
    StoredRecord record;
    try {
      record = StoredRecord.decode(id, number, value);
    } catch (IllegalArgumentException e) {
      found.damaged(number, e.getMessage());
      return;
    }
    found.events++;
    found.bytes += value.length;
    if (record.follows() != found.expected - 1) {
      found.damaged(found.expected, "the event is missing");
    } else if (record.previousHash() != found.hash) {
      found.damaged(number, "it does not follow the event before it");
    } else if (number == found.head.highest() && record.hash() != found.head.lastHash()) {
      found.damaged(number, "it is not the event that was written last");
    } else if (found.readableTo == record.follows()) {
      found.readableTo = number;
      found.readableHash = record.hash();
      found.readableEvents++;
      found.readableBytes += value.length;
    }
    index.event(id, found.head, record).ifPresent(what -> found.damaged(number, what));
    found.expected = number + 1;
    found.hash = record.hash();
  }

  private void conclude() {
    for (SurveyedId found : ids.values()) {
      if (found.head != null && found.expected <= found.head.highest()) {
        found.damaged(found.expected, "the event is missing");
      }
    }
    missedByHighWater();
    doubtByCommits();
    doubtByTables();
    files.faults().forEach(fault -> damages.add(fault(fault)));
    long gone = files.newestMark().idsWithEvents() - liveIds;
    if (files.faults().isEmpty() && gone != 0) {
      damages.add(
          JournalDamage.store(
              "it holds events of %d persistence ids, and held those of %d"
                  .formatted(liveIds, files.newestMark().idsWithEvents())));
    }
    setAside.forEach(
        (id, value) ->
            damages.add(
                JournalDamage.of(
                    id,
                    ByteBuffer.wrap(value).getLong() + 1,
                    "an earlier repair has set its events aside")));
    ids.forEach(
        (id, found) -> {
          if (!found.isWhole()) {
            String where = found.wrongAt == 0 ? "" : files.placesOf(id, found.wrongAt);
            damages.add(JournalDamage.of(id, found.wrongAt, found.wrong + where));
          }
        });
    if (damages.isEmpty() && LevelDbStore.isIndexed(files.format().orElse(""))) {
      // Of a damaged journal the index cannot be whole; a repair makes it anew anyway.
      damages.addAll(index.damages(files.newestMark()));
    }
  }

  /** A fault that names a place is told with it. */
  private JournalDamage fault(String words) {
    for (Gap gap : files.files().gaps()) {
      if (gap.damage().toString().equals(words)) {
        String name = gap.damage().file().getFileName().toString();
        return new JournalDamage(name, gap.damage().offset(), "", 0, gap.damage().what());
      }
    }
    return JournalDamage.store(words);
  }

  /** Whoever was in one of the latest commits must be there, with the events of then. */
  private void missedByHighWater() {
    for (HighWaterSlot slot : files.highWater().slots().descendingMap().values()) {
      slot.ids()
          .forEach(
              (id, highest) -> {
                if (setAside.containsKey(id)) {
                  return;
                }
                SurveyedId found = ids.computeIfAbsent(id, unused -> new SurveyedId());
                if (found.head == null || found.head.highest() < highest) {
                  found.damaged(
                      found.readableTo + 1,
                      "events up to number %d were acknowledged and are missing"
                          .formatted(highest));
                }
                found.known = Math.max(found.known, highest);
              });
    }
  }

  private void doubtByCommits() {
    long[] missing = files.missingCommits();
    HighWaterReading highWater = files.highWater();
    boolean mayBeShort = files.files().interrupted().isPresent() || !files.isHandedOver();
    boolean endIsUnknown =
        files.ring().newest() > 0
            && (highWater.least() > Math.max(files.ring().newest(), highWater.newest())
                || (mayBeShort && (!highWater.isThere() || highWater.isUnreadable())));
    if (missing.length == 0 && !endIsUnknown) {
      return;
    }
    Optional<Map<String, Long>> whose =
        endIsUnknown ? Optional.empty() : files.highWater().idsOf(Arrays.stream(missing));
    mayMissIds |= whose.isEmpty();
    long shownBy = endIsUnknown ? Long.MAX_VALUE : sequenceAfter(missing[missing.length - 1]);
    String commits =
        missing.length == 0
            ? "commit " + (files.ring().newest() + 1)
            : Arrays.stream(missing)
                .limit(10)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(", ", "commit ", missing.length > 10 ? ", …" : ""));
    ids.forEach(
        (id, found) -> {
          boolean isNamed = whose.isEmpty() || whose.get().containsKey(id);
          if (isNamed && found.headSequence <= shownBy) {
            found.doubted(
                found.head == null ? 0 : found.head.highest() + 1,
                "events after number %d may have been in %s, which is missing"
                    .formatted(found.readableTo, commits));
          }
        });
  }

  /** LevelDB's number of the first commit that is there after one that is missing. */
  private long sequenceAfter(long missing) {
    return missing >= files.ring().newest() ? Long.MAX_VALUE : files.ring().sequence(missing + 1);
  }

  /** A block that cannot be read may have held a newer head than the one that was found. */
  private void doubtByTables() {
    List<Gap> gaps =
        files.files().gaps().stream()
            .filter(gap -> gap.damage().file().toString().matches(".*\\.(sst|ldb)"))
            .toList();
    mayMissIds |=
        gaps.stream()
            .map(Gap::keys)
            .anyMatch(keys -> keys.mayHold(JournalKeys.LIVE) || keys.mayHold(JournalKeys.DEAD));
    ids.forEach(
        (id, found) -> {
          byte[] live = JournalKeys.head(JournalKeys.LIVE, id);
          byte[] dead = JournalKeys.head(JournalKeys.DEAD, id);
          for (Gap gap : gaps) {
            if (gap.keys().holds(live) || gap.keys().holds(dead)) {
              found.doubted(
                  0, "how many events it has may be in what cannot be read: " + gap.damage());
            }
          }
        });
  }

  /** The commits that are missing, as text for a record. */
  List<Long> missingCommits() {
    return LongStream.of(files.missingCommits()).boxed().toList();
  }
}
