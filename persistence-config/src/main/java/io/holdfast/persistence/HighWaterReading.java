package io.holdfast.persistence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;

/**
 * What the file {@link HighWater} says.
 *
 * <p>Of an entry that is damaged it is mostly known which commit it is of, and which ids that had
 * ({@link HighWaterSectors}). Where not even that can be read, it may have been the newest commit's
 * only if it lies right behind the newest that can be read: then that many further commits are
 * asked for. One that was half written when the power failed was not acknowledged, and refuses
 * nothing.
 *
 * @param isThere whether there is such a file
 * @param slots what could be read, by commit; without those that were never used
 * @param journal whose it is; empty when nothing could be read
 * @param newest the newest commit that is known to have been acknowledged, or to have been about to
 * @param least the newest commit that may have been: what the journal must hold not to have lost
 *     any
 * @param damaged the commits whose entries were written and are damaged since
 * @param isClean whether each entry can be read, and has the form of today
 */
record HighWaterReading(
    boolean isThere,
    TreeMap<Long, HighWaterSlot> slots,
    Optional<UUID> journal,
    long newest,
    long least,
    Set<Long> damaged,
    boolean isClean) {

  /** Stands for the journal where an entry does not tell. */
  private static final UUID NOBODY = new UUID(0, 0);

  static HighWaterReading of(Path directory) {
    Path file = directory.resolve(HighWater.FILE);
    if (!Files.exists(file)) {
      return new HighWaterReading(false, new TreeMap<>(), Optional.empty(), 0, 0, Set.of(), false);
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
   * @param commit whose entry was written here last; -1 when that cannot be read
   * @param slot what it says, as far as it can be read; empty when it was not written to its end
   */
  private record Place(long commit, Optional<HighWaterSlot> slot, boolean isWhole) {
    private static final Place UNREADABLE = new Place(-1, Optional.empty(), false);

    static Place old(int slot, byte[] bytes) {
      return OldHighWaterSlot.decode(bytes)
          .filter(found -> isAt(found.commit(), slot, OldHighWaterSlot.SLOTS))
          .map(found -> new Place(found.commit(), Optional.of(found), true))
          .orElse(UNREADABLE);
    }

    static Place of(int slot, byte[] bytes) {
      HighWaterSectors.Read read = HighWaterSectors.read(bytes);
      if (!isAt(read.commit(), slot, HighWater.SLOTS)) {
        return UNREADABLE;
      }
      return switch (read.kind()) {
        case WHOLE -> whole(read);
        case DAMAGED -> new Place(read.commit(), Optional.of(names(read)), false);
        case TORN -> new Place(read.commit(), Optional.empty(), false);
        case UNREADABLE -> UNREADABLE;
      };
    }

    private static Place whole(HighWaterSectors.Read read) {
      try {
        HighWaterSlot slot = HighWaterSlot.decode(read.commit(), read.content());
        return new Place(read.commit(), Optional.of(slot), true);
      } catch (RuntimeException e) {
        return UNREADABLE;
      }
    }

    private static HighWaterSlot names(HighWaterSectors.Read read) {
      try {
        return HighWaterSlot.decodeNames(read.commit(), read.content());
      } catch (RuntimeException e) {
        return HighWaterSlot.unknown(NOBODY, read.commit());
      }
    }

    private static boolean isAt(long commit, int slot, int slots) {
      return commit == 0 || commit % slots == slot;
    }
  }

  private static HighWaterReading of(List<Place> places, boolean isOld) {
    TreeMap<Long, HighWaterSlot> slots = new TreeMap<>();
    Set<Long> damaged = new HashSet<>();
    UUID journal = null;
    boolean isClean = !isOld;
    for (Place place : places) {
      isClean &= place.isWhole();
      HighWaterSlot slot = place.slot().orElse(null);
      if (slot == null) {
        continue;
      }
      if (!slot.journal().equals(NOBODY)) {
        journal = journal == null ? slot.journal() : journal;
        if (!journal.equals(slot.journal())) {
          isClean = false;
          continue;
        }
      }
      if (slot.commit() > 0) {
        slots.put(slot.commit(), slot);
        if (!place.isWhole()) {
          damaged.add(slot.commit());
        }
      }
    }
    long newest = slots.isEmpty() ? 0 : slots.lastKey();
    long least = newest;
    while (least - newest < places.size()
        && places.get((int) ((least + 1) % places.size())).commit() < 0) {
      least++;
    }
    return new HighWaterReading(
        true, slots, Optional.ofNullable(journal), newest, least, damaged, isClean);
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
