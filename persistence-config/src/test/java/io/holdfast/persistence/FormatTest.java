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
 * Journals that older versions have written are read, and get what they lack: that of format 2 an
 * index, that of format 3 another {@link HighWater}. The files {@code format-2.zip} and {@code
 * format-3.zip} were written by those versions and are never changed.
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
    directory = unpack("format-2");
  }

  private Path unpack(String name) throws IOException {
    Path directory = Files.createDirectory(folder.resolve(name));
    try (InputStream in = getClass().getResourceAsStream(name + ".zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry file = zip.getNextEntry(); file != null; file = zip.getNextEntry()) {
        Files.copy(zip, directory.resolve(file.getName()));
      }
    }
    return directory;
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
      assertThat(format(flavour)).isEqualTo("holdfast-journal/4");
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
    assertThat(outcome.cuts()).isEmpty();
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

    JournalRepair.Cut cut = JournalRepair.of(directory).cuts().get(0);
    assertThat(cut.persistenceId()).isEqualTo("job|a");
    assertThat(cut.readableTo()).isEqualTo(3);
    assertThat(JournalCheck.of(directory).damages()).isEmpty();
    JournalStore repaired = fixture.open(directory, flavour);
    write(repaired, "job|a", cut.number() + 1, cut.number() + 1);
    // The cut comes after all that was before, also after what has got its position only now.
    assertThat(tagged(repaired, "job").stream().map(text -> text.split(" ", 2)[1]))
        .startsWith(
            "job|a 1 job|a-1",
            "job|a 2 job|a-2",
            "job|a 3 job|a-3",
            "job|b 1 job|b-1",
            "job|b 2 job|b-2")
        .hasSize(7)
        .endsWith("job|a %1$d job|a-%1$d".formatted(cut.number() + 1));
    assertThat(replay(repaired, "job|a").get(3)).isInstanceOf(JournalCut.class);
    await(repaired.delete("job|a", cut.number()));
    assertThat(tagged(repaired, "job"))
        .hasSize(3)
        .element(0)
        .asString()
        .endsWith("job|b 1 job|b-1");
    repaired.close();
    assertThat(JournalCheck.of(directory).damages()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void acrossACutOldEventsKeepTheirPositions(Flavour flavour) {
    fixture.open(directory, flavour).close();
    tamper(directory, flavour, JournalKeys.event("job|a", 4), value -> value[40] ^= 1);
    long cut = JournalRepair.of(directory).cuts().get(0).number();
    JournalStore repaired = fixture.open(directory, flavour);
    write(repaired, "job|a", cut + 1, cut + 1);
    List<String> jobs = tagged(repaired, "job");
    assertThat(jobs)
        .startsWith(
            "5 job|a 1 job|a-1",
            "6 job|a 2 job|a-2",
            "7 job|a 3 job|a-3",
            "14 job|b 1 job|b-1",
            "15 job|b 2 job|b-2")
        .hasSize(7);
    await(repaired.delete("job|a", 2));
    assertThat(tagged(repaired, "job")).isEqualTo(jobs.subList(2, 7));
    repaired.close();
    assertThat(JournalCheck.of(directory).damages()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofFormat3KeepsItsEventsAndItsIndex(Flavour flavour) throws IOException {
    directory = unpack("format-3");
    for (int life = 0; life < 2; life++) {
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
      JournalStore journal = fixture.open(directory, flavour);
      assertThat(replay(journal, "job|a")).isEqualTo(payloads("job|a", 1, 6));
      assertThat(replay(journal, "agent|x")).isEqualTo(payloads("agent|x", 3, 3));
      assertThat(tagged(journal, "job"))
          .containsExactly(
              "1 job|a 1 job|a-1",
              "2 job|a 2 job|a-2",
              "3 job|a 3 job|a-3",
              "4 job|a 4 job|a-4",
              "8 job|b 1 job|b-1",
              "9 job|b 2 job|b-2",
              "10 job|a 5 job|a-5",
              "11 job|a 6 job|a-6");
      journal.close();
      assertThat(format(flavour)).isEqualTo("holdfast-journal/4");
      assertThat(HighWaterReading.of(directory).isClean()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  void ofFormat3MissesWhatItsMarkKnows(Flavour flavour) throws IOException {
    directory = unpack("format-3");
    long newest = HighWaterReading.of(directory).newest();
    Files.write(directory.resolve("000006.log"), new byte[0]);

    assertThatThrownBy(() -> fixture.open(directory, flavour))
        .isInstanceOf(JournalDamagedException.class)
        .hasMessageContaining("the end is missing, which was acknowledged")
        .hasMessageContaining("of " + newest)
        .hasMessageContaining("'job|a' up to 6, 'job|b' up to 2");
  }
}
