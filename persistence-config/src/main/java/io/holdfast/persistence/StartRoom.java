package io.holdfast.persistence;

import com.typesafe.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a data directory is on a disk with enough room to start on. Asked before anything is
 * written, so that a start that is refused leaves nothing behind. State: none.
 */
public final class StartRoom {
  private StartRoom() {}

  /**
   * Looks at the disk. A new directory needs what the journal needs to write at all; one that has
   * been used is opened with half of that, so that what it knows can be told.
   *
   * @param setting the setting that names the directory, for the message
   * @param config with the section {@code holdfast.journal.leveldb}
   * @throws JournalUnavailableException naming the directory, how much is free and how much is
   *     needed
   */
  public static void require(Path data, String setting, Config config) {
    long least = JournalSettings.minFreeSpace(config.getConfig(JournalSettings.SECTION));
    boolean known = Files.exists(data.resolve("identity"));
    long needed = known ? least / 2 : least;
    Path there = data.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    long free = there.toFile().getUsableSpace();
    if (free < needed) {
      throw new JournalUnavailableException(
          "the disk of %s = %s has too little room: %d KiB free, %d KiB needed (%s%s.min-free-space). Make room or enlarge it, then start again."
              .formatted(
                  setting,
                  data,
                  free >> 10,
                  needed >> 10,
                  known ? "half of " : "",
                  JournalSettings.SECTION));
    }
  }
}
