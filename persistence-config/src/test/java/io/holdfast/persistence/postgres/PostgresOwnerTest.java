package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalTakenException;
import io.holdfast.persistence.Proof;
import io.holdfast.persistence.contract.JournalClient;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** R13: whose the journal in a database is, and what becomes of those who had it before. */
class PostgresOwnerTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();
  private final Config config = POSTGRES.config(database);

  @AfterEach
  void mend() {
    POSTGRES.server().startAgain();
  }

  private PostgresOwner take(String journalId, String owner) {
    return PostgresOwner.take(config, "main", journalId, owner);
  }

  @Test
  void R13_whoHadTheJournalBeforeSeesThatItWasTakenOver() {
    PostgresOwner first = take("j-1", "first");
    assertThat(first.prove()).isEqualTo(new Proof.Ours());
    PostgresOwner second = take("j-2", "second");
    assertThat(first.prove())
        .isInstanceOfSatisfying(
            Proof.Rival.class,
            rival -> assertThat(rival.why()).contains(database, "'second'", "'first'"));
    assertThat(second.prove()).isEqualTo(new Proof.Ours());
    assertThat(second.epoch()).isGreaterThan(first.epoch());
    first.close();
    second.close();
  }

  @Test
  void R13_theIdThatAgentsKnowIsThatOfTheDatabase() {
    take("j-1", "first").close();
    try (PostgresOwner again = take("of another directory", "second")) {
      assertThat(again.journalId()).isEqualTo("j-1");
    }
  }

  @Test
  void aJournalOfAnotherMasterIsLeftAlone() {
    PostgresOwner owner = take("j-1", "first");
    assertThatThrownBy(() -> PostgresOwner.take(config, "other", "j-2", "second"))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("that of master 'main', not of 'other'");
    assertThat(owner.prove()).isEqualTo(new Proof.Ours());
    owner.close();
  }

  @Test
  void R13_aServerThatDoesNotAnswerProvesNothingUntilItIsBack() {
    PostgresOwner owner = take("j-1", "first");
    POSTGRES.server().kill();
    assertThat(owner.prove()).isInstanceOf(Proof.Unknown.class);
    POSTGRES.server().startAgain();
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> owner.prove().equals(new Proof.Ours()));
    owner.close();
  }

  @Test
  void R13_nothingOfAFormerOwnerIsWrittenOrDeletedOnceTheJournalWasTaken() {
    PostgresOwner first = take("j-1", "first");
    JournalClient old = new JournalClient(PostgresJournal.over(config, first));
    old.fill("p", 1, 3);
    PostgresOwner second = take("j-2", "second");
    JournalClient successor = new JournalClient(PostgresJournal.over(config, second));
    try {
      assertThat(old.write(atomic("p", 4, "late")).failure())
          .isInstanceOf(JournalTakenException.class)
          .hasMessageContaining("taken over");
      assertThat(PostgresJournal.taken(old.system()).toCompletableFuture().join())
          .contains("taken over");
      assertThat(PostgresJournal.taken(successor.system()).toCompletableFuture()).isNotDone();
      assertThat(old.write(atomic("new", 1, "late")).isDone()).as("nor of a new id").isFalse();
      assertThat(PostgresStore.get(old.system()).delete("p", 2)).failsWithin(Duration.ofMinutes(1));
      successor.fill("p", 4, 4);
      assertThat(successor.replay("p").payloads()).hasSize(4);
      assertThat(successor.replay("new").highest()).isZero();
    } finally {
      old.close();
      successor.close();
      first.close();
      second.close();
    }
  }

  /** Somebody who is in the middle of a commit. */
  private void whileOneCommits(Config successor, Function<Connection, Boolean> isLongEnough)
      throws Exception {
    take("j-1", "first").close();
    try (Connection writing = POSTGRES.server().connect(database);
        Connection looking = POSTGRES.server().connect(database)) {
      writing.setAutoCommit(false);
      assertThat(JournalSql.isOwner(writing, 1)).isTrue();
      CompletableFuture<PostgresOwner> second =
          CompletableFuture.supplyAsync(
              () -> PostgresOwner.take(successor, "main", "j-2", "second"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> isLongEnough.apply(looking) || second.isDone());
      assertThat(second).isNotDone();
      writing.commit();
      assertThat(second.get(1, TimeUnit.MINUTES).epoch()).isEqualTo(2);
      second.get().close();
    }
  }

  @Test
  void R13_theJournalIsTakenWhenWhatIsBeingWrittenHasLanded() throws Exception {
    whileOneCommits(config, looking -> waitingSince(looking).isPresent());
  }

  @Test
  void R13_whoIsStoppedInTheMiddleOfACommitIsWaitedFor() throws Exception {
    Config impatient =
        ConfigFactory.parseString("holdfast.journal.postgres.statement-timeout = 6s")
            .withFallback(config);
    Set<String> attempts = new HashSet<>();
    whileOneCommits(
        impatient,
        looking -> {
          waitingSince(looking).ifPresent(attempts::add);
          // The lock's time was up for the first.
          return attempts.size() > 1;
        });
  }

  /** When the statement began that waits for a lock. */
  private static Optional<String> waitingSince(Connection looking) {
    try (Statement statement = looking.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT query_start FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
