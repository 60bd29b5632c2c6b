package io.holdfast.persistence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;

/**
 * What the file {@link HighWater} says.
 *
 * <p>The entries lie in a ring, so an entry that cannot be read may have been for the newest commit
 * only if it lies right behind the newest that can be read. Then that many further commits are
 * asked for: LevelDB has a commit before its entry is written, so an entry that was half written
 * when the power failed refuses nothing.
 *
 * @param isThere whether there is such a file
 * @param slots what could be read, by commit; without those that were never used
 * @param journal whose it is; empty when nothing could be read
 * @param newest the newest commit that is known to have been on disk
 * @param least the newest commit that may have been: what the journal must hold not to have lost
 *     any
 * @param unreadable how many entries cannot be read
 */
record HighWaterReading(
    boolean isThere,
    TreeMap<Long, HighWaterSlot> slots,
    Optional<UUID> journal,
    long newest,
    long least,
    int unreadable) {

  static HighWaterReading of(Path directory) {
    Path file = directory.resolve(HighWater.FILE);
    if (!Files.exists(file)) {
      return new HighWaterReading(false, new TreeMap<>(), Optional.empty(), 0, 0, 0);
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<HighWaterSlot> read = new ArrayList<>();
    for (int slot = 0; slot < HighWater.SLOTS; slot++) {
      int at = slot * HighWaterSlot.BYTES;
      read.add(
          at + HighWaterSlot.BYTES > bytes.length
              ? null
              : inPlace(slot, Arrays.copyOfRange(bytes, at, at + HighWaterSlot.BYTES)));
    }
    return of(read);
  }

  private static HighWaterSlot inPlace(int slot, byte[] bytes) {
    return HighWaterSlot.decode(bytes)
        .filter(found -> found.commit() == 0 || HighWater.slot(found.commit()) == slot)
        .orElse(null);
  }

  private static HighWaterReading of(List<HighWaterSlot> read) {
    TreeMap<Long, HighWaterSlot> slots = new TreeMap<>();
    UUID journal = null;
    int unreadable = 0;
    for (HighWaterSlot slot : read) {
      if (slot == null || (journal != null && !journal.equals(slot.journal()))) {
        unreadable++;
        continue;
      }
      journal = slot.journal();
      if (slot.commit() > 0) {
        slots.put(slot.commit(), slot);
      }
    }
    long newest = slots.isEmpty() ? 0 : slots.lastKey();
    long least = newest;
    while (least - newest < HighWater.SLOTS && read.get(HighWater.slot(least + 1)) == null) {
      least++;
    }
    return new HighWaterReading(
        true, slots, Optional.ofNullable(journal), newest, least, unreadable);
  }

  /** Whether nothing at all can be read. */
  boolean isUnreadable() {
    return isThere && journal.isEmpty();
  }

  /**
   * What was in some commits: the persistence ids and the highest number of each.
   *
   * @return empty when not all of them are known
   */
  Optional<Map<String, Long>> idsOf(LongStream commits) {
    Map<String, Long> ids = new TreeMap<>();
    boolean[] complete = {true};
    commits.forEach(
        commit -> {
          HighWaterSlot slot = slots.get(commit);
          if (slot == null) {
            complete[0] = false;
            return;
          }
          complete[0] &= slot.unnamed() == 0;
          slot.ids().forEach((id, number) -> ids.merge(id, number, Math::max));
        });
    return complete[0] ? Optional.of(ids) : Optional.empty();
  }
}
