package io.holdfast.master.history;

import akka.NotUsed;
import akka.actor.typed.ActorSystem;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import akka.persistence.query.PersistenceQuery;
import akka.persistence.query.Sequence;
import akka.persistence.query.javadsl.CurrentEventsByTagQuery;
import akka.persistence.query.javadsl.EventsByTagQuery;
import akka.persistence.query.javadsl.ReadJournal;
import akka.projection.javadsl.SourceProvider;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import io.holdfast.persistence.UnknownOffsetException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * The events of one stream, from the journal: first those that are there, then, without an end,
 * those that come.
 */
final class HistoryEvents extends SourceProvider<Offset, EventEnvelope> {
  private final Journal journal;
  private final HistoryStream stream;
  private final AtomicLong taken;
  private final LongConsumer end;

  /**
   * @param taken set to where the events begin, each time the projection begins anew
   * @param end told the place of the last event that was there, once all of them were read; again
   *     each time the projection begins anew
   */
  HistoryEvents(Journal journal, HistoryStream stream, AtomicLong taken, LongConsumer end) {
    this.journal = journal;
    this.stream = stream;
    this.taken = taken;
    this.end = end;
  }

  /** What the history needs of a journal. */
  record Journal(
      ActorSystem<?> system, CurrentEventsByTagQuery present, EventsByTagQuery following) {
    /**
     * The journal of a query plugin.
     *
     * @param plugin its section in the configuration
     */
    static Journal of(ActorSystem<?> system, String plugin) {
      ReadJournal journal =
          PersistenceQuery.get(system).getReadJournalFor(ReadJournal.class, plugin);
      return new Journal(system, (CurrentEventsByTagQuery) journal, (EventsByTagQuery) journal);
    }

    /** Whether the journal has, at its place, the event that a stream has taken in last. */
    CompletionStage<Boolean> has(HistoryStream stream, HistoryState.Mark mark) {
      return present
          .currentEventsByTag(stream.tag(), after(mark.place() - 1))
          .runWith(Sink.headOption(), system)
          .thenApply(first -> first.filter(event -> is(event, mark)).isPresent())
          .exceptionally(Journal::isNotUnknown);
    }

    private static boolean isNotUnknown(Throwable failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof UnknownOffsetException) {
          return false;
        }
      }
      throw new CompletionException(failure);
    }

    private static boolean is(EventEnvelope event, HistoryState.Mark mark) {
      return HistoryHandler.place(event) == mark.place()
          && event.persistenceId().equals(mark.persistenceId())
          && event.sequenceNr() == mark.sequenceNr();
    }
  }

  private static Offset after(long place) {
    return place > 0 ? Offset.sequence(place) : Offset.noOffset();
  }

  @Override
  public CompletionStage<Source<EventEnvelope, NotUsed>> source(
      Supplier<CompletionStage<Optional<Offset>>> stored) {
    return stored
        .get()
        .thenApply(offset -> from(offset.map(taken -> ((Sequence) taken).value()).orElse(0L)));
  }

  private Source<EventEnvelope, NotUsed> from(long place) {
    taken.set(place);
    AtomicLong last = new AtomicLong(place);
    Source<EventEnvelope, NotUsed> present =
        journal
            .present()
            .currentEventsByTag(stream.tag(), after(place))
            .map(
                event -> {
                  last.set(HistoryHandler.place(event));
                  return event;
                });
    Source<EventEnvelope, ?> following =
        Source.lazySource(
            () -> {
              end.accept(last.get());
              return journal.following().eventsByTag(stream.tag(), after(last.get()));
            });
    return present.concatLazy(following);
  }

  @Override
  public Offset extractOffset(EventEnvelope event) {
    return event.offset();
  }

  @Override
  public long extractCreationTime(EventEnvelope event) {
    return event.timestamp();
  }
}
