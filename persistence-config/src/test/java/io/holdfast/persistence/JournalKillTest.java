package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.tagged;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that writes is killed at random points: what it acknowledged is there afterwards, and
 * what it acknowledged as deleted is not.
 */
class JournalKillTest {
  /** As many as LevelDB's log holds before it becomes a table of 4 MiB, and some. */
  private static final int LARGE_FOR_A_TABLE = 40;

  private final JournalFixture fixture = new JournalFixture();
  private final Map<String, Long> acknowledged = new HashMap<>();
  private final Map<String, Long> deleted = new HashMap<>();

  // Where in its work the process is killed is up to the machine; this is only how far it gets.
  private final Random random = new Random(7);

  private Process writer;
  private int lives;
  private int large;

  // What a kill leaves does not depend on the disk; how long the writing takes does.
  @TempDir(factory = MemoryFolder.class)
  Path folder;

  private Path directory;

  @AfterEach
  void end() throws InterruptedException {
    if (writer != null) {
      writer.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
    fixture.close();
  }

  /** How far a process comes before it is killed. */
  private interface Until {
    void reached(BufferedReader out) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(Flavour.class)
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyAcknowledgedEventOfAKilledProcessIsThere(Flavour flavour) throws Exception {
    directory = folder.resolve("journal");
    live(flavour, this::untilFilesChange);
    live(flavour, this::someTime);
    live(flavour, out -> {});
    live(flavour, this::untilThereIsATable);
    live(flavour, this::untilFilesChange);
    live(flavour, this::someTime);

    JournalStore journal = fixture.open(directory, flavour);
    assertThat(acknowledged).hasSize(KilledWriter.IDS);
    assertThat(deleted).hasSize(KilledWriter.IDS);
    List<String> withTag = new ArrayList<>();
    for (String id : acknowledged.keySet()) {
      long highest = await(journal.highestSequenceNr(id));
      assertThat(highest).as(id).isBetween(acknowledged.get(id), acknowledged.get(id) + lives);
      List<Object> events = replay(journal, id);
      long deletedTo = highest - events.size();
      // A deletion that was under way may have been completed; none is undone.
      assertThat(deletedTo).as(id).isGreaterThanOrEqualTo(deleted.get(id));
      assertThat(KilledWriter.isDeletedTo(deletedTo)).as(id + " " + deletedTo).isTrue();
      assertThat(events).isEqualTo(payloads(id, deletedTo + 1, highest));
      // Each of the ids is a kind, so all of its events have that tag.
      assertThat(withoutPosition(tagged(journal, id)))
          .isEqualTo(lines(id, LongStream.rangeClosed(deletedTo + 1, highest)));
      withTag.addAll(
          lines(id, LongStream.rangeClosed(deletedTo + 1, highest).filter(KilledWriter::isTagged)));
    }
    assertThat(withoutPosition(tagged(journal, KilledWriter.TAG)))
        .containsExactlyInAnyOrderElementsOf(withTag);
  }

  private void live(Flavour flavour, Until until) throws Exception {
    List<Path> before = files();
    start(flavour);
    try (BufferedReader out = writer.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo(KilledWriter.OPENING);
      until.reached(out);
      // By its handle: the other way closes the pipe, and what was acknowledged with it.
      assertThat(writer.toHandle().destroyForcibly()).isTrue();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        note(line);
      }
    }
    assertThat(writer.waitFor(20, TimeUnit.SECONDS)).isTrue();
    lives++;
    if (!before.isEmpty()) {
      assertThat(JournalCheck.of(directory).damages()).isEmpty();
    }
  }

  /** In the midst of the opening: LevelDB begins a log of its own each time. */
  private void untilFilesChange(BufferedReader out) {
    List<Path> before = files();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> !files().equals(before));
  }

  private void someTime(BufferedReader out) throws IOException {
    int most = 50 + random.nextInt(250);
    for (int n = 0; n < most; n++) {
      note(out.readLine());
    }
  }

  private void untilThereIsATable(BufferedReader out) throws IOException {
    large = 0;
    while (large < LARGE_FOR_A_TABLE) {
      note(out.readLine());
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> files().stream().anyMatch(file -> file.toString().matches(".*\\.(sst|ldb)")));
  }

  private List<Path> files() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(Flavour flavour) throws IOException {
    writer =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    KilledWriter.class.getName(),
                    directory.toString(),
                    flavour.name()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
  }

  /** A line that was cut off by the end is none. */
  private void note(String line) {
    assertThat(line).as("the writer ended by itself").isNotNull();
    if (line.matches("id-\\d (wrote|deleted) \\d+")) {
      String[] words = line.split(" ");
      long number = Long.parseLong(words[2]);
      boolean isWritten = words[1].equals("wrote");
      (isWritten ? acknowledged : deleted).merge(words[0], number, Math::max);
      large += isWritten && KilledWriter.isLarge(number) ? 1 : 0;
    }
  }

  private static List<Object> payloads(String id, long from, long to) {
    return LongStream.rangeClosed(from, to)
        .<Object>mapToObj(n -> KilledWriter.payload(id, n))
        .toList();
  }

  private static List<String> lines(String id, LongStream numbers) {
    return numbers.mapToObj(n -> id + " " + n + " " + KilledWriter.payload(id, n)).toList();
  }

  private static List<String> withoutPosition(List<String> tagged) {
    return tagged.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
  }
}
