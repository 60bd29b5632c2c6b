package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static io.holdfast.persistence.contract.JournalClient.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.contract.JournalClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is altered in the database behind the journal's back is found, and named. */
class PostgresChainTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();
  private final JournalClient journal = new JournalClient(POSTGRES.config(database));

  @AfterEach
  void close() {
    journal.close();
  }

  private PostgresAudit.Report verify() {
    return new PostgresAudit(POSTGRES.settings(database)).verify();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "4 | UPDATE event_journal SET event_payload = 'p-x'::bytea WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | UPDATE event_journal SET event_ser_manifest = 'x' WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | UPDATE event_journal SET event_ser_id = 4 WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | UPDATE event_journal SET write_timestamp = 1 WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | UPDATE event_journal SET writer = 'x' WHERE persistence_id = 'p' AND sequence_number ="
            + " 4",
        "4 | UPDATE event_journal SET hash = hash + 1 WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | UPDATE event_journal SET previous_hash = 1 WHERE persistence_id = 'p' AND"
            + " sequence_number = 4",
        "4 | DELETE FROM event_journal WHERE persistence_id = 'p' AND sequence_number = 4",
        "2 | DELETE FROM event_journal WHERE persistence_id = 'p' AND sequence_number = 2",
        "6 | DELETE FROM event_journal WHERE persistence_id = 'p' AND sequence_number = 6",
        "2 | DELETE FROM event_journal WHERE persistence_id = 'p'",
        "4 | UPDATE event_journal a SET event_payload = b.event_payload, hash = b.hash,"
            + " previous_hash = b.previous_hash FROM event_journal b WHERE a.persistence_id = 'p'"
            + " AND b.persistence_id = 'p' AND a.sequence_number = 4 AND b.sequence_number = 3",
        "7 | UPDATE journal_head SET last_hash = 1 WHERE persistence_id = 'p'",
        "6 | UPDATE journal_head SET highest = 5 WHERE persistence_id = 'p'",
        "2 | UPDATE journal_head SET anchor_hash = 1 WHERE persistence_id = 'p'",
      })
  void firstAlteredOrMissingEventIsNamed(long first, String sql) {
    journal.fill("o", 1, 3);
    journal.fill("p", 1, 6);
    journal.delete("p", 1);
    assertThat(verify().findings()).isEmpty();
    assertThat(verify().events()).isEqualTo(8);

    POSTGRES.server().execute(database, sql);
    assertThatThrownBy(() -> journal.replay("p"))
        .hasCauseInstanceOf(JournalAlteredException.class)
        .hasMessageContaining("'p', sequence number " + first)
        .hasMessageContaining(database);
    PostgresAudit.Report report = verify();
    assertThat(report.events()).isEqualTo(3);
    assertThat(report.ids()).isEqualTo(2);
    assertThat(report.findings())
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.persistenceId()).isEqualTo("p");
              assertThat(finding.sequenceNr()).isEqualTo(first);
            });
    assertThat(journal.replay("o").payloads()).isEqualTo(payloads("o", 1, 3));
  }

  @Test
  void eventsWithoutAHeadAreNamed() {
    journal.fill("p", 1, 2);
    POSTGRES.server().execute(database, "DELETE FROM journal_head");
    assertThat(verify().findings())
        .singleElement()
        .satisfies(finding -> assertThat(finding.persistenceId()).isEqualTo("p"));
    assertThatThrownBy(() -> journal.replay("p")).hasCauseInstanceOf(JournalAlteredException.class);
    assertThat(journal.write(atomic("p", 1, "again")).failure())
        .hasMessageContaining("number is taken");
  }

  @Test
  void eventsThatHaveLostTheTagOfTheirKindAreNamed() {
    journal.fill("o|1", 1, 3);
    journal.fill("p|1", 1, 4);
    String lost =
        "DELETE FROM event_tag WHERE event_id IN (SELECT ordering FROM event_journal WHERE"
            + " persistence_id = 'p|1' AND sequence_number IN (2, 4))";
    assertThat(POSTGRES.server().execute(database, lost)).isEqualTo(2);

    PostgresAudit.Report report = verify();
    assertThat(report.events()).isEqualTo(7);
    assertThat(report.findings())
        .allSatisfy(
            finding -> {
              assertThat(finding.persistenceId()).isEqualTo("p|1");
              assertThat(finding.what()).startsWith("it has lost its tag 'p', so that the history");
            })
        .extracting(JournalAlteredException::sequenceNr)
        .containsExactly(2L, 4L);

    List<ChainFault> faults = new ArrayList<>();
    try (AuditSource source =
        PostgresAuditSource.open(POSTGRES.settings(database), Optional.empty())) {
      source.read(
          id -> true,
          new AuditSource.Visitor() {
            @Override
            public void fault(ChainFault fault) {
              faults.add(fault);
            }
          });
    }
    assertThat(faults)
        .containsExactly(
            new ChainFault("p|1", 2, PostgresAudit.lacks("p")),
            new ChainFault("p|1", 4, PostgresAudit.lacks("p")));
  }

  @Test
  void rejectedAndDeletedEventsAreNoDamage() {
    journal.write(atomic("p", 1, "a", "b"), atomic("p", 3, new Object()), atomic("p", 4, "c"));
    journal.write(atomic("p", 5, new Object()));
    assertThat(verify().findings()).isEmpty();
    journal.delete("p", 3);
    assertThat(verify().findings()).isEmpty();
    assertThat(journal.replay("p").payloads()).containsExactly("c");
    journal.delete("p", Long.MAX_VALUE);
    assertThat(verify().findings()).isEmpty();
    journal.write(atomic("p", 6, "d"));
    assertThat(journal.replay("p").payloads()).containsExactly("d");
    assertThat(verify().events()).isEqualTo(1);
  }

  @Test
  void aReplayFromTheMiddleIsCheckedToo() {
    journal.fill("p", 1, 6);
    POSTGRES.server().execute(database, "DELETE FROM event_journal WHERE sequence_number = 5");
    assertThat(journal.replay("p", 2, 4, Long.MAX_VALUE).payloads()).isEqualTo(payloads("p", 2, 4));
    assertThatThrownBy(() -> journal.replay("p", 5, Long.MAX_VALUE, Long.MAX_VALUE))
        .hasMessageContaining("sequence number 5");
  }
}
