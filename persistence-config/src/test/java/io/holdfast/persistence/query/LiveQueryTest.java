package io.holdfast.persistence.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.NotUsed;
import akka.actor.ActorSystem;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import akka.persistence.query.PersistenceQuery;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.SinkQueueWithCancel;
import akka.stream.javadsl.Source;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.EventPage;
import io.holdfast.persistence.JournalBusyException;
import io.holdfast.persistence.JournalCut;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalQueries;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.contract.JournalClient;
import io.holdfast.testing.journal.DamagedLog;
import io.holdfast.testing.journal.LargeCommit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a query that cannot go on, and what is left of one that has ended. */
class LiveQueryTest {
  @TempDir Path folder;

  private Path directory;

  private JournalClient journal;
  private LevelDbReadJournal queries;
  private ActorSystem other;

  @BeforeEach
  void open() {
    directory = folder.resolve("journal");
    journal =
        new JournalClient(
            PersistenceConfig.withDefaults(
                ConfigFactory.parseString(
                    "holdfast.journal.leveldb { dir = \"%s\", query.page-events = 3 }"
                        .formatted(directory))));
    queries =
        PersistenceQuery.get(journal.system())
            .getReadJournalFor(LevelDbReadJournal.class, LevelDbReadJournal.IDENTIFIER);
    other = ActorSystem.create("other", PersistenceConfig.withDefaults(ConfigFactory.empty()));
  }

  @AfterEach
  void close() {
    journal.close();
    TestKit.shutdownActorSystem(other);
  }

  private Source<EventEnvelope, NotUsed> jobs(long offset) {
    return queries.eventsByTag("job", Offset.sequence(offset));
  }

  private static Throwable failure(CompletionStage<?> stage) throws Exception {
    try {
      return new AssertionError(
          "it ended with " + stage.toCompletableFuture().get(60, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void failsWhenTheJournalIsClosed() throws Exception {
    journal.fill("job|a", 1, 2);
    // They run in an actor system that lives on.
    var idle = jobs(2).runWith(Sink.ignore(), other);
    var ofId =
        queries.eventsByPersistenceId("job|b", 0, Long.MAX_VALUE).runWith(Sink.ignore(), other);
    var heard = jobs(0).take(2).runWith(Sink.seq(), other);
    assertThat(heard.toCompletableFuture().get(60, TimeUnit.SECONDS)).hasSize(2);
    JournalQueries store = JournalStore.get(journal.system()).queries();
    journal.close();

    assertThat(failure(idle))
        .isInstanceOf(JournalUnavailableException.class)
        .hasMessageContaining("is closed");
    assertThat(failure(ofId)).isInstanceOf(JournalUnavailableException.class);
    assertThat(failure(store.byTag("job", 0, 10, 10)))
        .isInstanceOf(JournalUnavailableException.class);
    assertThatThrownBy(() -> store.followTag("job", new Deaf()))
        .isInstanceOf(JournalUnavailableException.class);
  }

  @Test
  void readsOnAsFastAsItsReaderAndEndsWhenItIsCancelled() throws Exception {
    journal.fill("job|a", 1, 10);
    SinkQueueWithCancel<EventEnvelope> reader =
        jobs(0).runWith(Sink.<EventEnvelope>queue(1), other);
    for (int n = 1; n <= 2; n++) {
      assertThat(next(reader)).isEqualTo("job|a-" + n);
    }
    journal.fill("job|a", 11, 12);
    for (int n = 3; n <= 12; n++) {
      assertThat(next(reader)).isEqualTo("job|a-" + n);
    }
    reader.cancel();
    for (int i = 0; i < 30; i++) {
      SinkQueueWithCancel<EventEnvelope> another =
          jobs(i % 12).runWith(Sink.<EventEnvelope>queue(1), other);
      assertThat(next(another)).isEqualTo("job|a-" + (i % 12 + 1));
      another.cancel();
    }
    // None of them takes a place among those that follow any more.
    JournalQueries store = JournalStore.get(journal.system()).queries();
    List<JournalQueries.Following> all = new ArrayList<>();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(
            () -> {
              while (all.size() < 1000) {
                all.add(store.followTag("job", new Deaf()));
              }
              return true;
            });
  }

  @Test
  void readsAcrossACutByTagAndById() throws Exception {
    for (int n = 1; n <= 8; n++) {
      journal.fill("job|a", n, n);
      // LevelDB gets each by itself.
      LargeCommit.write(journal.system(), "other", n, "x".repeat(5000));
    }
    journal.close();
    DamagedLog.behind(directory, "job|a-5");
    long cut = JournalRepair.of(directory).cuts().get(0).number();
    open();
    journal.fill("job|a", cut + 1, cut + 5);

    List<EventEnvelope> byTag = all(queries.currentEventsByTag("job", Offset.noOffset()));
    assertThat(byTag)
        .extracting(EventEnvelope::sequenceNr)
        .containsExactly(1L, 2L, 3L, 4L, cut, cut + 1, cut + 2, cut + 3, cut + 4, cut + 5);
    assertThat(byTag.get(4).event())
        .isInstanceOfSatisfying(
            JournalCut.class, found -> assertThat(found.readableTo()).isEqualTo(4));
    List<EventEnvelope> byId =
        all(queries.eventsByPersistenceId("job|a", 0, Long.MAX_VALUE).take(10));
    assertThat(byId).isEqualTo(byTag);
    assertThat(all(queries.currentEventsByPersistenceId("job|a", 6, cut)))
        .isEqualTo(byTag.subList(4, 5));
    assertThat(all(queries.currentEventsByPersistenceId("job|a", 6, 100))).isEmpty();
    assertThat(all(queries.eventsByTag("job", byTag.get(3).offset()).take(6)))
        .isEqualTo(byTag.subList(4, 10));
  }

  private List<EventEnvelope> all(Source<EventEnvelope, NotUsed> source) throws Exception {
    return source.runWith(Sink.seq(), other).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static Object next(SinkQueueWithCancel<EventEnvelope> reader) throws Exception {
    return reader.pull().toCompletableFuture().get(60, TimeUnit.SECONDS).orElseThrow().event();
  }

  private static final class Deaf implements JournalQueries.Listener {
    @Override
    public void news() {}

    @Override
    public void closed(JournalUnavailableException why) {}
  }

  @Test
  void onlySoManyFollowAtOnceAndWhoEndsMakesRoom() throws Exception {
    JournalQueries store = JournalStore.get(journal.system()).queries();
    List<JournalQueries.Following> all = new ArrayList<>();
    for (int i = 0; i < 999; i++) {
      all.add(store.followTag("job", new Deaf()));
    }
    var last = jobs(0).take(1).runWith(Sink.seq(), other);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> store.followId("job|a", new Deaf()).close())
                    .isInstanceOf(JournalBusyException.class)
                    .hasMessageContaining("1000 live queries"));
    assertThat(failure(jobs(0).runWith(Sink.ignore(), other)))
        .isInstanceOf(JournalBusyException.class);

    journal.fill("job|a", 1, 1);
    assertThat(last.toCompletableFuture().get(60, TimeUnit.SECONDS)).hasSize(1);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> store.followId("job|a", new Deaf()).close());
    all.forEach(JournalQueries.Following::close);
  }

  @Test
  void anOffsetThatWasNeverGivenOrIsOfAnotherKindIsRefused() throws Exception {
    journal.fill("job|a", 1, 3);
    assertThat(failure(jobs(4).runWith(Sink.ignore(), other)))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("Offset 4 was never given")
        .hasMessageContaining("its highest is 3");
    for (Offset wrong : List.of(Offset.timeBasedUUID(new UUID(0x1000L, 0)), Offset.sequence(-1))) {
      assertThatThrownBy(() -> queries.eventsByTag("job", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("The offset is " + wrong);
    }
  }

  @Test
  void looksAlsoWhenNobodyTellsIt() throws Exception {
    JournalQueries store = JournalStore.get(journal.system()).queries();
    PagedEvents.Query deaf =
        new PagedEvents.Query() {
          @Override
          public CompletionStage<PagedEvents.Range> begin(boolean live) {
            return CompletableFuture.completedFuture(new PagedEvents.Range(0, Long.MAX_VALUE));
          }

          @Override
          public CompletionStage<EventPage> read(long reached, long upTo, int most) {
            return store.byTag("job", reached, upTo, most);
          }

          @Override
          public JournalQueries.Following follow(JournalQueries.Listener listener) {
            return store.followTag("nobody", new Deaf());
          }
        };
    journal.fill("job|a", 1, 1);
    QuerySettings settings = new QuerySettings(10, Duration.ofSeconds(1));
    SinkQueueWithCancel<EventEnvelope> reader =
        Source.fromGraph(new PagedEvents(deaf, true, settings))
            .runWith(Sink.<EventEnvelope>queue(1), other);
    assertThat(next(reader)).isEqualTo("job|a-1");
    journal.fill("job|a", 2, 2);
    assertThat(next(reader)).isEqualTo("job|a-2");
    reader.cancel();
  }

  @Test
  void settingsThatCannotBeAreNamed() {
    assertThatThrownBy(() -> new QuerySettings(0, Duration.ofSeconds(5)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holdfast.journal.leveldb.query.page-events is 0");
    assertThatThrownBy(() -> new QuerySettings(1, Duration.ofMillis(999)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("refresh-interval is PT0.999S; it must be at least 1s");
  }
}
