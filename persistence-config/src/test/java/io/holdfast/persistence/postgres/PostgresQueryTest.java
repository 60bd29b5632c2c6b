package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ActorSystem;
import akka.persistence.jdbc.query.javadsl.JdbcReadJournal;
import akka.persistence.journal.Tagged;
import akka.persistence.query.EventEnvelope;
import akka.persistence.query.NoOffset;
import akka.persistence.query.PersistenceQuery;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.Source;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.contract.JournalClient;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import scala.jdk.javaapi.CollectionConverters;

/** The queries that a read model needs, over what the journal has written. */
class PostgresQueryTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();
  // Here a number that is missing is given up soon.
  private final JournalClient journal =
      new JournalClient(
          ConfigFactory.parseString(
                  "jdbc-read-journal.journal-sequence-retrieval { max-tries = 3, query-delay ="
                      + " 200ms }")
              .withFallback(POSTGRES.config(database)));
  private final ActorSystem system = journal.system();
  private final JdbcReadJournal queries =
      PersistenceQuery.get(system)
          .getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier());

  @AfterEach
  void close() {
    journal.close();
  }

  private <T> List<T> all(Source<T, ?> source) throws Exception {
    return source.runWith(Sink.seq(), system).toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static Object red(String text) {
    return new Tagged(text, CollectionConverters.asScala(Set.of("red", "all")).toSet());
  }

  @Test
  void findsEventsByTagInTheOrderOfTheirWriting() throws Exception {
    journal.write(atomic("p", 1, red("p1"), "p2", red("p3")));
    journal.write(atomic("q", 1, red("q1")));
    journal.write(atomic("p", 4, red("p4")));

    List<EventEnvelope> found = all(queries.currentEventsByTag("red", NoOffset.getInstance()));
    assertThat(found).extracting(EventEnvelope::event).containsExactly("p1", "p3", "q1", "p4");
    assertThat(all(queries.currentEventsByTag("red", found.get(1).offset())))
        .extracting(EventEnvelope::event)
        .containsExactly("q1", "p4");
    assertThat(all(queries.currentEventsByTag("re", NoOffset.getInstance()))).isEmpty();
  }

  @Test
  void followsATagAcrossNumbersThatWereNeverCommitted() throws Exception {
    var following =
        queries
            .eventsByTag("red", NoOffset.getInstance())
            .take(3)
            .runWith(Sink.seq(), system)
            .toCompletableFuture();
    journal.write(atomic("p", 1, red("p1")));
    POSTGRES
        .server()
        .execute(database, "SELECT nextval(pg_get_serial_sequence('event_journal', 'ordering'))");
    journal.write(atomic("p", 2, red("p2")));
    journal.write(atomic("p", 3, red("p3")));
    assertThat(following.get(120, TimeUnit.SECONDS))
        .extracting(EventEnvelope::event)
        .containsExactly("p1", "p2", "p3");
  }

  @Test
  void listsIdsAndTheEventsOfOne() throws Exception {
    journal.fill("a", 1, 3);
    journal.fill("b", 1, 1);
    journal.delete("a", 1);
    assertThat(all(queries.currentPersistenceIds())).containsExactlyInAnyOrder("a", "b");
    assertThat(all(queries.currentEventsByPersistenceId("a", 0, Long.MAX_VALUE)))
        .extracting(EventEnvelope::event)
        .containsExactly("a-2", "a-3");
  }
}
