package io.holdfast.persistence.snapshot;

import io.holdfast.persistence.Footing;

/** The journal, as snapshots see it. Any thread may use it; it blocks while it reads. */
public interface SnapshotJournal {
  /**
   * What is at a place of a history.
   *
   * @throws io.holdfast.persistence.JournalException when it cannot be read, or is damaged there
   */
  Footing footing(String persistenceId, long sequenceNr);
}
