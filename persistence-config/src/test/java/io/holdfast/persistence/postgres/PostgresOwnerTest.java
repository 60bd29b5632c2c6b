package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.Proof;
import io.holdfast.persistence.WriteRefusedException;
import io.holdfast.persistence.contract.JournalClient;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
          .isInstanceOf(WriteRefusedException.class)
          .hasMessageContaining("taken over");
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

  @Test
  void R13_theJournalIsTakenWhenWhatIsBeingWrittenHasLanded() throws Exception {
    take("j-1", "first").close();
    try (Connection writing = POSTGRES.server().connect(database);
        Statement statement = writing.createStatement()) {
      writing.setAutoCommit(false);
      assertThat(JournalSql.isOwner(writing, 1)).isTrue();
      CompletableFuture<PostgresOwner> second =
          CompletableFuture.supplyAsync(() -> take("j-2", "second"));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                try (Connection looking = POSTGRES.server().connect(database);
                    var waiting =
                        looking
                            .createStatement()
                            .executeQuery("SELECT 1 FROM pg_locks WHERE NOT granted")) {
                  return waiting.next();
                }
              });
      assertThat(second).isNotDone();
      writing.commit();
      assertThat(second.get(1, TimeUnit.MINUTES).epoch()).isEqualTo(2);
      second.get().close();
    }
  }
}
