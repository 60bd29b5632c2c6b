package io.holdfast.persistence;

import io.holdfast.persistence.leveldb.Entry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Compares the index of tags with the events, for {@link JournalSurvey}. Of each tag it holds
 * counts and sums, not the entries: what is not in the index shows by the sums, and mostly by the
 * links as well, which name the place.
 */
final class IndexSurvey {
  private static final class OfTag {
    private long events;
    private long eventSum;
    private long entries;
    private long entrySum;
    private long last;
    private OptionalLong end = OptionalLong.of(0);
    private String wrong;

    private void wrong(String what) {
      wrong = wrong == null ? what : wrong;
    }
  }

  private final Map<String, OfTag> tags = new TreeMap<>();
  private boolean hasForeignKeys;
  private long highest;

  /** What is known of a persistence id. */
  void head(Head head) {
    highest = Math.max(highest, head.unplacedBase() + head.unplacedTo());
  }

  /** An event that is whole; what is wrong with it nevertheless. */
  Optional<String> event(String id, Head head, StoredRecord event) {
    highest = Math.max(highest, event.position());
    try {
      for (String tag : EventCodec.tags(id, event.body())) {
        OfTag found = of(tag);
        found.events++;
        found.eventSum += sum(id, event.sequenceNr(), head.positionOf(event), event.hash());
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("it is not an event: " + e.getMessage());
    }
  }

  /** The highest position of an event that is known of. */
  long highestPosition(CommitMarks newest) {
    return Math.max(highest, newest.positions());
  }

  /** An entry of the index, or where a tag ends; of one tag in the order of the positions. */
  void entry(Entry entry) {
    if (entry.key()[0] == JournalKeys.TAG) {
      String tag = JournalKeys.id(entry.key());
      of(tag).end = TagIndex.decodeEnd(tag, entry.value());
      return;
    }
    Optional<JournalKeys.Numbered> key = JournalKeys.numbered(entry.key());
    if (key.isEmpty()) {
      hasForeignKeys = true;
      return;
    }
    OfTag found = of(key.get().name());
    long position = key.get().number();
    try {
      IndexEntry read = IndexEntry.decode(key.get().name(), position, entry.value());
      if (read.previous() != found.last) {
        found.wrong("an entry before position %d is missing".formatted(position));
      }
      found.entries++;
      found.entrySum += sum(read.id(), read.sequenceNr(), position, read.hash());
    } catch (IllegalArgumentException e) {
      found.wrong("position %d: %s".formatted(position, e.getMessage()));
    }
    found.last = position;
  }

  /** What is wrong, if all events are whole. */
  List<JournalDamage> damages(CommitMarks newest) {
    List<JournalDamage> damages = new ArrayList<>();
    if (hasForeignKeys) {
      damages.add(JournalDamage.store("there is a key that is none of the journal's"));
    }
    long live = 0;
    for (Map.Entry<String, OfTag> tag : tags.entrySet()) {
      OfTag found = tag.getValue();
      live += found.events > 0 ? 1 : 0;
      if (found.end.isEmpty()) {
        found.wrong("the checksum of the entry that says where it ends does not match");
      } else if (found.end.getAsLong() != found.last) {
        found.wrong(
            "it ends at position %d, and should end at %d"
                .formatted(found.last, found.end.getAsLong()));
      }
      if (found.last > newest.positions()) {
        found.wrong(
            "it has position %d, and only %d were given".formatted(found.last, newest.positions()));
      }
      if (found.entries != found.events || found.entrySum != found.eventSum) {
        found.wrong(
            "it has %d entries for %d events, or others".formatted(found.entries, found.events));
      }
      if (found.wrong != null) {
        damages.add(
            JournalDamage.store("the index of tag '%s': %s".formatted(tag.getKey(), found.wrong)));
      }
    }
    if (live != newest.tags()) {
      damages.add(
          JournalDamage.store(
              "it holds events of %d tags, and held those of %d".formatted(live, newest.tags())));
    }
    return damages;
  }

  private OfTag of(String tag) {
    return tags.computeIfAbsent(tag, unused -> new OfTag());
  }

  /** Not a plain sum of the parts, so that two events that are exchanged show. */
  private static long sum(String id, long sequenceNr, long position, long hash) {
    long mixed = hash ^ Long.rotateLeft(position * 0x9E3779B97F4A7C15L, 17);
    return (mixed ^ Long.rotateLeft(sequenceNr * 0xC2B2AE3D27D4EB4FL, 31))
        * (2L * id.hashCode() + 1);
  }
}
