package io.holdfast.persistence.snapshot;

import akka.persistence.SelectedSnapshot;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotSelectionCriteria;
import io.holdfast.persistence.Footing;
import io.holdfast.persistence.JournalException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest two snapshots of each persistence id, and believes none that is damaged or that
 * the journal does not bear out. Blocks; readings may come from several threads at once, changes
 * from one at a time. Hard state: the shelf.
 */
final class Snapshots {
  /** With two, one that turns out to be damaged costs only the events since the other. */
  static final int KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  private final SnapshotShelf shelf;
  private final SnapshotJournal journal;
  private final SnapshotCodec codec;

  Snapshots(SnapshotShelf shelf, SnapshotJournal journal, SnapshotCodec codec) {
    this.shelf = shelf;
    this.journal = journal;
    this.codec = codec;
  }

  /**
   * The newest that can be used. What is passed over is named in the log, with why.
   *
   * @throws JournalException when the journal cannot be read; or when the first events are deleted
   *     and no snapshot from behind them can be used, so that nothing leads to the state
   */
  Optional<SelectedSnapshot> newest(String id, SnapshotSelectionCriteria criteria) {
    for (long number : shelf.numbers(id)) {
      if (criteria.minSequenceNr() <= number && number <= criteria.maxSequenceNr()) {
        Optional<SelectedSnapshot> found =
            usable(id, number).filter(snapshot -> criteria.matches(snapshot.metadata()));
        if (found.isPresent()) {
          return found;
        }
      }
    }
    Footing footing = journal.footing(id, 0);
    boolean lostItsBeginning = 0 < footing.deletedTo() && footing.deletedTo() < footing.highest();
    if (lostItsBeginning && criteria.maxSequenceNr() >= footing.highest()) {
      throw new JournalException(
          "Persistence id '%s' cannot be recovered: its events up to %d are deleted, and there is no snapshot from behind them that can be used."
              .formatted(id, footing.deletedTo()));
    }
    return Optional.empty();
  }

  private Optional<SelectedSnapshot> usable(String id, long number) {
    try {
      StoredSnapshot stored = shelf.read(id, number);
      requireBorneOut(stored, journal.footing(id, number));
      return Optional.of(
          new SelectedSnapshot(
              new SnapshotMetadata(id, number, stored.timestamp()), codec.state(stored)));
    } catch (UnreadableSnapshotException e) {
      LOG.warn("The snapshot {} is not used: {}.", shelf.place(id, number), e.getMessage());
      LOG.debug("It is not used because of this.", e);
      return Optional.empty();
    }
  }

  /** The journal must have the very event that the snapshot stands behind. */
  private static void requireBorneOut(StoredSnapshot stored, Footing footing)
      throws UnreadableSnapshotException {
    long number = stored.sequenceNr();
    if (number > footing.highest()) {
      throw new UnreadableSnapshotException(
          "it stands behind event %d, and the newest in the journal is %d: the events that led to it are gone"
              .formatted(number, footing.highest()));
    }
    if (footing.hash().isEmpty() && number > footing.deletedTo()) {
      throw new UnreadableSnapshotException(
          "it stands behind event %d, which a repair of the journal did not keep"
              .formatted(number));
    }
    if (footing.hash().isEmpty()) {
      throw new UnreadableSnapshotException(
          "it stands behind event %d, which is deleted like those up to %d"
              .formatted(number, footing.deletedTo()));
    }
    if (footing.hash().getAsLong() != stored.eventHash()) {
      throw new UnreadableSnapshotException(
          "it stands behind another event %d than the one in the journal: it is of another history"
              .formatted(number));
    }
  }

  /**
   * Stores one behind an event that the journal has.
   *
   * @throws JournalException when it is not stored
   */
  void save(SnapshotMetadata metadata, Object state) {
    String id = metadata.persistenceId();
    Footing footing = journal.footing(id, metadata.sequenceNr());
    long hash =
        footing
            .hash()
            .orElseThrow(
                () ->
                    new JournalException(
                        "There is no event %d of persistence id '%s' that a snapshot could stand behind."
                            .formatted(metadata.sequenceNr(), id)));
    shelf.put(codec.stored(metadata, state, hash));
    trim(id, footing.highest());
  }

  /**
   * Without those behind the end of the history, which are of one that is gone and would otherwise
   * count as the newest.
   */
  private void trim(String id, long highest) {
    List<Long> numbers = shelf.numbers(id);
    numbers.stream().filter(number -> number > highest).forEach(n -> shelf.remove(id, n));
    numbers.stream()
        .filter(number -> number <= highest)
        .skip(KEPT)
        .forEach(n -> shelf.remove(id, n));
  }

  void delete(SnapshotMetadata metadata) {
    shelf.remove(metadata.persistenceId(), metadata.sequenceNr());
  }

  /** Deletes those that {@code criteria} are about; what cannot be read has no time. */
  void delete(String id, SnapshotSelectionCriteria criteria) {
    for (long number : shelf.numbers(id)) {
      if (criteria.matches(new SnapshotMetadata(id, number, timestamp(id, number)))) {
        shelf.remove(id, number);
      }
    }
  }

  private long timestamp(String id, long number) {
    try {
      return shelf.read(id, number).timestamp();
    } catch (UnreadableSnapshotException e) {
      return 0;
    }
  }
}
