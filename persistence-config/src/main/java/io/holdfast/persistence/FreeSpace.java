package io.holdfast.persistence;

import java.nio.file.Path;

/**
 * Keeps the journal off a full disk. The native LevelDB maps its log into memory, and where the
 * disk has no room for a page of it the process is ended by a signal; the one written in Java does
 * not notice that only a part was written, and acknowledges what is lost. So writing stops while
 * there is still room, also for the tables that LevelDB merges meanwhile.
 *
 * <p>With less than {@code min-free-space} nothing is written any more; with less than half of it
 * nothing is deleted or opened either, as that needs room as well. What others write at the same
 * time can still fill the disk. For one thread, and one commit.
 */
final class FreeSpace {
  private final Path directory;
  private final long minFree;
  private long free;

  private FreeSpace(Path directory, long minFree, long free) {
    this.directory = directory;
    this.minFree = minFree;
    this.free = free;
  }

  /**
   * Looks at the disk; with {@code minFree} 0 it does not, and there is always room. An unreadable
   * disk has none.
   */
  static FreeSpace measure(Path directory, long minFree) {
    return new FreeSpace(
        directory, minFree, minFree == 0 ? Long.MAX_VALUE : directory.toFile().getUsableSpace());
  }

  /**
   * Sets {@code bytes} aside for events.
   *
   * @throws JournalUnavailableException when too little would be left
   */
  void takeForEvents(long bytes) {
    require(minFree + bytes);
    free -= bytes;
  }

  /**
   * For what needs little.
   *
   * @throws JournalUnavailableException when not even that is left
   */
  void requireForUpkeep() {
    require(minFree / 2);
  }

  private void require(long wanted) {
    if (free < wanted) {
      throw new JournalUnavailableException(
          "The disk of the journal in %s is full: %d KiB free, %d KiB needed (%s.min-free-space). Make room; it goes on by itself then."
              .formatted(directory, free >> 10, (wanted >> 10) + 1, JournalSettings.SECTION));
    }
  }
}
