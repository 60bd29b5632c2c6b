package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.payloads;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.tagged;
import static io.holdfast.persistence.JournalFixture.tamper;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.iq80.leveldb.DB;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A journal that an older version has written, in the format without an index, is read and gets
 * one. The file {@code format-2.zip} was written by that version and is never changed.
 */
class FormatTest {
  /** Persistence id by persistence id; what follows is in the order of its writing. */
  private static final List<String> JOBS =
      List.of(
          "5 job|a 1 job|a-1",
          "6 job|a 2 job|a-2",
          "7 job|a 3 job|a-3",
          "8 job|a 4 job|a-4",
          "9 job|a 5 job|a-5",
          "10 job|a 6 job|a-6",
          "12 job|a 8 job|a-8",
          "13 job|a 9 job|a-9",
          "14 job|b 1 job|b-1",
          "15 job|b 2 job|b-2");

  private final JournalFixture fixture = new JournalFixture();

  @TempDir Path folder;
  private Path directory;

  @BeforeEach
  void unpack() throws IOException {
    directory = Files.createDirectory(folder.resolve("journal"));
    try (InputStream in = getClass().getResourceAsStream("format-2.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry file = zip.getNextEntry(); file != null; file = zip.getNextEntry()) {
        Files.copy(zip, directory.resolve(file.getName()));
      }
    }
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private String format(Flavour flavour) throws IOException {
    try (DB db = flavour.opener().open(directory.toFile())) {
      return new String(db.get(JournalKeys.format()), StandardCharsets.US_ASCII);
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void getsItsIndexOnceWhenItIsOpened(Flavour flavour) throws IOException {
    assertThat(JournalCheck.of(directory).damages()).isEmpty();
    for (int life = 0; life < 2; life++) {
      JournalStore journal = fixture.open(directory, flavour);
      assertThat(tagged(journal, "job")).isEqualTo(JOBS);
      assertThat(tagged(journal, "agent"))
          .containsExactly("1 agent|x 3 agent|x-3", "2 agent|x 4 agent|x-4");
      assertThat(tagged(journal, "red")).containsExactly("10 job|a 6 job|a-6");
      assertThat(tagged(journal, "catalog")).hasSize(2).startsWith("3 catalog 1 catalog-1");
      assertThat(tagged(journal, "task")).isEmpty();
      assertThat(replay(journal, "agent|x")).isEqualTo(payloads("agent|x", 3, 4));
      journal.close();
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
      // Which no older version opens. That it can say so it must come that far: it reads marks and
      // heads first.
      assertThat(format(flavour)).isEqualTo("holdfast-journal/3");
      try (DB db = flavour.opener().open(directory.toFile())) {
        assertThat(db.get(JournalKeys.commit(1))).hasSize(20);
        assertThat(db.get(JournalKeys.head(JournalKeys.LIVE, "job|a"))).hasSize(36);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void isWrittenToAndDeletedFromAndRepairedLikeANewOne(Flavour flavour) {
    JournalStore journal = fixture.open(directory, flavour);
    write(journal, "job|b", 3, 4);
    await(journal.delete("job|a", 8));
    await(journal.delete("agent|x", 4));
    List<String> before = tagged(journal, "job");
    assertThat(before)
        .containsExactly(
            "13 job|a 9 job|a-9",
            "14 job|b 1 job|b-1",
            "15 job|b 2 job|b-2",
            "16 job|b 3 job|b-3",
            "17 job|b 4 job|b-4");
    journal.close();
    assertThat(JournalCheck.of(directory).damages()).isEmpty();

    tamper(directory, flavour, JournalKeys.index("job", 14), null);
    assertThat(JournalCheck.of(directory).isSound()).isFalse();
    JournalRepair.Outcome outcome = JournalRepair.of(directory);
    assertThat(outcome.setAside()).isEmpty();
    JournalStore repaired = fixture.open(directory, flavour);
    assertThat(tagged(repaired, "job")).isEqualTo(before);
    write(repaired, "job|b", 5, 5);
    String newest = tagged(repaired, "job").get(5);
    assertThat(Long.parseLong(newest.split(" ")[0])).isGreaterThan(1L << 32);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void aCrashWhileTheIndexIsMadeIsHarmless(Flavour flavour) throws IOException {
    for (int writes = 0; writes < 2; writes++) {
      int[] left = {writes};
      try (DB db = flavour.opener().open(directory.toFile())) {
        assertThatThrownBy(
                () ->
                    IndexBuild.of(
                        directory,
                        db,
                        0,
                        () -> {
                          if (left[0]-- == 0) {
                            throw new IllegalStateException("killed");
                          }
                        }))
            .hasMessage("killed");
      }
      assertThat(format(flavour)).isEqualTo("holdfast-journal/2");
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
    }
    assertThat(tagged(fixture.open(directory, flavour), "job")).isEqualTo(JOBS);
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void withADamagedEventItIsRefusedAndLeftInItsFormat(Flavour flavour) throws IOException {
    tamper(directory, flavour, JournalKeys.event("job|a", 4), value -> value[40] ^= 1);
    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("'job|a', sequence number 4")
        .hasMessageContaining("holdfast journal repair");
    assertThat(format(flavour)).isEqualTo("holdfast-journal/2");

    assertThat(JournalRepair.of(directory).setAside())
        .extracting(JournalRepair.SetAside::persistenceId)
        .containsExactly("job|a");
    JournalStore repaired = fixture.open(directory, flavour);
    assertThat(tagged(repaired, "job").stream().map(text -> text.split(" ", 2)[1]))
        .containsExactly("job|b 1 job|b-1", "job|b 2 job|b-2");
  }
}
