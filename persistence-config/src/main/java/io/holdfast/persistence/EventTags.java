package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import akka.persistence.journal.Tagged;
import java.util.Set;
import java.util.TreeSet;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The tags that an event is found by. Each has one without anybody asking: the kind of its
 * persistence id (see {@link #kind}). Akka's {@link Tagged} adds others. Every store tags by this.
 *
 * @param payload the event itself
 * @param named what {@link Tagged} named
 * @param all these, and the kind
 */
public record EventTags(Object payload, Set<String> named, Set<String> all) {
  /** Most tags that {@link Tagged} may name. */
  public static final int MOST = 100;

  /**
   * The tags of an event that is to be written.
   *
   * @throws IllegalArgumentException when a tag is none that every store can take
   */
  public static EventTags of(PersistentRepr event) {
    Object payload = event.payload();
    Set<String> named = Set.of();
    if (payload instanceof Tagged tagged) {
      payload = tagged.payload();
      named = Set.copyOf(CollectionConverters.asJava(tagged.tags()));
    }
    if (named.size() > MOST) {
      throw new IllegalArgumentException(
          "An event of persistence id '%s' has %d tags; at most %d are allowed."
              .formatted(event.persistenceId(), named.size(), MOST));
    }
    named.forEach(EventTags::requireValid);
    return new EventTags(payload, named, all(event.persistenceId(), named));
  }

  /** What an event with these tags is found by, in a fixed order. */
  public static Set<String> all(String persistenceId, Set<String> named) {
    String kind = kind(persistenceId);
    if (named.isEmpty()) {
      return Set.of(kind);
    }
    Set<String> all = new TreeSet<>(named);
    all.add(kind);
    return all;
  }

  /**
   * What stands before the first {@code |} of a persistence id: {@code job} for {@code
   * job|nightly}; the whole of it when there is none, or nothing before it.
   */
  public static String kind(String persistenceId) {
    int bar = persistenceId.indexOf('|');
    return bar > 0 ? persistenceId.substring(0, bar) : persistenceId;
  }

  private static void requireValid(String tag) {
    if (!JournalKeys.isValid(tag)) {
      throw new IllegalArgumentException(
          "A tag has 1 to %d bytes of UTF-8 and no NUL character; this one is '%s'."
              .formatted(
                  JournalKeys.MAX_ID_BYTES, tag.length() > 80 ? tag.substring(0, 80) + "…" : tag));
    }
  }
}
