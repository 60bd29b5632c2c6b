package io.holdfast.persistence;

import akka.actor.Actor;
import akka.actor.ActorSystem;
import akka.actor.ExtendedActorSystem;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.WriteOptions;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Opens journals in a directory, without the plugin's actor around them, and closes what a test
 * leaves open.
 */
final class JournalFixture implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  private final ActorSystem system =
      ActorSystem.create("fixture", PersistenceConfig.withDefaults(ConfigFactory.empty()));
  private final List<JournalStore> opened = new ArrayList<>();

  JournalStore open(Path directory, Flavour flavour) {
    return open(settings(directory), flavour.opener());
  }

  JournalStore open(JournalSettings settings, LevelDbOpener opener) {
    return open(settings, opener, Disk.REAL);
  }

  JournalStore open(JournalSettings settings, LevelDbOpener opener, Disk disk) {
    JournalStore journal = JournalStore.open((ExtendedActorSystem) system, settings, opener, disk);
    opened.add(journal);
    return journal;
  }

  static JournalSettings settings(Path directory) {
    return settings(directory, 10_000, 1 << 28);
  }

  static JournalSettings settings(Path directory, int maxWaitingWrites, long maxWaitingBytes) {
    return new JournalSettings(
        directory,
        true,
        0,
        maxWaitingWrites,
        maxWaitingBytes,
        8 << 20,
        16 << 20,
        2,
        10_000,
        Duration.ofSeconds(8));
  }

  /** The same as usual, but for the room that it leaves. */
  static JournalSettings withMinFreeSpace(Path directory, long bytes) {
    JournalSettings usual = settings(directory);
    return new JournalSettings(
        directory,
        true,
        bytes,
        usual.maxWaitingWrites(),
        usual.maxWaitingBytes(),
        usual.maxBatchBytes(),
        usual.maxEventBytes(),
        usual.readThreads(),
        usual.maxWaitingReads(),
        usual.closeTimeout());
  }

  static AtomicWrite event(String id, long sequenceNr, Object payload) {
    return new AtomicWrite(
        CollectionConverters.asScala(List.of(repr(id, sequenceNr, payload))).toList());
  }

  /** An event that no entry of {@link HighWater} has room for: LevelDB gets it at once. */
  static AtomicWrite large(String id, long sequenceNr) {
    return event(id, sequenceNr, id + "-" + sequenceNr + " " + "x".repeat(HighWaterSectors.BYTES));
  }

  static AtomicWrite events(String id, long from, Object... payloads) {
    List<PersistentRepr> all = new ArrayList<>();
    for (int i = 0; i < payloads.length; i++) {
      all.add(repr(id, from + i, payloads[i]));
    }
    return new AtomicWrite(CollectionConverters.asScala(all).toList());
  }

  private static PersistentRepr repr(String id, long sequenceNr, Object payload) {
    return PersistentRepr.apply(payload, sequenceNr, id, "", false, Actor.noSender(), "writer-1");
  }

  /**
   * Writes events {@code from} to {@code to} of an id, each for itself; their payload is
   * "id-number".
   */
  static List<Optional<Exception>> write(JournalStore journal, String id, long from, long to) {
    return await(
        journal.write(
            LongStream.rangeClosed(from, to).mapToObj(n -> event(id, n, id + "-" + n)).toList()));
  }

  static List<Object> replay(JournalStore journal, String id) {
    return replay(journal, id, 0, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  static List<Object> replay(JournalStore journal, String id, long from, long to, long max) {
    List<Object> payloads = new ArrayList<>();
    Consumer<PersistentRepr> collect = event -> payloads.add(event.payload());
    await(journal.replay(id, from, to, max, collect));
    return payloads;
  }

  /** Position, persistence id, number and payload of all events with a tag, as one text each. */
  static List<String> tagged(JournalStore journal, String tag) {
    return taggedAfter(journal, tag, 0);
  }

  /** The same, of those behind a position; read in small pages. */
  static List<String> taggedAfter(JournalStore journal, String tag, long position) {
    List<String> all = new ArrayList<>();
    EventPage page = new EventPage(List.of(), position, true);
    while (page.more()) {
      page = await(journal.queries().byTag(tag, page.reached(), Long.MAX_VALUE, 7));
      for (EventPage.Found found : page.events()) {
        PersistentRepr event = found.event();
        all.add(
            "%d %s %d %s"
                .formatted(
                    found.position(), event.persistenceId(), event.sequenceNr(), event.payload()));
      }
    }
    return all;
  }

  static List<Object> payloads(String id, long from, long to) {
    return LongStream.rangeClosed(from, to).<Object>mapToObj(n -> id + "-" + n).toList();
  }

  static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new AssertionError("not in time", e);
    }
  }

  /** What a killed process would leave behind: the files as they are while the journal is open. */
  static Path copy(Path from, Path to) {
    try (Stream<Path> files = Files.list(from)) {
      Files.createDirectories(to);
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Changes what is stored under a key, behind the journal's back; null deletes it. */
  static void tamper(Path directory, Flavour flavour, byte[] key, Consumer<byte[]> change) {
    try (DB db = flavour.opener().open(directory.toFile())) {
      byte[] value = db.get(key);
      if (value == null) {
        throw new AssertionError("no such key");
      }
      if (change == null) {
        db.delete(key, new WriteOptions().sync(true));
      } else {
        change.accept(value);
        db.put(key, value, new WriteOptions().sync(true));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    opened.forEach(JournalStore::close);
    TestKit.shutdownActorSystem(system);
  }
}
