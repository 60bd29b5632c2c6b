package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.persistence.audit.JournalExport;
import io.holdfast.persistence.audit.JournalImport;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P5: a journal is taken out of its store and brought into an empty one, and is the same there. */
class JournalExportTest {
  private static final DirectoryIdentity OWNER = new DirectoryIdentity("master", "main", "j-1");

  @TempDir private Path folder;
  private final JournalFixture fixture = new JournalFixture();
  private Path data;

  @BeforeEach
  void fill() throws IOException {
    data = folder.resolve("data");
    JournalStore journal = fixture.open(data.resolve("journal"), Flavour.NATIVE);
    write(journal, "a", 1, 2);
    await(journal.write(List.of(event("a", 3, new Object()))));
    write(journal, "b", 1, 1500);
    write(journal, "a", 4, 5);
    await(journal.write(List.of(event("a", 6, new Object()))));
    write(journal, "gone", 1, 3);
    await(journal.delete("gone", 3));
    await(journal.delete("b", 1200));
    journal.close();
    OWNER.write(data);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static String export(Path directory) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LevelDbAuditSource source = LevelDbAuditSource.open(directory)) {
      AtomicInteger events = new AtomicInteger();
      JournalExport.Written written = JournalExport.write(source, out, events::incrementAndGet);
      assertThat(written.events()).isEqualTo(events.get());
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static JournalImport.Done read(String export, Path into) throws IOException {
    return JournalImport.read(
        new ByteArrayInputStream(export.getBytes(StandardCharsets.UTF_8)),
        owner -> LevelDbImport.into(into),
        () -> {});
  }

  private static List<String> inner(String export) {
    List<String> lines = export.lines().toList();
    return lines.subList(1, lines.size() - 1);
  }

  @Test
  void p5WhatIsImportedIsExportedAgainAsTheSameLinesAndGoesOn() throws IOException {
    String export = export(data);
    assertThat(export.lines().findFirst())
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .startsWith("{\"holdfast-export\":1,")
                    .endsWith(
                        "\"owner\":{\"kind\":\"master\",\"name\":\"main\",\"journalId\":\"j-1\"}}"));
    assertThat(export)
        .contains("{\"id\":\"gone\",\"highest\":3,\"deletedTo\":3,\"anchor\":\"")
        .contains("{\"id\":\"a\",\"highest\":6,\"deletedTo\":0}")
        .contains("\"events\":304,");

    Path other = folder.resolve("other");
    JournalImport.Done done = read(export, other);
    assertThat(done.owner()).contains(OWNER);
    assertThat(done.events()).isEqualTo(304);
    assertThat(inner(export(other))).isEqualTo(inner(export));
    assertThat(JournalCheck.of(other).isSound()).isTrue();
    assertThat(other.resolve("journal.importing")).doesNotExist();

    JournalStore journal = fixture.open(other.resolve("journal"), Flavour.NATIVE);
    assertThat(replay(journal, "a")).containsExactly("a-1", "a-2", "a-4", "a-5");
    assertThat(replay(journal, "b")).isEqualTo(payloads("b", 1201, 1500));
    assertThat(await(journal.highestSequenceNr("a"))).isEqualTo(6);
    assertThat(await(journal.highestSequenceNr("gone"))).isEqualTo(3);
    write(journal, "gone", 4, 4);
    write(journal, "b", 1501, 1501);
    assertThat(replay(journal, "gone")).containsExactly("gone-4");
  }

  @Test
  void eventsComeInTheOrderOfTimeAndThoseOfOneIdInTheirOrder() throws IOException {
    long now = System.currentTimeMillis();
    assertThat(export(data).replaceAll("(?s).*\"nr\":5,\"at\":\"([^\"]*)\".*", "$1"))
        .as("the journal notes when an event was written")
        .isBetween(
            Instant.ofEpochMilli(now - 3_600_000).toString(), Instant.ofEpochMilli(now).toString());
    List<String> numbers = new ArrayList<>();
    String before = "";
    for (String line : inner(export(data))) {
      if (line.contains("\"nr\":")) {
        String at = line.replaceAll(".*\"at\":\"([^\"]*)\".*", "$1");
        assertThat(at).isGreaterThanOrEqualTo(before);
        before = at;
        numbers.add(line.replaceAll(".*\"id\":\"([^\"]*)\",\"nr\":(\\d+),.*", "$1 $2"));
      }
    }
    assertThat(numbers.stream().filter(n -> n.startsWith("a")))
        .containsExactly("a 1", "a 2", "a 4", "a 5");
  }

  @Test
  void aStoreThatIsNotEmptyIsRefusedAndLeftAlone() throws IOException {
    String export = export(data);
    assertThatThrownBy(() -> read(export, data)).hasMessageContaining("is not empty");
    assertThat(export(data)).isEqualTo(export);
    Files.createDirectories(folder.resolve("empty/journal"));
    read(export, folder.resolve("empty"));
  }

  @Test
  void aFileThatIsCutOrAlteredIsRefusedAndNothingIsImported() throws IOException {
    String export = export(data);
    List<String> lines = export.lines().toList();
    String all = String.join("\n", lines) + "\n";
    String withoutEnd = String.join("\n", lines.subList(0, lines.size() - 1)) + "\n";
    String withoutOne =
        String.join("\n", lines.subList(0, lines.size() - 2))
            + "\n"
            + lines.get(lines.size() - 1)
            + "\n";
    refused(withoutEnd, "it is cut off after line 308");
    refused(all.substring(0, all.length() - 30), "it is cut off in line 309");
    refused(withoutOne, "it counts 3 ids, 0 set aside and 304 events, and there are 3, 0 and 303");
    refused(all.replace("\"writer-1\"", "\"writer-2\""), "the checksum does not match");
    refused(all + "{}\n", "there is something behind the end");
    refused(all.replace("\"nr\":2,", "\"nr\":9,"), "event 9 of 'a': the next is 2");
    refused(all.replace("export\":1", "export\":2"), "line 1: its format is 2");
    refused(all.replaceFirst("\\{\"id\":\"b\"", "{\"id\":\"c\""), "event of 'b', which has none");
    refused(all.replaceFirst("\"highest\":6", "\"highest\":\"x\""), "'highest' must be a number");
    refused("", "it is empty");
    refused("PK\u0003\n", "line 1: it is no JSON");
    read(export, folder.resolve("refused"));
  }

  @Test
  void whatTheEventsSayOfTheirTimeCountsBeforeWhatTheJournalSays() throws IOException {
    Path into = folder.resolve("told");
    try (LevelDbImport to = LevelDbImport.into(into)) {
      to.id(new StoredId("a", 3, 0, 0));
      to.id(new StoredId("b", 1, 0, 0));
      to.event(told("a", 1, "{\"x\":{\"at\":\"z\"},\"at\":\"2026-11-22T15:00:02.000001Z\"}"));
      to.event(told("a", 2, "{\"at\":\"2026-11-22T14:00:00Z\"}"));
      to.event(told("a", 3, "[]"));
      to.event(told("b", 1, "{\"at\":\"2026-11-22T15:00:02Z\"}"));
      to.commit();
    }
    assertThat(inner(export(into)).stream().filter(line -> line.contains("\"nr\":")))
        .extracting(line -> line.replaceAll(".*\"id\":\"([^\"]*)\",\"nr\":(\\d+),.*", "$1 $2"))
        .containsExactly("b 1", "a 1", "a 2", "a 3");
  }

  private static StoredEvent told(String id, long number, String json) {
    return new StoredEvent(
        id, number, 0, "w", "", 1, "n/1", List.of(), json.getBytes(StandardCharsets.UTF_8));
  }

  private void refused(String export, String why) throws IOException {
    Path into = folder.resolve("refused");
    assertThatThrownBy(() -> read(export, into))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining(why);
    if (Files.exists(into)) {
      try (var left = Files.list(into)) {
        assertThat(left).isEmpty();
      }
    }
  }

  @Test
  void whatAnInterruptedImportHasLeftIsReplaced() throws IOException {
    String export = export(data);
    Path into = folder.resolve("into");
    LevelDbImport interrupted = LevelDbImport.into(into);
    interrupted.id(new StoredId("x", 3, 3, 1));
    assertThatThrownBy(() -> LevelDbImport.into(into)).hasMessageContaining("use");
    interrupted.close();
    Files.createDirectories(into.resolve("journal.importing"));
    Files.writeString(into.resolve("journal.importing/CURRENT"), "half of it");
    read(export, into);
    assertThat(inner(export(into))).isEqualTo(inner(export));
  }

  @Test
  void aDamagedJournalIsNotExported() {
    JournalFixture.tamper(
        data.resolve("journal"), Flavour.NATIVE, JournalKeys.event("b", 1300), null);
    assertThatThrownBy(() -> export(data))
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("is not exported")
        .hasMessageContaining("'b': event 1300: it is missing");
  }

  @Test
  void whatARepairHasCutIsCutInTheImportAsWell() throws IOException {
    JournalFixture.tamper(data.resolve("journal"), Flavour.NATIVE, JournalKeys.event("a", 2), null);
    assertThat(JournalRepair.of(data).cuts()).hasSize(1);
    String export = export(data);
    assertThat(export).contains(JournalCut.MANIFEST);
    Path other = folder.resolve("other");
    read(export, other);
    assertThat(inner(export(other))).isEqualTo(inner(export));
    assertThat(JournalCheck.of(other).isSound()).isTrue();
  }
}
