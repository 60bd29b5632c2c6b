package io.holdfast.persistence.query;

import akka.NotUsed;
import akka.actor.ExtendedActorSystem;
import akka.japi.Pair;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import akka.persistence.query.Sequence;
import akka.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import akka.persistence.query.javadsl.CurrentEventsByTagQuery;
import akka.persistence.query.javadsl.CurrentPersistenceIdsQuery;
import akka.persistence.query.javadsl.EventsByPersistenceIdQuery;
import akka.persistence.query.javadsl.EventsByTagQuery;
import akka.stream.javadsl.Source;
import io.holdfast.persistence.EventPage;
import io.holdfast.persistence.JournalQueries;
import io.holdfast.persistence.JournalStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The queries over the embedded journal.
 *
 * <p>Each event has the tag that is the kind of its persistence id ({@code job} for {@code
 * job|nightly}), and those that it was given. An offset is a {@link Sequence}: the position of the
 * event in the order of all events. Begin with the offset of the last event that was dealt with, or
 * with {@link Offset#noOffset()}. Offsets outlive restarts, and none is ever given to a second
 * event.
 *
 * <p>Events that were deleted, or rejected when they were to be written, are passed over. Whatever
 * is not as it was written fails the stream, with the place; so does the end of the actor system.
 */
public final class LevelDbReadJournal
    implements CurrentPersistenceIdsQuery,
        CurrentEventsByPersistenceIdQuery,
        EventsByPersistenceIdQuery,
        CurrentEventsByTagQuery,
        EventsByTagQuery {
  /** The section of the plugin's settings, by which Akka finds it. */
  public static final String IDENTIFIER = "holdfast.journal.leveldb.query";

  private static final int IDS_AT_ONCE = 1000;

  private final ExtendedActorSystem system;
  private final QuerySettings settings;

  LevelDbReadJournal(ExtendedActorSystem system, QuerySettings settings) {
    this.system = system;
    this.settings = settings;
  }

  /** The ids that have events, in the order of their UTF-8 bytes. */
  @Override
  public Source<String, NotUsed> currentPersistenceIds() {
    return Source.unfoldAsync("", this::idsAfter).mapConcat(ids -> ids);
  }

  private CompletionStage<Optional<Pair<String, List<String>>>> idsAfter(String after) {
    return queries()
        .ids(after, IDS_AT_ONCE)
        .thenApply(
            ids ->
                ids.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Pair.create(ids.get(ids.size() - 1), ids)));
  }

  /** The events that an id has now, from one sequence number to another, both included. */
  @Override
  public Source<EventEnvelope, NotUsed> currentEventsByPersistenceId(
      String persistenceId, long from, long to) {
    return Source.fromGraph(new PagedEvents(ofId(persistenceId, from, to), false, settings));
  }

  /** The same, and those that are written later; it ends with the event {@code to}. */
  @Override
  public Source<EventEnvelope, NotUsed> eventsByPersistenceId(
      String persistenceId, long from, long to) {
    return Source.fromGraph(new PagedEvents(ofId(persistenceId, from, to), true, settings));
  }

  /** The events with a tag that there are now, behind an offset. */
  @Override
  public Source<EventEnvelope, NotUsed> currentEventsByTag(String tag, Offset offset) {
    return Source.fromGraph(new PagedEvents(ofTag(tag, offset), false, settings));
  }

  /** The same, and those that are written later; it has no end. */
  @Override
  public Source<EventEnvelope, NotUsed> eventsByTag(String tag, Offset offset) {
    return Source.fromGraph(new PagedEvents(ofTag(tag, offset), true, settings));
  }

  private JournalQueries queries() {
    return JournalStore.get(system).queries();
  }

  private static long position(Offset offset) {
    if (offset.equals(Offset.noOffset())) {
      return 0;
    }
    if (offset instanceof Sequence sequence && sequence.value() >= 0) {
      return sequence.value();
    }
    throw new IllegalArgumentException(
        "The offset is %s; this journal knows NoOffset, and Sequence from 0 on.".formatted(offset));
  }

  private PagedEvents.Query ofTag(String tag, Offset offset) {
    long begin = position(offset);
    return new PagedEvents.Query() {
      @Override
      public CompletionStage<PagedEvents.Range> begin(boolean live) {
        return queries()
            .highestPosition(begin)
            .thenApply(highest -> new PagedEvents.Range(begin, live ? Long.MAX_VALUE : highest));
      }

      @Override
      public CompletionStage<EventPage> read(long reached, long upTo, int most) {
        return queries().byTag(tag, reached, upTo, most);
      }

      @Override
      public JournalQueries.Following follow(JournalQueries.Listener listener) {
        return queries().followTag(tag, listener);
      }
    };
  }

  private PagedEvents.Query ofId(String id, long from, long to) {
    return new PagedEvents.Query() {
      @Override
      public CompletionStage<PagedEvents.Range> begin(boolean live) {
        return queries()
            .highestSequenceNr(id)
            .thenApply(
                highest ->
                    new PagedEvents.Range(
                        Math.max(1, from) - 1, live ? to : Math.min(to, highest)));
      }

      @Override
      public CompletionStage<EventPage> read(long reached, long upTo, int most) {
        return queries().byId(id, reached + 1, upTo, most);
      }

      @Override
      public JournalQueries.Following follow(JournalQueries.Listener listener) {
        return queries().followId(id, listener);
      }
    };
  }
}
