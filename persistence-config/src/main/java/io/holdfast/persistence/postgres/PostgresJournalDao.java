package io.holdfast.persistence.postgres;

import akka.NotUsed;
import akka.actor.Scheduler;
import akka.dispatch.Futures;
import akka.japi.Pair;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.persistence.jdbc.config.JournalConfig;
import akka.persistence.jdbc.journal.dao.JournalDao;
import akka.serialization.Serialization;
import akka.stream.Materializer;
import akka.stream.OverflowStrategy;
import akka.stream.javadsl.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import scala.Option;
import scala.Tuple2;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.Promise;
import scala.concurrent.duration.FiniteDuration;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;
import scala.util.Failure;
import scala.util.Success;
import scala.util.Try;
import slick.jdbc.JdbcBackend;
import slick.jdbc.JdbcProfile;

/**
 * What akka-persistence-jdbc's journal calls in the place of its own access to the tables: hands
 * everything to the actor system's {@link PostgresStore}. Its own would not notice an event that is
 * altered or missing, and one refused write would fail all that were written with it. Named in
 * {@code holdfast-postgres.conf}.
 */
public final class PostgresJournalDao implements JournalDao {
  private static final long PIECE = 1000;

  private final PostgresStore store;

  /** For akka-persistence-jdbc, which asks for exactly these. */
  public PostgresJournalDao(
      JdbcBackend.DatabaseDef database,
      JdbcProfile profile,
      JournalConfig config,
      Serialization serialization,
      ExecutionContext executor,
      Materializer materializer) {
    store = PostgresStore.get(materializer.system());
  }

  @Override
  public Future<scala.collection.immutable.Seq<Try<BoxedUnit>>> asyncWriteMessages(
      scala.collection.immutable.Seq<AtomicWrite> messages) {
    return asScala(
        store.write(CollectionConverters.asJava(messages)), PostgresJournalDao::outcomes);
  }

  private static scala.collection.immutable.Seq<Try<BoxedUnit>> outcomes(
      List<Optional<Exception>> rejections) {
    List<Try<BoxedUnit>> outcomes = new ArrayList<>();
    for (Optional<Exception> rejection : rejections) {
      outcomes.add(
          rejection.isPresent() ? new Failure<>(rejection.get()) : new Success<>(BoxedUnit.UNIT));
    }
    return CollectionConverters.asScala(outcomes).toList();
  }

  @Override
  public Future<BoxedUnit> delete(String persistenceId, long toSequenceNr) {
    return asScala(store.delete(persistenceId, toSequenceNr), unused -> BoxedUnit.UNIT);
  }

  @Override
  public Future<Object> highestSequenceNr(String persistenceId, long fromSequenceNr) {
    return asScala(store.highestSequenceNr(persistenceId), highest -> highest);
  }

  @Override
  public akka.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed> messages(
      String persistenceId, long fromSequenceNr, long toSequenceNr, long max) {
    return source(persistenceId, fromSequenceNr, toSequenceNr).take(max).asScala();
  }

  /**
   * The journal reads what is there now; only a live query would be refreshed, and that is not read
   * through this.
   */
  @Override
  public akka.stream.scaladsl.Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed>
      messagesWithBatch(
          String persistenceId,
          long fromSequenceNr,
          long toSequenceNr,
          int batchSize,
          Option<Tuple2<FiniteDuration, Scheduler>> refreshInterval) {
    if (refreshInterval.isDefined()) {
      throw new UnsupportedOperationException("live queries are of the read journal");
    }
    return source(persistenceId, fromSequenceNr, toSequenceNr).asScala();
  }

  private Source<Try<Tuple2<PersistentRepr, Object>>, NotUsed> source(
      String id, long from, long to) {
    return Source.unfoldAsync(Optional.of(Math.max(1, from)), next -> piece(id, next, to))
        // The next piece is on its way while the one before it is handed over.
        .buffer(1, OverflowStrategy.backpressure())
        .mapConcat(events -> events);
  }

  /** The events from a number on, and where to go on; an empty number: it is read to the end. */
  private CompletionStage<Optional<Pair<Optional<Long>, List<Try<Tuple2<PersistentRepr, Object>>>>>>
      piece(String id, Optional<Long> from, long to) {
    if (from.isEmpty() || from.get() > to) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    // Not thenApply, which would wrap what the journal says.
    CompletableFuture<Optional<Pair<Optional<Long>, List<Try<Tuple2<PersistentRepr, Object>>>>>>
        done = new CompletableFuture<>();
    var unused =
        store
            .replay(id, from.get(), to, PIECE)
            .whenComplete(
                (piece, failure) -> {
                  if (failure == null) {
                    done.complete(Optional.of(next(piece)));
                  } else {
                    done.completeExceptionally(failure);
                  }
                });
    return done;
  }

  private static Pair<Optional<Long>, List<Try<Tuple2<PersistentRepr, Object>>>> next(
      PostgresStore.Replayed piece) {
    List<PersistentRepr> events = piece.events();
    Optional<Long> next =
        piece.last() || events.isEmpty()
            ? Optional.empty()
            : Optional.of(events.get(events.size() - 1).sequenceNr() + 1);
    return Pair.create(next, events.stream().map(PostgresJournalDao::numbered).toList());
  }

  /** The journal makes no use of the second of the pair, the number in the order of all events. */
  private static Try<Tuple2<PersistentRepr, Object>> numbered(PersistentRepr event) {
    return new Success<>(Tuple2.apply(event, 0L));
  }

  private static <T, U> Future<U> asScala(CompletableFuture<T> stage, Function<T, U> convert) {
    Promise<U> promise = Futures.promise();
    var unused =
        stage.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                promise.success(convert.apply(value));
              } else {
                promise.failure(
                    failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure);
              }
            });
    return promise.future();
  }
}
