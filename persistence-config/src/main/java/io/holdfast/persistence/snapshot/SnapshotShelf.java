package io.holdfast.persistence.snapshot;

import java.util.List;

/**
 * Where snapshots lie. It knows nothing of what is in them. Methods block; readings may come from
 * several threads at once, changes from one at a time.
 */
public interface SnapshotShelf {
  /** The sequence numbers of the snapshots of an id, newest first. */
  List<Long> numbers(String persistenceId);

  /**
   * One of them.
   *
   * @throws UnreadableSnapshotException when it is not what was put there, or is not there any more
   * @throws io.holdfast.persistence.JournalException when nothing can be read at all
   */
  StoredSnapshot read(String persistenceId, long sequenceNr) throws UnreadableSnapshotException;

  /**
   * Stores one, in the place of one with the same number. When this returns it is durable.
   *
   * @throws io.holdfast.persistence.JournalException when it is not stored; nothing has changed
   *     then
   */
  void put(StoredSnapshot snapshot);

  /** Removes one, if it is there. */
  void remove(String persistenceId, long sequenceNr);

  /** How a snapshot is named in the log. */
  String place(String persistenceId, long sequenceNr);
}
