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
 * <p>The entries lie in a ring, so an entry that is damaged may have been for the newest commit
 * only if it lies right behind the newest that can be read. Then that many further commits are
 * asked for. One that was half written when the power failed looks otherwise ({@link
 * HighWaterSectors}), was not acknowledged, and refuses nothing.
 *
 * @param isThere whether there is such a file
 * @param slots what could be read, by commit; without those that were never used
 * @param journal whose it is; empty when nothing could be read
 * @param newest the newest commit that is known to have been acknowledged, or to have been about to
 * @param least the newest commit that may have been: what the journal must hold not to have lost
 *     any
 * @param isClean whether each entry can be read, and has the form of today
 */
record HighWaterReading(
    boolean isThere,
    TreeMap<Long, HighWaterSlot> slots,
    Optional<UUID> journal,
    long newest,
    long least,
    boolean isClean) {

  static HighWaterReading of(Path directory) {
    Path file = directory.resolve(HighWater.FILE);
    if (!Files.exists(file)) {
      return new HighWaterReading(false, new TreeMap<>(), Optional.empty(), 0, 0, false);
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    boolean isOld = bytes.length == OldHighWaterSlot.SLOTS * OldHighWaterSlot.BYTES;
    int length = isOld ? OldHighWaterSlot.BYTES : HighWaterSectors.BYTES;
    int count = isOld ? OldHighWaterSlot.SLOTS : HighWater.SLOTS;
    List<Place> places = new ArrayList<>();
    for (int slot = 0; slot < count; slot++) {
      int from = Math.min(bytes.length, slot * length);
      byte[] place = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + length));
      places.add(isOld ? Place.old(slot, place) : Place.of(slot, place));
    }
    return of(places, isOld);
  }

  /**
   * One place in the ring.
   *
   * @param slot empty when nothing can be read
   * @param torn the commit whose entry was not written to its end; 0 if it does not look so
   */
  private record Place(Optional<HighWaterSlot> slot, long torn) {
    private static final Place DAMAGED = new Place(Optional.empty(), 0);

    static Place old(int slot, byte[] bytes) {
      return OldHighWaterSlot.decode(bytes)
          .filter(found -> isAt(found.commit(), slot, OldHighWaterSlot.SLOTS))
          .map(found -> new Place(Optional.of(found), 0))
          .orElse(DAMAGED);
    }

    static Place of(int slot, byte[] bytes) {
      HighWaterSectors.Read read = HighWaterSectors.read(bytes);
      if (!isAt(Math.max(read.commit(), read.torn()), slot, HighWater.SLOTS)) {
        return DAMAGED;
      }
      try {
        return new Place(
            read.content().map(content -> HighWaterSlot.decode(read.commit(), content)),
            read.torn());
      } catch (RuntimeException e) {
        return DAMAGED;
      }
    }

    private static boolean isAt(long commit, int slot, int slots) {
      return commit == 0 || commit % slots == slot;
    }

    /** Whether the entry of this commit was here, and is not any more. */
    boolean mayHaveHeld(long commit) {
      return slot.isEmpty() && torn != commit;
    }
  }

  private static HighWaterReading of(List<Place> places, boolean isOld) {
    TreeMap<Long, HighWaterSlot> slots = new TreeMap<>();
    UUID journal = null;
    boolean isClean = !isOld;
    for (Place place : places) {
      HighWaterSlot slot = place.slot().orElse(null);
      if (slot == null || (journal != null && !journal.equals(slot.journal()))) {
        isClean = false;
        continue;
      }
      journal = slot.journal();
      if (slot.commit() > 0) {
        slots.put(slot.commit(), slot);
      }
    }
    long newest = slots.isEmpty() ? 0 : slots.lastKey();
    long least = newest;
    while (least - newest < places.size()
        && places.get((int) ((least + 1) % places.size())).mayHaveHeld(least + 1)) {
      least++;
    }
    return new HighWaterReading(true, slots, Optional.ofNullable(journal), newest, least, isClean);
  }

  /**
   * The commits that follow one and can be made from their entries alone, in their order: LevelDB
   * had not got them yet, or has lost them.
   */
  List<HighWaterSlot> carriedAfter(long commit) {
    List<HighWaterSlot> carried = new ArrayList<>();
    HighWaterSlot next = slots.get(commit + 1);
    while (next != null && next.carries()) {
      carried.add(next);
      next = slots.get(next.commit() + 1);
    }
    return carried;
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
