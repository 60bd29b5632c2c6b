package io.holdfast.persistence;

import io.holdfast.persistence.JournalQueries.Following;
import io.holdfast.persistence.JournalQueries.Listener;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells those who follow a tag or a persistence id that there is something new. They read it from
 * the store themselves: of a follower that does not keep up nothing waits here but the one bit that
 * there is something. Any thread may use this; what is told must be short.
 */
final class CommitNews {
  /** Most who follow at the same time. */
  static final int MOST = 1000;

  private final String journal;
  private final Map<String, Set<Follower>> ofTags = new HashMap<>();
  private final Map<String, Set<Follower>> ofIds = new HashMap<>();
  private int followers;
  private boolean closed;

  CommitNews(String journal) {
    this.journal = journal;
  }

  /** One that is told, until it is closed. */
  final class Follower implements Following {
    private final Map<String, Set<Follower>> where;
    private final String name;
    private final Listener listener;
    private final AtomicBoolean told = new AtomicBoolean();

    private Follower(Map<String, Set<Follower>> where, String name, Listener listener) {
      this.where = where;
      this.name = name;
      this.listener = listener;
    }

    @Override
    public void heard() {
      told.set(false);
    }

    private void tell() {
      if (told.compareAndSet(false, true)) {
        listener.news();
      }
    }

    @Override
    public void close() {
      forget(this);
    }
  }

  /**
   * Follows a tag from now on.
   *
   * @throws JournalBusyException when too many follow already
   * @throws JournalUnavailableException when the journal is closed
   */
  Follower ofTag(String tag, Listener listener) {
    return follow(ofTags, tag, listener);
  }

  /** The same, for a persistence id. */
  Follower ofId(String id, Listener listener) {
    return follow(ofIds, id, listener);
  }

  private synchronized Follower follow(
      Map<String, Set<Follower>> where, String name, Listener listener) {
    if (closed) {
      throw closedException();
    }
    if (followers >= MOST) {
      throw new JournalBusyException(
          "%d live queries follow the journal in %s already.".formatted(MOST, journal));
    }
    followers++;
    Follower follower = new Follower(where, name, listener);
    where.computeIfAbsent(name, unused -> new HashSet<>()).add(follower);
    return follower;
  }

  private synchronized void forget(Follower follower) {
    Set<Follower> some = follower.where.get(follower.name);
    if (some != null && some.remove(follower)) {
      followers--;
      if (some.isEmpty()) {
        follower.where.remove(follower.name);
      }
    }
  }

  /** There are new events, of these ids and with these tags; for the committing thread. */
  synchronized void tell(Collection<String> ids, Collection<String> tags) {
    if (followers > 0) {
      ids.forEach(id -> ofIds.getOrDefault(id, Set.of()).forEach(Follower::tell));
      tags.forEach(tag -> ofTags.getOrDefault(tag, Set.of()).forEach(Follower::tell));
    }
  }

  /** Tells everybody that there will be nothing new. */
  synchronized void close() {
    closed = true;
    JournalUnavailableException why = closedException();
    for (Map<String, Set<Follower>> all : List.of(ofTags, ofIds)) {
      all.values().forEach(some -> some.forEach(each -> each.listener.closed(why)));
      all.clear();
    }
    followers = 0;
  }

  private JournalUnavailableException closedException() {
    return new JournalUnavailableException("The journal in %s is closed.".formatted(journal));
  }
}
