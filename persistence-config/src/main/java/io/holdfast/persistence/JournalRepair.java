package io.holdfast.persistence;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a journal usable again from which something is missing, when a person wants it: what is
 * whole is copied into a new one. Of a persistence id that is not, the events up to the first that
 * is damaged or missing are copied, and behind them stands a {@link JournalCut}: who is recovered
 * from it knows that there was more. Nothing is thrown away, the old files are kept.
 *
 * <p>Beside the journal's folder a folder {@code set-aside-<time>} is left with what can still be
 * read of the damaged persistence ids ({@code events.jsonl}), who they are ({@code record.json}),
 * and the old files ({@code journal}).
 *
 * <p>A crash leaves the old journal or the new one. The new one is made beside the old under
 * another name; between the two renames that exchange them there is none, and whoever opens the
 * journal next finishes that first ({@link #finish}).
 */
public final class JournalRepair {
  private static final String BEGUN = ".repairing";
  private static final String DONE = ".repaired";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  private JournalRepair() {}

  /**
   * A persistence id whose journal was cut.
   *
   * @param persistenceId which
   * @param readableTo up to this sequence number its events can be read, and are kept
   * @param highest the highest number that is known of; 0 when none is
   * @param number of the event that stands for what is missing; what is written from now on comes
   *     after it
   * @param over it had deleted all of its events, and only may have had later ones: it has no
   *     events in the new journal either
   * @param what why
   */
  public record Cut(
      String persistenceId,
      long readableTo,
      long highest,
      long number,
      boolean over,
      String what) {}

  /**
   * What a repair did.
   *
   * @param before what was found
   * @param cuts the persistence ids from which something is missing
   * @param mayMissIds whether there may have been further ids, of which not even the name is left:
   *     these are not in {@code cuts}, and the journal takes them for new ones
   * @param folder where the old files are; null when the journal was sound, and left as it is
   */
  public record Outcome(JournalReport before, List<Cut> cuts, boolean mayMissIds, Path folder) {
    public Outcome {
      cuts = List.copyOf(cuts);
    }
  }

  /**
   * Repairs a journal. A sound one is left alone.
   *
   * @param directory see {@link JournalCheck#locate}
   * @throws JournalUnavailableException when there is none, it is in use, or there is no room
   */
  public static Outcome of(Path directory) {
    try (JournalLock lock = JournalLock.acquire(JournalCheck.locate(directory))) {
      Path journal = lock.directory();
      JournalSurvey survey = JournalSurvey.of(journal);
      JournalReport before = survey.report();
      if (before.isSound()) {
        return new Outcome(before, List.of(), false, null);
      }
      requireRoom(journal);
      Instant now = Instant.now();
      List<Cut> cuts = cuts(survey, now);
      Path fresh = sibling(journal, BEGUN);
      delete(fresh);
      delete(sibling(journal, DONE));
      Path folder = Files.createDirectory(journal.resolveSibling("set-aside-" + TIME.format(now)));
      RepairFiles.write(survey, folder, cuts, now);
      RepairedJournal.write(survey, fresh, cuts, now);
      requireSound(fresh, survey, cuts);
      sync(fresh);
      Files.move(fresh, sibling(journal, DONE), StandardCopyOption.ATOMIC_MOVE);
      sync(journal.getParent());
      exchange(journal, folder);
      return new Outcome(before, cuts, survey.mayMissIds(), folder);
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "The journal in %s could not be repaired, and is as it was: %s.".formatted(directory, e),
          e);
    }
  }

  /** Whether there is one that {@link #finish} would finish. */
  static boolean isInterrupted(Path journal) {
    return !Files.exists(journal) && Files.exists(sibling(journal, DONE));
  }

  /** Finishes a repair that was interrupted between its two renames; else does nothing. */
  static void finish(Path journal) {
    Path done = sibling(journal.toAbsolutePath().normalize(), DONE);
    if (Files.exists(journal) || !Files.exists(done)) {
      return;
    }
    try {
      Files.move(done, journal, StandardCopyOption.ATOMIC_MOVE);
      sync(journal.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new JournalUnavailableException(
          "A repair of the journal was interrupted, and %s cannot be renamed to %s: %s."
              .formatted(done, journal, e),
          e);
    }
  }

  private static void exchange(Path journal, Path folder) throws IOException {
    Files.move(journal, folder.resolve("journal"), StandardCopyOption.ATOMIC_MOVE);
    sync(folder);
    sync(journal.getParent());
    finish(journal);
  }

  private static List<Cut> cuts(JournalSurvey survey, Instant at) {
    List<Cut> cuts = new ArrayList<>();
    survey
        .ids()
        .forEach(
            (id, found) -> {
              if (!found.isWhole()) {
                cuts.add(
                    cut(
                        id,
                        JournalCut.of(found.readableTo(), found.known(), found.wrong(), at),
                        found.isOver()));
              }
            });
    // Set aside by an earlier version, which kept nothing of them in the journal.
    survey
        .setAside()
        .forEach(
            (id, readableTo) ->
                cuts.add(
                    cut(
                        id,
                        JournalCut.of(
                            0, readableTo, "an earlier repair has set its events aside", at),
                        false)));
    return cuts;
  }

  private static Cut cut(String id, JournalCut event, boolean isOver) {
    return new Cut(
        id, event.readableTo(), event.highestKnown(), event.number(), isOver, event.what());
  }

  private static Path sibling(Path journal, String suffix) {
    return journal.resolveSibling(journal.getFileName() + suffix);
  }

  /** The new journal must hold what was readable in the old one, the cuts, and nothing else. */
  private static void requireSound(Path fresh, JournalSurvey survey, List<Cut> cuts) {
    JournalReport before = survey.report();
    long events =
        before.soundEvents()
            + cuts.stream().filter(cut -> !cut.over()).count()
            + survey.ids().values().stream()
                .filter(found -> !found.isWhole())
                .mapToLong(found -> found.readableEvents)
                .sum();
    JournalReport after = JournalSurvey.of(fresh).report();
    if (!after.isSound()
        || after.soundIds() != before.soundIds() + cuts.size()
        || after.soundEvents() != events) {
      throw new JournalUnavailableException(
          "The repaired copy %s is not what was readable before (%s, %s); the journal is left as it was."
              .formatted(fresh, before, after));
    }
  }

  private static void requireRoom(Path journal) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.list(journal)) {
      for (Path file : files.toList()) {
        size += Files.size(file);
      }
    }
    long free = journal.toFile().getUsableSpace();
    // The copy, and the events that are set aside, which are longer as text.
    if (free < 3 * size) {
      throw new JournalUnavailableException(
          "There is no room for a repaired copy of %s: %d KiB free, %d KiB needed."
              .formatted(journal, free >> 10, (3 * size) >> 10));
    }
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
