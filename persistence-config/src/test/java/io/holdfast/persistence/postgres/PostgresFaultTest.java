package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static io.holdfast.persistence.contract.JournalClient.payloads;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalEvent;
import io.holdfast.persistence.JournalUnavailableException;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.contract.JournalClient;
import io.holdfast.persistence.contract.JournalClient.Sent;
import io.holdfast.persistence.contract.JournalClient.Written;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers that are killed, second writers, and what stands in the database. */
class PostgresFaultTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private static final int IDS = 20;

  private final String database = POSTGRES.database();
  private final List<JournalClient> opened = new ArrayList<>();

  record Added(int amount) implements JournalEvent {}

  @AfterEach
  void close() {
    opened.forEach(JournalClient::close);
    POSTGRES.server().startAgain();
  }

  private JournalClient open() {
    return open(POSTGRES.config(database));
  }

  private JournalClient open(Config config) {
    JournalClient client = new JournalClient(config);
    opened.add(client);
    return client;
  }

  @Test
  void R14_nothingThatWasAcknowledgedIsMissingWhenTheServerIsKilled() {
    JournalClient journal = open();
    AtomicInteger[] acknowledged = new AtomicInteger[IDS];
    List<CompletableFuture<Void>> writers = new ArrayList<>();
    for (int i = 0; i < IDS; i++) {
      AtomicInteger mine = new AtomicInteger();
      acknowledged[i] = mine;
      String id = "id-" + i;
      writers.add(
          CompletableFuture.runAsync(
              () -> {
                for (int n = 1; journal.write(atomic(id, n, id + "-" + n)).isDone(); n++) {
                  mine.set(n);
                }
              },
              task -> new Thread(task).start()));
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> List.of(acknowledged).stream().allMatch(count -> count.get() >= 5));
    POSTGRES.server().kill();
    CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();

    POSTGRES.server().startAgain();
    JournalClient again = open();
    for (int i = 0; i < IDS; i++) {
      String id = "id-" + i;
      JournalClient.Replayed found = again.replay(id);
      // The last write may have come to pass though nobody heard of it.
      assertThat(found.highest())
          .isBetween(acknowledged[i].longValue(), acknowledged[i].get() + 1L);
      assertThat(found.payloads()).isEqualTo(payloads(id, 1, found.highest()));
      again.fill(id, found.highest() + 1, found.highest() + 1);
    }
    assertThat(new PostgresAudit(POSTGRES.settings(database)).verify().findings()).isEmpty();
  }

  @Test
  void writesFailWhileTheServerIsAwayAndWorkAgainAfter() {
    JournalClient journal = open();
    journal.fill("p", 1, 3);
    POSTGRES.server().kill();

    Written lost = journal.write(atomic("p", 4, "p-4"));
    assertThat(lost.isDone()).isFalse();
    assertThat(lost.failure()).isInstanceOf(JournalUnavailableException.class);
    assertThat(lost.failure()).hasMessageContaining("jdbc:postgresql://");

    POSTGRES.server().startAgain();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> journal.write(atomic("p", 4, "p-4")).isDone());
    assertThat(journal.replay("p").payloads()).isEqualTo(payloads("p", 1, 4));
  }

  @Test
  void theFirstUseMayComeBeforeTheServerDoes() {
    POSTGRES.server().kill();
    JournalClient journal = open();
    assertThat(journal.write(atomic("p", 1, "p-1")).isDone()).isFalse();
    POSTGRES.server().startAgain();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> journal.write(atomic("p", 1, "p-1")).isDone());
  }

  @Test
  void ofTwoProcessesThatWriteOneIdOneIsRefused() {
    JournalClient one = open();
    JournalClient two = open();
    one.fill("p", 1, 3);
    assertThat(two.replay("p").highest()).isEqualTo(3);

    List<Sent> sent = List.of(one.send(atomic("p", 4, "one")), two.send(atomic("p", 4, "two")));
    List<Written> written = sent.stream().map(Sent::outcome).toList();
    assertThat(written).filteredOn(Written::isDone).hasSize(1);
    assertThat(written)
        .filteredOn(w -> !w.isDone())
        .singleElement()
        .satisfies(w -> assertThat(w.failure()).hasMessageContaining("nother writer"));
    Object winner = written.get(0).isDone() ? "one" : "two";
    assertThat(two.replay("p").payloads()).endsWith(winner).hasSize(4);

    // The loser reads what is there and may then be the one who writes.
    JournalClient loser = written.get(0).isDone() ? two : one;
    assertThat(loser.write(atomic("p", 5, "next")).isDone()).isTrue();
    assertThat(one.replay("p").payloads()).hasSize(5);
    assertThat(new PostgresAudit(POSTGRES.settings(database)).verify().findings()).isEmpty();
  }

  @Test
  void eventsStandInTheDatabaseUnderTheirLogicalNames() throws SQLException {
    JournalClient journal =
        open(
            ConfigFactory.parseString(
                    "holdfast.journal.events.\"sum-added/1\" = \"%s\""
                        .formatted(Added.class.getName()))
                .withFallback(POSTGRES.config(database)));
    assertThat(journal.write(atomic("p", 1, new Added(7))).isDone()).isTrue();
    assertThat(journal.replay("p").payloads()).containsExactly(new Added(7));
    try (Connection connection = POSTGRES.server().connect(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT event_ser_id, event_ser_manifest, convert_from(event_payload, 'UTF8')"
                    + " FROM event_journal")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(480_117);
      assertThat(row.getString(2)).isEqualTo("sum-added/1");
      assertThat(row.getString(3)).isEqualTo("{\"amount\":7}");
    }
  }

  @Test
  void akkasDefaultsThatLoseSilentlyAreChanged() {
    Config config =
        PostgresJournal.over(PersistenceConfig.withDefaults(ConfigFactory.parseString("")));
    assertThat(config.getString("jdbc-journal.replay-filter.mode")).isEqualTo("fail");
    assertThat(config.getString("akka.persistence.typed.stash-overflow-strategy"))
        .isEqualTo("fail");
    assertThat(config.getString("akka.persistence.journal.plugin")).isEqualTo("jdbc-journal");
    assertThat(config.getString("akka.actor.allow-java-serialization")).isEqualTo("off");
    assertThat(config.getDuration("jdbc-journal.circuit-breaker.call-timeout"))
        .isEqualTo(Duration.ofSeconds(10));
  }
}
