package io.holdfast.persistence;

import akka.dispatch.Futures;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.persistence.journal.japi.AsyncWriteJournal;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.Future;
import scala.concurrent.Promise;

/**
 * Akka's journal plugin {@code holdfast.journal.leveldb}: hands everything to the actor system's
 * {@link JournalStore}. Akka makes one such actor; it serializes events, and waits for nothing.
 */
public final class LevelDbJournal extends AsyncWriteJournal {
  private static final Logger LOG = LoggerFactory.getLogger(LevelDbJournal.class);

  private final JournalStore journal;

  /** Opens the journal, unless it is open already. */
  public LevelDbJournal() {
    try {
      journal = JournalStore.get(context().system());
    } catch (RuntimeException e) {
      LOG.error("No actor can recover or persist, there is no journal: {}", e.getMessage(), e);
      throw e;
    }
  }

  @Override
  public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(
      Iterable<AtomicWrite> messages) {
    return asScala(journal.write(messages));
  }

  @Override
  public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
    return asScala(journal.delete(persistenceId, toSequenceNr));
  }

  @Override
  public Future<Void> doAsyncReplayMessages(
      String persistenceId,
      long fromSequenceNr,
      long toSequenceNr,
      long max,
      Consumer<PersistentRepr> replayCallback) {
    return asScala(
        journal.replay(persistenceId, fromSequenceNr, toSequenceNr, max, replayCallback));
  }

  @Override
  public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
    return asScala(journal.highestSequenceNr(persistenceId));
  }

  private static <T> Future<T> asScala(CompletableFuture<? extends T> stage) {
    Promise<T> promise = Futures.promise();
    var unused =
        stage.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                promise.success(value);
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
