package io.holdfast.persistence;

import static io.holdfast.persistence.JournalFixture.await;
import static io.holdfast.persistence.JournalFixture.event;
import static io.holdfast.persistence.JournalFixture.replay;
import static io.holdfast.persistence.JournalFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each sector of each file of a journal is damaged in turn: the journal comes back as it was, or it
 * says which file is damaged. A journal that is refused is left as it is. It was closed, or its
 * process was killed: then LevelDB has not got its newest commits.
 */
class SectorTest {
  private static final int SECTOR = 512;
  private static final List<String> IDS = List.of("p", "q", "long", "dead", "late");

  private final JournalFixture fixture = new JournalFixture();
  private final List<String> failures = new ArrayList<>();

  private int forgotten;

  @TempDir(factory = MemoryFolder.class)
  Path directory;

  @AfterEach
  void close() {
    fixture.close();
  }

  /** How the journal was left. */
  private enum Left {
    /** With several ids, several commits, tables that were merged, and a log. */
    CLOSED {
      @Override
      Path fill(JournalFixture fixture, Path directory, Flavour flavour) {
        for (int life = 0; life < 6; life++) {
          JournalStore journal = fixture.open(directory, flavour);
          write(journal, "p", 3 * life + 1, 3 * life + 3);
          write(journal, "q", life + 1, life + 1);
          await(journal.write(List.of(event("long", life + 1, "y".repeat(3000)))));
          if (life == 0) {
            write(journal, "dead", 1, 5);
            await(journal.delete("dead", 5));
          } else {
            await(journal.delete("p", 3 * life - 1));
          }
          journal.close();
        }
        JournalStore journal = fixture.open(directory, flavour);
        write(journal, "p", 19, 25);
        write(journal, "late", 1, 2);
        journal.close();
        return directory;
      }
    },
    /** With large commits, which LevelDB has, and small ones behind them, which it has not. */
    KILLED {
      @Override
      Path fill(JournalFixture fixture, Path directory, Flavour flavour) {
        JournalStore journal = fixture.open(directory.resolve("open"), flavour);
        write(journal, "p", 1, 3);
        write(journal, "dead", 1, 5);
        await(journal.write(List.of(event("long", 1, "y".repeat(HighWaterSectors.BYTES)))));
        write(journal, "p", 4, 6);
        await(journal.delete("dead", 5));
        write(journal, "q", 1, 2);
        await(journal.write(List.of(event("long", 2, "y".repeat(HighWaterSectors.BYTES)))));
        await(journal.delete("p", 2));
        await(journal.write(List.of(event("long", 3, "z".repeat(1200)))));
        write(journal, "late", 1, 1);
        Path killed = JournalFixture.copy(directory.resolve("open"), directory.resolve("killed"));
        journal.close();
        return killed;
      }

      @Override
      int casesForEachForgotten() {
        // An id that is only in the mark is gone with the end of that.
        return 5;
      }

      @Override
      List<String> deleted() {
        return List.of("p-1", "p-2", "dead-1", "dead-2", "dead-3", "dead-4", "dead-5");
      }
    };

    /** Fills a journal, each of whose ids is a tag as well. */
    abstract Path fill(JournalFixture fixture, Path directory, Flavour flavour);

    /** How rarely so little is left of an id that not even its name is known. */
    int casesForEachForgotten() {
      return 10;
    }

    /** The payloads whose deletion is not in LevelDB yet. */
    List<String> deleted() {
      return List.of();
    }
  }

  private static Stream<Arguments> journals() {
    return Arrays.stream(Left.values())
        .flatMap(
            left ->
                Arrays.stream(Flavour.values())
                    .flatMap(
                        flavour ->
                            Arrays.stream(Harm.values())
                                .map(harm -> Arguments.of(left, flavour, harm))));
  }

  private enum Harm {
    FLIP {
      @Override
      byte[] to(byte[] bytes, int at, int end) {
        int bit = new Random(31L * at + bytes.length).nextInt((end - at) * 8);
        bytes[at + bit / 8] ^= (byte) (1 << bit % 8);
        return bytes;
      }
    },
    ZERO {
      @Override
      byte[] to(byte[] bytes, int at, int end) {
        Arrays.fill(bytes, at, end, (byte) 0);
        return bytes;
      }
    },
    CUT {
      @Override
      byte[] to(byte[] bytes, int at, int end) {
        return Arrays.copyOf(bytes, at);
      }
    };

    abstract byte[] to(byte[] bytes, int at, int end);
  }

  @ParameterizedTest
  @MethodSource("journals")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void comesBackAsItWasOrNamesTheFile(
      Left left, Flavour flavour, Harm harm, @TempDir(factory = MemoryFolder.class) Path elsewhere)
      throws IOException {
    Path journal = left.fill(fixture, directory, flavour);
    Map<String, List<Object>> whole = contents(JournalFixture.copy(journal, elsewhere), flavour);
    int cases = 0;
    for (Path file : harmed(journal, flavour)) {
      int size = (int) Files.size(file);
      for (int at = 0; at < size; at += SECTOR) {
        Path copy = JournalFixture.copy(journal, elsewhere.resolve("case-" + cases++));
        Path harmed = copy.resolve(file.getFileName());
        Files.write(harmed, harm.to(Files.readAllBytes(file), at, Math.min(size, at + SECTOR)));
        examine(harmed, at, flavour, whole);
        delete(copy);
      }
    }
    assertThat(failures).isEmpty();
    assertThat(cases).isGreaterThan(15);
  }

  @ParameterizedTest
  @MethodSource("journals")
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void isRepairedWithoutLosingAnythingUnnoticed(
      Left left, Flavour flavour, Harm harm, @TempDir(factory = MemoryFolder.class) Path elsewhere)
      throws IOException {
    Path journal = left.fill(fixture, directory, flavour);
    Map<String, List<Object>> whole = contents(JournalFixture.copy(journal, elsewhere), flavour);
    int cases = 0;
    for (Path file : harmed(journal, flavour)) {
      int size = (int) Files.size(file);
      for (int at = 0; at < size; at += SECTOR) {
        Path copy = elsewhere.resolve("case-" + cases++).resolve("journal");
        JournalFixture.copy(journal, copy);
        Path harmed = copy.resolve(file.getFileName());
        Files.write(harmed, harm.to(Files.readAllBytes(file), at, Math.min(size, at + SECTOR)));
        repair(harmed, at, left, flavour, whole);
        delete(copy.getParent());
      }
    }
    assertThat(failures).isEmpty();
    assertThat(forgotten).isLessThan(cases / left.casesForEachForgotten());
  }

  private void repair(
      Path harmed, int at, Left left, Flavour flavour, Map<String, List<Object>> whole) {
    String where = harmed.getFileName() + " at " + at + ": ";
    Path copy = harmed.getParent();
    try {
      JournalReport report = JournalCheck.of(copy);
      JournalRepair.Outcome outcome = JournalRepair.of(copy);
      if (report.isSound() != (outcome.folder() == null)) {
        failures.add(where + "repaired though sound, or not though damaged: " + report);
      }
      if (!JournalCheck.of(copy).isSound()) {
        failures.add(where + "damaged after the repair: " + JournalCheck.of(copy));
      }
      JournalStore journal = fixture.open(copy, flavour);
      for (String id : IDS) {
        List<Object> now = contents(journal, id);
        // Of which nothing is left, not even the name; then it says that there may be such.
        boolean isGone = now.equals(List.of(0L, List.of(), List.of())) && outcome.mayMissIds();
        forgotten += isGone ? 1 : 0;
        boolean isCut =
            outcome.cuts().stream()
                .anyMatch(
                    cut ->
                        cut.persistenceId().equals(id)
                            && isCut(cut, now, whole.get(id), left.deleted()));
        if (!isGone && !isCut && !now.equals(whole.get(id))) {
          failures.add(where + "'" + id + "' is another after the repair: " + report);
        }
      }
      journal.close();
    } catch (RuntimeException e) {
      failures.add(where + e);
    }
  }

  /**
   * Whether it has a part of its events, and then the cut alone; by its tag as well.
   *
   * @param deleted what is there again if its deletion is in what is cut off
   */
  private static boolean isCut(
      JournalRepair.Cut cut, List<Object> now, List<Object> whole, List<String> deleted) {
    // The last three are its highest number, whether it is listed, and what has its tag.
    List<Object> events = now.subList(0, now.size() - 3);
    long highest = (Long) whole.get(whole.size() - 3);
    if (!now.get(now.size() - 3).equals(cut.number()) || cut.number() <= highest) {
      return false;
    }
    List<?> tagged = (List<?>) now.get(now.size() - 1);
    List<?> taggedBefore = (List<?>) whole.get(whole.size() - 1);
    if (cut.over()) {
      return events.isEmpty() && tagged.isEmpty();
    }
    int kept = events.size() - 1;
    return tagged.size() == events.size()
        && events.get(kept) instanceof JournalCut
        && tagged.get(kept).toString().contains("JournalCut")
        && events.subList(0, kept).stream()
            .allMatch(event -> whole.contains(event) || deleted.contains(event))
        && tagged.subList(0, kept).stream()
            .allMatch(
                text ->
                    taggedBefore.contains(text)
                        || deleted.stream().anyMatch(text.toString()::endsWith));
  }

  private void examine(Path harmed, int at, Flavour flavour, Map<String, List<Object>> whole)
      throws IOException {
    String name = harmed.getFileName().toString();
    Map<String, byte[]> before = bytes(harmed.getParent());
    JournalStore journal;
    try {
      journal = fixture.open(harmed.getParent(), flavour);
    } catch (JournalException e) {
      if (!e.getMessage().contains(name)) {
        failures.add(name + " at " + at + " is not named: " + e);
      }
      if (!sameBytes(before, bytes(harmed.getParent()))) {
        failures.add(name + " at " + at + ": refused, and changed nevertheless: " + e);
      }
      return;
    } catch (RuntimeException e) {
      failures.add(name + " at " + at + " without a place: " + e);
      return;
    }
    try {
      for (String id : IDS) {
        try {
          if (!contents(journal, id).equals(whole.get(id))) {
            failures.add(name + " at " + at + ": '" + id + "' is another");
          }
        } catch (JournalDamagedException e) {
          boolean isNamed =
              e.persistenceId().equals(id) || e.getMessage().contains("tag '" + id + "'");
          if (!e.getMessage().contains(name) || !isNamed) {
            failures.add(name + " at " + at + " is not named: " + e);
          }
        }
      }
    } catch (RuntimeException e) {
      failures.add(name + " at " + at + " without a place: " + e);
    } finally {
      journal.close();
    }
  }

  private Map<String, List<Object>> contents(Path in, Flavour flavour) {
    JournalStore journal = fixture.open(in, flavour);
    Map<String, List<Object>> all = new TreeMap<>();
    IDS.forEach(id -> all.put(id, contents(journal, id)));
    journal.close();
    return all;
  }

  private static List<Object> contents(JournalStore journal, String id) {
    List<Object> contents = new ArrayList<>(replay(journal, id));
    contents.add(await(journal.highestSequenceNr(id)));
    contents.add(await(journal.persistenceIds(id)));
    // Each of the ids is a kind of its own.
    contents.add(JournalFixture.tagged(journal, id));
    return contents;
  }

  /** Every file; those that are read without LevelDB only once. */
  private static List<Path> harmed(Path journal, Flavour flavour) throws IOException {
    return files(journal).stream()
        .filter(file -> flavour == Flavour.NATIVE || !file.endsWith(HighWater.FILE))
        .toList();
  }

  private static List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Map<String, byte[]> bytes(Path in) throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    for (Path file : files(in)) {
      if (!file.endsWith(JournalLock.FILE)) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  private static boolean sameBytes(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.keySet().stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }
  }
}
