package io.holdfast.persistence;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What the queries over the embedded journal are made of: pages that are read from the store, and
 * the news that there is something to read. Get it with {@link JournalStore#queries}.
 *
 * <p>Every event has a position in the order of all events, from 1 on. A later event has a higher
 * one; there are gaps, and none is ever given twice. One thread gives them, so that no event can
 * appear before another that was read already.
 *
 * <p>Every method may be called from any thread and returns at once; what cannot be done fails the
 * stage, as with {@link JournalStore}.
 */
public final class JournalQueries {
  private static final long ENOUGH_BYTES = 4 << 20;

  private final JournalStore store;
  private final JournalReader events;
  private final TagReader tags;
  private final CommitNews news;

  JournalQueries(JournalStore store, JournalReader events, TagReader tags, CommitNews news) {
    this.store = store;
    this.events = events;
    this.tags = tags;
    this.news = news;
  }

  /** Who is told that there is something new, on a thread that must not be held up. */
  public interface Listener {
    /**
     * There may be something new; read it after {@link Following#heard}. Not called again before
     * that.
     */
    void news();

    /** The journal is closed: there will be nothing new. */
    void closed(JournalUnavailableException why);
  }

  /** Being told, until it is closed. */
  public interface Following extends AutoCloseable {
    /** What comes from now on is told again. */
    void heard();

    @Override
    void close();
  }

  /**
   * The highest position that was ever given, counting in what was asked to be written before.
   *
   * @param reached where somebody wants to go on; fails with an {@link UnknownOffsetException} when
   *     that position was never given
   */
  public CompletionStage<Long> highestPosition(long reached) {
    return store
        .highestPosition()
        .thenApply(
            highest -> {
              if (reached > highest) {
                throw new UnknownOffsetException(
                    "Offset %d was never given by the journal in %s, its highest is %d: it is of another journal, or this one was restored from an older copy."
                        .formatted(reached, store.directory(), highest));
              }
              return highest;
            });
  }

  /** Events with a tag, behind the position {@code after} and up to {@code upTo}. */
  public CompletionStage<EventPage> byTag(String tag, long after, long upTo, int most) {
    return store.read(() -> tags.read(tag, after, upTo, most, ENOUGH_BYTES));
  }

  /** Events of a persistence id, from one sequence number to another. */
  public CompletionStage<EventPage> byId(String id, long from, long to, int most) {
    return store.read(() -> events.page(id, from, to, most, ENOUGH_BYTES));
  }

  /** The highest sequence number of a persistence id, 0 for an unknown one. */
  public CompletionStage<Long> highestSequenceNr(String id) {
    return store.highestSequenceNr(id);
  }

  /**
   * The next persistence ids that have events, in the order of their UTF-8 bytes.
   *
   * @param after an id, or nothing
   */
  public CompletionStage<List<String>> ids(String after, int most) {
    return store.read(() -> events.persistenceIds(after, most));
  }

  /**
   * Follows a tag from now on.
   *
   * @throws JournalBusyException when too many follow already
   * @throws JournalUnavailableException when the journal is closed
   */
  public Following followTag(String tag, Listener listener) {
    return news.ofTag(tag, listener);
  }

  /** The same, for a persistence id. */
  public Following followId(String id, Listener listener) {
    return news.ofId(id, listener);
  }
}
