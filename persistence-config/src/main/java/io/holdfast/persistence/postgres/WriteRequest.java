package io.holdfast.persistence.postgres;

import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What waits for the writer: events of one persistence id that are committed together, or a
 * deletion.
 */
sealed interface WriteRequest {
  String id();

  /** Bytes of payload. */
  long bytes();

  /** Nothing of it was done, or it is not known whether. */
  void fail(Throwable why);

  /**
   * Events with the numbers {@code first} to {@code last}. A rejected one has a number and no row.
   *
   * @param outcomes for each atomic write: empty, or why it was rejected
   */
  record Append(
      String id,
      long first,
      long last,
      List<EventRow> rows,
      long bytes,
      List<Optional<Exception>> outcomes,
      CompletableFuture<List<Optional<Exception>>> done)
      implements WriteRequest {

    /**
     * Serializes atomic writes of one persistence id.
     *
     * @throws IllegalArgumentException when they are of several, or their numbers have a gap
     */
    static Append of(Iterable<AtomicWrite> writes, RowCodec codec) {
      List<EventRow> rows = new ArrayList<>();
      List<Optional<Exception>> outcomes = new ArrayList<>();
      String id = "";
      long first = 0;
      long last = 0;
      for (AtomicWrite write : writes) {
        List<PersistentRepr> events = CollectionConverters.asJava(write.payload());
        for (PersistentRepr event : events) {
          if (first == 0) {
            id = event.persistenceId();
            first = event.sequenceNr();
            last = first - 1;
          }
          if (!event.persistenceId().equals(id) || event.sequenceNr() != last + 1) {
            throw new IllegalArgumentException(
                "Event %d of '%s' cannot follow event %d of '%s' in one write."
                    .formatted(event.sequenceNr(), event.persistenceId(), last, id));
          }
          last = event.sequenceNr();
        }
        outcomes.add(serialize(events, codec, rows));
      }
      long bytes = rows.stream().mapToLong(row -> row.payload().length).sum();
      return new Append(id, first, last, rows, bytes, outcomes, new CompletableFuture<>());
    }

    private static Optional<Exception> serialize(
        List<PersistentRepr> events, RowCodec codec, List<EventRow> rows) {
      List<EventRow> made = new ArrayList<>();
      try {
        for (PersistentRepr event : events) {
          made.add(codec.row(event));
        }
      } catch (Exception e) {
        boolean known = e instanceof NotSerializableException;
        return Optional.of(known ? e : new IllegalArgumentException(e.getMessage(), e));
      }
      rows.addAll(made);
      return Optional.empty();
    }

    @Override
    public void fail(Throwable why) {
      done.completeExceptionally(why);
    }
  }

  /** Deletes the events of an id up to a number. */
  record Delete(String id, long toSequenceNr, CompletableFuture<Void> done)
      implements WriteRequest {
    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public void fail(Throwable why) {
      done.completeExceptionally(why);
    }
  }
}
