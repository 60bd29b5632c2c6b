package io.holdfast.persistence;

import akka.actor.ClassicActorSystemProvider;
import akka.actor.ExtendedActorSystem;
import akka.actor.Extension;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.serialization.SerializationExtension;
import io.holdfast.persistence.CommitQueue.Delete;
import io.holdfast.persistence.CommitQueue.Event;
import io.holdfast.persistence.CommitQueue.Write;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The open journal of an actor system: what {@link LevelDbJournal} writes to and reads from, and
 * what others ask for the ids that have events. Get it with {@link #get}.
 *
 * <p>It is open from the first {@code get} until the actor system has terminated: after its actors
 * have stopped and before its {@code whenTerminated} completes. What waits to be written then is
 * written first; what cannot be within {@code close-timeout} fails.
 *
 * <p>Every method may be called from any thread and returns at once. What cannot be done fails the
 * returned stage: with {@link JournalBusyException} when too much is waiting, {@link
 * JournalUnavailableException} after the end, {@link JournalDamagedException} when what is on disk
 * is not what was written.
 */
public final class JournalStore implements Extension {
  private static final Logger LOG = LoggerFactory.getLogger(JournalStore.class);

  private final JournalSettings settings;
  private final LevelDbStore store;
  private final CommitQueue queue;
  private final GroupCommitter committer;
  private final EventCodec codec;
  private final JournalReader reader;
  private final CommitNews news;
  private final JournalQueries queries;
  private final ReadPool readers;
  private final AtomicBoolean closed = new AtomicBoolean();

  private JournalStore(JournalSettings settings, LevelDbStore store, EventCodec codec) {
    this.settings = settings;
    this.store = store;
    this.codec = codec;
    this.queue =
        new CommitQueue(
            store.directory().toString(), settings.maxWaitingWrites(), settings.maxWaitingBytes());
    this.news = new CommitNews(store.directory().toString());
    this.committer = new GroupCommitter(store, queue, news, settings.maxBatchBytes());
    this.reader = new JournalReader(store, codec);
    this.queries = new JournalQueries(this, reader, new TagReader(store, codec), news);
    this.readers = new ReadPool(store.directory().toString(), settings);
  }

  /**
   * The system's journal, which the first call opens.
   *
   * <p>A program calls this before it starts its actors: a directory that is in use, not writable
   * or damaged then ends the start with a message. Left to the plugin, the same message stands in
   * the log, and all that the actors see is that their recovery timed out.
   *
   * @throws JournalUnavailableException when it cannot be opened, saying why and what to do
   * @throws JournalDamagedException when events are missing from it
   */
  public static JournalStore get(ClassicActorSystemProvider system) {
    return JournalExtension.ID.apply(system);
  }

  /** Opens the journal for a system, until it terminates. */
  static JournalStore open(ExtendedActorSystem system) {
    JournalSettings settings = JournalSettings.of(system.settings().config());
    return open(system, settings, LevelDbOpener.choose(settings.preferNative()));
  }

  /** The same, with other settings and another LevelDB. */
  static JournalStore open(
      ExtendedActorSystem system, JournalSettings settings, LevelDbOpener opener) {
    return open(system, settings, opener, Disk.REAL);
  }

  /** The same, with another disk for the high-water mark. */
  static JournalStore open(
      ExtendedActorSystem system, JournalSettings settings, LevelDbOpener opener, Disk disk) {
    EventCodec codec = new EventCodec(SerializationExtension.get(system), settings.maxEventBytes());
    LevelDbStore store =
        LevelDbStore.open(settings.directory(), opener, disk, settings.minFreeSpace());
    JournalStore journal = new JournalStore(settings, store, codec);
    journal.committer.start();
    LOG.info(
        "The journal in {} is open: commit {}, {} ids with events.",
        store.directory(),
        store.marks().newest(),
        store.marks().idsWithEvents());
    try {
      system.registerOnTermination(journal::close);
    } catch (RejectedExecutionException e) {
      journal.close();
      throw e;
    }
    return journal;
  }

  /** Where the journal is. */
  public Path directory() {
    return store.directory();
  }

  /**
   * The persistence ids that begin with {@code prefix} and have events, in the order of their UTF-8
   * bytes. An id all of whose events are deleted is not among them, though its highest number is
   * remembered.
   */
  public CompletionStage<List<String>> persistenceIds(String prefix) {
    return afterPendingWrites(() -> reader.persistenceIds(prefix));
  }

  /** What queries read, and how they learn that there is more. */
  public JournalQueries queries() {
    return queries;
  }

  /**
   * The highest position that was ever given to an event, once what was asked to be written before
   * is on disk.
   */
  CompletableFuture<Long> highestPosition() {
    return afterPendingWrites(() -> committer.marks().positions());
  }

  /** See {@link JournalReader#highestSequenceNr}; counts in what was asked to be written before. */
  CompletableFuture<Long> highestSequenceNr(String id) {
    return afterPendingWrites(() -> reader.highestSequenceNr(id));
  }

  /**
   * What is at a place of the history of an id, at once and on the caller's thread.
   *
   * @throws JournalDamagedException when the event there is not what was written
   */
  public Footing footing(String persistenceId, long sequenceNr) {
    return reader.footing(persistenceId, sequenceNr);
  }

  /**
   * Whether {@code bytes} may be written beside the journal: nobody else may take the room that it
   * needs.
   *
   * @throws JournalUnavailableException when less than {@code min-free-space} would be left
   */
  public void requireRoom(Path folder, long bytes) {
    FreeSpace.measure(folder, settings.minFreeSpace()).takeForEvents(bytes);
  }

  /** See {@link JournalReader#replay}. {@code consumer} is called on one of the reading threads. */
  CompletableFuture<Void> replay(
      String id, long from, long to, long max, Consumer<PersistentRepr> consumer) {
    return read(
        () -> {
          reader.replay(id, from, to, max, consumer);
          return null;
        });
  }

  /** Reads on one of the reading threads, without waiting for what is being written. */
  <T> CompletableFuture<T> read(Supplier<T> reading) {
    CompletableFuture<T> result = new CompletableFuture<>();
    readers.submit(reading, result);
    return result.whenComplete(
        (read, failure) -> {
          if (failure != null) {
            committer.mend();
          }
        });
  }

  /**
   * Writes what one actor wrote in a row: all of it, or nothing and a failed future. A write with
   * an event that cannot be serialized is rejected, alone.
   *
   * @return for each write, what it was rejected with
   */
  CompletableFuture<List<Optional<Exception>>> write(Iterable<AtomicWrite> writes) {
    List<Optional<Exception>> outcomes = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    for (AtomicWrite write : writes) {
      try {
        JournalKeys.requireValid(write.persistenceId());
      } catch (IllegalArgumentException e) {
        return CompletableFuture.failedFuture(e);
      }
      outcomes.add(encode(write, events));
    }
    long bytes = 0;
    for (Event event : events) {
      bytes += event.body().length;
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    try {
      queue.put(new Write(events, outcomes.size(), bytes, written));
    } catch (JournalException e) {
      return CompletableFuture.failedFuture(e);
    }
    return written.thenApply(nothing -> outcomes);
  }

  /** Deletes an id's events up to {@code upTo}, for good. */
  CompletableFuture<Void> delete(String id, long upTo) {
    CompletableFuture<Void> deleted = new CompletableFuture<>();
    try {
      queue.put(new Delete(id, upTo, deleted));
    } catch (JournalException e) {
      return CompletableFuture.failedFuture(e);
    }
    return deleted;
  }

  private Optional<Exception> encode(AtomicWrite write, List<Event> events) {
    String id = write.persistenceId();
    List<PersistentRepr> payload = CollectionConverters.asJava(write.payload());
    List<Event> encoded = new ArrayList<>(payload.size());
    try {
      for (PersistentRepr event : payload) {
        EventTags tags = EventTags.of(event);
        encoded.add(new Event(id, event.sequenceNr(), codec.encode(event, tags), tags.all()));
      }
      events.addAll(encoded);
      return Optional.empty();
    } catch (Exception e) {
      LOG.error("An event of persistence id '{}' is rejected, it cannot be serialized.", id, e);
      for (PersistentRepr event : payload) {
        events.add(new Event(id, event.sequenceNr(), EventCodec.rejected(event, e), Set.of()));
      }
      return Optional.of(e);
    }
  }

  private <T> CompletableFuture<T> afterPendingWrites(Supplier<T> reading) {
    CompletableFuture<T> result = new CompletableFuture<>();
    CompletableFuture<Void> written;
    try {
      written = committer.barrier();
    } catch (JournalException e) {
      return CompletableFuture.failedFuture(e);
    }
    var unused =
        written.whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else {
                readers.submit(reading, result);
              }
            });
    return result;
  }

  /**
   * Commits what waits, ends the threads and gives the directory up. A second call does nothing.
   */
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    long deadline = System.nanoTime() + settings.closeTimeout().toNanos();
    news.close();
    boolean ended = committer.close(settings.closeTimeout());
    ended &= readers.close(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    if (!ended) {
      // Closing a native store under a thread that uses it would end the process.
      LOG.error(
          "The journal in {} is still in use after {}; it stays open until the process ends.",
          directory(),
          settings.closeTimeout());
      return;
    }
    store.close();
    LOG.info("The journal in {} is closed.", directory());
  }
}
