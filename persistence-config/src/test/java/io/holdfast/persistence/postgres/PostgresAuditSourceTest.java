package io.holdfast.persistence.postgres;

import static io.holdfast.persistence.contract.JournalClient.atomic;
import static io.holdfast.persistence.contract.JournalClient.payloads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.persistence.DamagedJournal;
import io.holdfast.persistence.JournalCut;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.LevelDbAuditSource;
import io.holdfast.persistence.LevelDbImport;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.audit.JournalExport;
import io.holdfast.persistence.audit.JournalImport;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.contract.JournalClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** P5: a journal in a database is read, taken out and brought in. */
class PostgresAuditSourceTest {
  @RegisterExtension static final PostgresTest POSTGRES = new PostgresTest();

  private final String database = POSTGRES.database();
  private final JournalClient journal = new JournalClient(POSTGRES.config(database));
  @TempDir private Path folder;

  @AfterEach
  void close() {
    journal.close();
  }

  private static final class Told implements AuditSource.Visitor {
    private final List<String> events = new ArrayList<>();
    private final List<ChainFault> faults = new ArrayList<>();

    @Override
    public void event(StoredEvent event) {
      events.add(event.persistenceId() + " " + event.sequenceNr());
    }

    @Override
    public void fault(ChainFault fault) {
      faults.add(fault);
    }
  }

  private PostgresAuditSource open() {
    return PostgresAuditSource.open(POSTGRES.settings(database), Optional.empty());
  }

  private Told read() {
    try (PostgresAuditSource source = open()) {
      Told told = new Told();
      source.read(id -> true, told);
      return told;
    }
  }

  private void fill() {
    journal.fill("o", 1, 3);
    journal.fill("p", 1, 6);
    journal.delete("p", 1);
    journal.write(atomic("q", 1, "a"), atomic("q", 2, new Object()), atomic("q", 3, "c"));
    journal.fill("gone", 1, 2);
    journal.delete("gone", 2);
  }

  @Test
  void p5ItIsReadAsOfOneMomentWhileAMasterWrites() {
    fill();
    try (PostgresAuditSource source = open()) {
      assertThat(source.events()).isEqualTo(11);
      journal.fill("o", 4, 5);
      Told told = new Told();
      source.read(id -> !id.equals("p"), told);
      assertThat(told.faults).isEmpty();
      assertThat(told.events)
          .as("event 2 of q was rejected when it was written")
          .containsExactly("o 1", "o 2", "o 3", "q 1", "q 3");
      assertThat(source.firstId("g")).contains("gone");
    }
    assertThat(read().events).contains("o 5", "p 2").doesNotContain("p 1");
  }

  @Test
  void theFirstAlteredOrMissingEventOfEachIdIsNamed() {
    fill();
    journal.fill("r", 1, 3);
    journal.fill("s", 1, 4);
    journal.fill("t", 1, 2);
    assertThat(read().faults).isEmpty();
    for (String sql :
        List.of(
            "DELETE FROM event_journal WHERE persistence_id = 'o' AND sequence_number = 2",
            "UPDATE event_journal SET write_timestamp = 1 WHERE persistence_id = 'p' AND"
                + " sequence_number = 4",
            "DELETE FROM event_journal WHERE persistence_id = 'r' AND sequence_number = 3",
            "UPDATE event_journal SET sequence_number = sequence_number + 100 WHERE persistence_id ="
                + " 's' AND sequence_number IN (2, 3)",
            "UPDATE event_journal SET sequence_number = 105 - sequence_number WHERE persistence_id ="
                + " 's' AND sequence_number > 100",
            "DELETE FROM journal_head WHERE persistence_id = 't'")) {
      POSTGRES.server().execute(database, sql);
    }
    assertThat(read().faults)
        .extracting(fault -> fault.persistenceId() + " " + fault.sequenceNr())
        .containsExactly("o 2", "p 4", "r 3", "s 2", "t 0");
    assertThat(read().events).contains("o 1", "o 3", "p 6");
  }

  private static String export(AuditSource source) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (source) {
      JournalExport.write(source, out, () -> {});
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static JournalImport.Done read(String export, Supplier<ImportTarget> into)
      throws IOException {
    return JournalImport.read(
        new ByteArrayInputStream(export.getBytes(StandardCharsets.UTF_8)),
        owner -> into.get(),
        () -> {});
  }

  private static List<String> inner(String export) {
    List<String> lines = export.lines().toList();
    return lines.subList(1, lines.size() - 1);
  }

  @Test
  void p5FromDatabaseToDirectoryAndBackItStaysTheSameAndGoesOn() throws IOException {
    fill();
    String export = export(open());
    Path data = folder.resolve("data");
    read(export, () -> LevelDbImport.into(data));
    assertThat(inner(export(LevelDbAuditSource.open(data)))).isEqualTo(inner(export));

    String other = POSTGRES.database();
    PostgresSettings settings = POSTGRES.settings(other);
    read(export(LevelDbAuditSource.open(data)), () -> PostgresImport.into(settings));
    assertThat(inner(export(PostgresAuditSource.open(settings, Optional.empty()))))
        .isEqualTo(inner(export));
    assertThat(new PostgresAudit(settings).verify().findings()).isEmpty();
    JournalClient there = new JournalClient(POSTGRES.config(other));
    try {
      assertThat(there.replay("p").payloads()).isEqualTo(payloads("p", 2, 6));
      there.fill("p", 7, 8);
      there.fill("gone", 3, 3);
      assertThat(there.replay("gone").payloads()).isEqualTo(payloads("gone", 3, 3));
    } finally {
      there.close();
    }
    assertThat(new PostgresAudit(settings).verify().findings()).isEmpty();
  }

  @Test
  void whatARepairHasCutIsCutInTheDatabaseAsWellAndGoesOn() throws IOException {
    fill();
    Path data = folder.resolve("data");
    read(export(open()), () -> LevelDbImport.into(data));
    DamagedJournal.loseEvent(data, "p", 4);
    JournalRepair.of(data);
    String export = export(LevelDbAuditSource.open(data));

    String other = POSTGRES.database();
    PostgresSettings settings = POSTGRES.settings(other);
    read(export, () -> PostgresImport.into(settings));
    assertThat(inner(export(PostgresAuditSource.open(settings, Optional.empty()))))
        .isEqualTo(inner(export));
    JournalClient there = new JournalClient(POSTGRES.config(other));
    try {
      List<Object> kept = there.replay("p").payloads();
      assertThat(kept.subList(0, 2)).isEqualTo(payloads("p", 2, 3));
      assertThat(kept.get(2))
          .isInstanceOfSatisfying(
              JournalCut.class,
              cut -> {
                assertThat(cut.readableTo()).isEqualTo(3);
                var more = JournalClient.atomicBy("later", "p", cut.number() + 1, "more", "still");
                assertThat(there.send(more).outcome().isDone()).isTrue();
                assertThat(there.replay("p").payloads()).hasSize(5).startsWith(kept.toArray());
              });
    } finally {
      there.close();
    }
    assertThat(new PostgresAudit(settings).verify().findings()).isEmpty();
  }

  @Test
  void aDatabaseThatIsNotEmptyOrAFileThatIsCutIsRefusedAndNothingIsChanged() throws IOException {
    fill();
    String export = export(open());
    assertThatThrownBy(() -> read(export, () -> PostgresImport.into(POSTGRES.settings(database))))
        .hasMessageContaining("is not empty");
    assertThat(export(open())).isEqualTo(export);

    PostgresSettings other = POSTGRES.settings(POSTGRES.database());
    String cut = export.substring(0, export.lastIndexOf("{\"end\""));
    assertThatThrownBy(() -> read(cut, () -> PostgresImport.into(other)))
        .hasMessageContaining("cut off");
    assertThat(inner(export(PostgresAuditSource.open(other, Optional.empty())))).isEmpty();
    read(export, () -> PostgresImport.into(other));

    PostgresSettings bare = POSTGRES.settings(POSTGRES.emptyDatabase());
    assertThatThrownBy(() -> PostgresImport.into(bare)).hasMessageContaining("schema apply");
    assertThatThrownBy(() -> PostgresAuditSource.open(bare, Optional.empty()))
        .hasMessageContaining("schema apply");
  }
}
