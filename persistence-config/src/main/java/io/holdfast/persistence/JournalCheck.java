package io.holdfast.persistence;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Looks through a journal that nobody has open, event by event, and says what is damaged. It reads
 * the files without LevelDB and changes nothing but the file of the lock.
 */
public final class JournalCheck {
  private JournalCheck() {}

  /**
   * The folder of a journal, given that or the data directory of a master or an agent.
   *
   * @throws JournalUnavailableException when there is none
   */
  public static Path locate(Path directory) {
    Path inside = directory.resolve("journal");
    JournalRepair.finish(inside);
    JournalRepair.finish(directory);
    for (Path candidate : new Path[] {inside, directory}) {
      if (Files.isDirectory(candidate) && isJournal(candidate)) {
        return candidate;
      }
    }
    throw none(directory);
  }

  static JournalUnavailableException none(Path directory) {
    return new JournalUnavailableException(
        "There is no journal in %s: name the data directory of a master or an agent, or the folder 'journal' in it."
            .formatted(directory));
  }

  static boolean isJournal(Path candidate) {
    return Files.exists(candidate.resolve(HighWater.FILE))
        || Files.exists(candidate.resolve(JournalLock.FILE))
        || Files.exists(candidate.resolve("CURRENT"));
  }

  /**
   * Checks a journal, and takes as long as it takes to read all of it.
   *
   * @param directory see {@link #locate}
   * @throws JournalUnavailableException when there is none, or it is in use
   */
  public static JournalReport of(Path directory) {
    try (JournalLock lock = JournalLock.acquire(locate(directory))) {
      return JournalSurvey.of(lock.directory()).report();
    }
  }
}
