package io.holdfast.persistence.contract;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static io.holdfast.persistence.contract.JournalClient.payloads;
import static io.holdfast.persistence.contract.JournalClient.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import akka.NotUsed;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.Offset;
import akka.persistence.query.PersistenceQuery;
import akka.persistence.query.Sequence;
import akka.persistence.query.javadsl.CurrentEventsByPersistenceIdQuery;
import akka.persistence.query.javadsl.CurrentEventsByTagQuery;
import akka.persistence.query.javadsl.CurrentPersistenceIdsQuery;
import akka.persistence.query.javadsl.EventsByPersistenceIdQuery;
import akka.persistence.query.javadsl.EventsByTagQuery;
import akka.persistence.query.javadsl.ReadJournal;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Keep;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.Config;
import io.holdfast.persistence.contract.JournalClient.Sent;
import io.holdfast.persistence.contract.JournalClient.Written;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the queries over every store promise: one subclass for each store. Each event has the tag
 * that is the kind of its persistence id, and those that it was given.
 */
public abstract class QueryContract {
  private static final long PATIENCE_SECONDS = 90;
  private static final Offset FROM_THE_BEGINNING = Offset.noOffset();

  private final List<JournalClient> opened = new ArrayList<>();

  /** The configuration of an actor system whose journal is this test's; always the same store. */
  protected abstract Config config();

  /** The name of the queries' plugin. */
  protected abstract String plugin();

  private JournalClient open() {
    JournalClient client = new JournalClient(config());
    opened.add(client);
    return client;
  }

  @AfterEach
  void close() {
    opened.forEach(JournalClient::close);
  }

  private <T extends ReadJournal> T queries(JournalClient journal, Class<T> type) {
    return PersistenceQuery.get(journal.system()).getReadJournalFor(type, plugin());
  }

  private static <T> List<T> all(JournalClient journal, Source<T, ?> source) {
    return done(source.runWith(Sink.seq(), journal.system()));
  }

  private static <T> T done(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("not in time", e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private List<EventEnvelope> current(JournalClient journal, String tag, Offset offset) {
    return all(
        journal, queries(journal, CurrentEventsByTagQuery.class).currentEventsByTag(tag, offset));
  }

  private Source<EventEnvelope, NotUsed> live(JournalClient journal, String tag, Offset offset) {
    return queries(journal, EventsByTagQuery.class).eventsByTag(tag, offset);
  }

  private static List<Object> events(List<EventEnvelope> found) {
    return found.stream().map(EventEnvelope::event).toList();
  }

  private static long number(EventEnvelope found) {
    return ((Sequence) found.offset()).value();
  }

  /** A live query that goes on while the test writes. */
  private record Following(Queue<EventEnvelope> heard, UniqueKillSwitch end) {
    void awaitEvents(List<Object> expected) {
      Awaitility.await()
          .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .untilAsserted(() -> assertThat(events(List.copyOf(heard))).isEqualTo(expected));
    }
  }

  private static Following follow(JournalClient journal, Source<EventEnvelope, NotUsed> source) {
    Queue<EventEnvelope> heard = new ConcurrentLinkedQueue<>();
    UniqueKillSwitch end =
        source
            .viaMat(KillSwitches.single(), Keep.right())
            .to(Sink.foreach(heard::add))
            .run(journal.system());
    return new Following(heard, end);
  }

  @Test
  void everyEventHasTheKindOfItsIdAsATag() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 2);
    journal.fill("agent|x|y", 1, 1);
    journal.fill("catalog", 1, 1);
    journal.fill("jobs", 1, 1);
    journal.write(atomic("job|b", 1, tagged("job|b-1", "red")));

    List<EventEnvelope> jobs = current(journal, "job", FROM_THE_BEGINNING);
    assertThat(events(jobs)).containsExactly("job|a-1", "job|a-2", "job|b-1");
    assertThat(jobs)
        .extracting(EventEnvelope::persistenceId)
        .containsExactly("job|a", "job|a", "job|b");
    assertThat(jobs).extracting(EventEnvelope::sequenceNr).containsExactly(1L, 2L, 1L);
    assertThat(jobs).extracting(QueryContract::number).isSorted().doesNotHaveDuplicates();
    assertThat(events(current(journal, "agent", FROM_THE_BEGINNING)))
        .containsExactly("agent|x|y-1");
    assertThat(events(current(journal, "catalog", FROM_THE_BEGINNING)))
        .containsExactly("catalog-1");
    assertThat(events(current(journal, "red", FROM_THE_BEGINNING))).containsExactly("job|b-1");
    for (String none : List.of("j", "job|", "job|a", "re", "")) {
      assertThat(current(journal, none, FROM_THE_BEGINNING)).isEmpty();
    }
  }

  @Test
  void goesOnBehindAnOffsetAlsoAfterARestart() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 3);
    List<EventEnvelope> first = current(journal, "job", FROM_THE_BEGINNING);
    assertThat(events(current(journal, "job", first.get(0).offset())))
        .isEqualTo(payloads("job|a", 2, 3));
    assertThat(current(journal, "job", first.get(2).offset())).isEmpty();
    journal.close();

    JournalClient again = open();
    again.fill("job|b", 1, 1);
    again.fill("job|a", 4, 4);
    List<EventEnvelope> all = current(again, "job", FROM_THE_BEGINNING);
    assertThat(all.subList(0, 3)).isEqualTo(first);
    assertThat(events(current(again, "job", first.get(2).offset())))
        .containsExactly("job|b-1", "job|a-4");
    assertThat(all).extracting(QueryContract::number).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void followsATagFromWhatIsStoredToWhatIsWrittenLater() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 3);
    journal.fill("agent|x", 1, 1);
    Following all = follow(journal, live(journal, "job", FROM_THE_BEGINNING));
    all.awaitEvents(payloads("job|a", 1, 3));
    journal.fill("agent|x", 2, 3);
    journal.fill("job|a", 4, 6);
    all.awaitEvents(payloads("job|a", 1, 6));

    List<EventEnvelope> heard = List.copyOf(all.heard());
    Following rest = follow(journal, live(journal, "job", heard.get(3).offset()));
    rest.awaitEvents(payloads("job|a", 5, 6));
    all.end().shutdown();
    journal.fill("job|a", 7, 7);
    rest.awaitEvents(payloads("job|a", 5, 7));
  }

  @Test
  void manyFollowersMissNothingOfWhatIsWrittenWhileTheyBegin() {
    int ids = 10;
    int each = 10;
    JournalClient journal = open();
    List<Following> followers = new ArrayList<>();
    for (int n = 1; n <= each; n++) {
      List<Sent> sent = new ArrayList<>();
      for (int id = 0; id < ids; id++) {
        sent.add(journal.send(atomic("job|" + id, n, id + "-" + n)));
      }
      followers.add(follow(journal, live(journal, "job", FROM_THE_BEGINNING)));
      assertThat(sent.stream().map(Sent::outcome)).allMatch(Written::isDone);
    }
    List<Object> all = events(current(journal, "job", FROM_THE_BEGINNING));
    assertThat(all).hasSize(ids * each).doesNotHaveDuplicates();
    followers.forEach(follower -> follower.awaitEvents(all));
  }

  @Test
  void aSlowReaderGetsEverythingInTurn() {
    JournalClient journal = open();
    assertThat(journal.write(atomic("job|a", 1, payloads("job|a", 1, 1000).toArray())).isDone())
        .isTrue();
    CompletionStage<List<EventEnvelope>> slow =
        live(journal, "job", FROM_THE_BEGINNING)
            .throttle(2000, java.time.Duration.ofSeconds(1))
            .take(1200)
            .runWith(Sink.seq(), journal.system());
    assertThat(
            journal.write(atomic("job|a", 1001, payloads("job|a", 1001, 1200).toArray())).isDone())
        .isTrue();
    assertThat(events(done(slow))).isEqualTo(payloads("job|a", 1, 1200));
  }

  @Test
  void findsTheEventsOfAnIdFromOneNumberToAnother() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 5);
    journal.fill("job|ab", 1, 1);
    var queries = queries(journal, CurrentEventsByPersistenceIdQuery.class);

    assertThat(
            events(all(journal, queries.currentEventsByPersistenceId("job|a", 0, Long.MAX_VALUE))))
        .isEqualTo(payloads("job|a", 1, 5));
    List<EventEnvelope> some = all(journal, queries.currentEventsByPersistenceId("job|a", 2, 4));
    assertThat(events(some)).isEqualTo(payloads("job|a", 2, 4));
    assertThat(some).extracting(EventEnvelope::sequenceNr).containsExactly(2L, 3L, 4L);
    assertThat(some)
        .extracting(EventEnvelope::offset)
        .isEqualTo(
            current(journal, "job", FROM_THE_BEGINNING).subList(1, 4).stream()
                .map(EventEnvelope::offset)
                .toList());
    assertThat(all(journal, queries.currentEventsByPersistenceId("job|a", 6, 9))).isEmpty();
    assertThat(all(journal, queries.currentEventsByPersistenceId("unknown", 0, 9))).isEmpty();
  }

  @Test
  void followsAnIdUntilTheNumberThatIsAskedFor() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 2);
    var queries = queries(journal, EventsByPersistenceIdQuery.class);
    CompletionStage<List<EventEnvelope>> toFour =
        queries.eventsByPersistenceId("job|a", 2, 4).runWith(Sink.seq(), journal.system());
    Following endless = follow(journal, queries.eventsByPersistenceId("job|a", 0, Long.MAX_VALUE));
    Following later = follow(journal, queries.eventsByPersistenceId("job|b", 0, Long.MAX_VALUE));
    endless.awaitEvents(payloads("job|a", 1, 2));
    journal.fill("job|a", 3, 6);
    journal.fill("job|b", 1, 1);

    assertThat(events(done(toFour))).isEqualTo(payloads("job|a", 2, 4));
    endless.awaitEvents(payloads("job|a", 1, 6));
    later.awaitEvents(payloads("job|b", 1, 1));
  }

  @Test
  void passesOverWhatIsDeletedOrWasRejected() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 4);
    journal.fill("job|b", 1, 1);
    assertThat(journal.write(atomic("job|a", 5, new Object())).outcomes())
        .allMatch(outcome -> outcome.startsWith("rejected"));
    journal.fill("job|a", 6, 6);
    List<EventEnvelope> before = current(journal, "job", FROM_THE_BEGINNING);
    assertThat(events(before))
        .containsExactly("job|a-1", "job|a-2", "job|a-3", "job|a-4", "job|b-1", "job|a-6");
    Following live = follow(journal, live(journal, "job", before.get(0).offset()));
    live.awaitEvents(events(before).subList(1, 6));
    journal.delete("job|a", 3);

    assertThat(current(journal, "job", FROM_THE_BEGINNING)).isEqualTo(before.subList(3, 6));
    assertThat(events(current(journal, "job", before.get(1).offset())))
        .containsExactly("job|a-4", "job|b-1", "job|a-6");
    assertThat(
            events(
                all(
                    journal,
                    queries(journal, CurrentEventsByPersistenceIdQuery.class)
                        .currentEventsByPersistenceId("job|a", 2, 6))))
        .containsExactly("job|a-4", "job|a-6");
    journal.delete("job|b", 1);
    journal.delete("job|a", 6);
    assertThat(current(journal, "job", FROM_THE_BEGINNING)).isEmpty();
    journal.fill("job|b", 2, 2);
    live.awaitEvents(List.of("job|a-2", "job|a-3", "job|a-4", "job|b-1", "job|a-6", "job|b-2"));
    List<EventEnvelope> after = current(journal, "job", before.get(5).offset());
    assertThat(events(after)).containsExactly("job|b-2");
    assertThat(number(after.get(0))).isGreaterThan(number(before.get(5)));
  }

  @Test
  void listsTheIdsThatHaveEvents() {
    JournalClient journal = open();
    for (String id : List.of("b", "a", "a|1", "gone")) {
      journal.fill(id, 1, 2);
    }
    journal.delete("gone", 2);
    journal.delete("a", 1);
    assertThat(
            all(
                journal,
                queries(journal, CurrentPersistenceIdsQuery.class).currentPersistenceIds()))
        .containsExactlyInAnyOrder("a", "a|1", "b");
  }

  @Test
  void alsoSpeaksScala() {
    JournalClient journal = open();
    journal.fill("job|a", 1, 3);
    var queries =
        (akka.persistence.query.scaladsl.EventsByTagQuery)
            PersistenceQuery.get(journal.system()).readJournalFor(plugin());
    assertThat(
            events(all(journal, queries.eventsByTag("job", FROM_THE_BEGINNING).asJava().take(3))))
        .isEqualTo(payloads("job|a", 1, 3));
  }
}
