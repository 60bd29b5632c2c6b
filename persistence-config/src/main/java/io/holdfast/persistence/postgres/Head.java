package io.holdfast.persistence.postgres;

/**
 * What the table {@code journal_head} says of one persistence id.
 *
 * @param highest the highest sequence number ever given, to a rejected event as well; survives
 *     every deletion
 * @param deletedTo events up to here are deleted
 * @param lastHash the hash of the last event that was written
 * @param anchorHash the hash of the last event that was deleted
 */
record Head(long highest, long deletedTo, long lastHash, long anchorHash) {
  /** Of an id that has never been written. */
  static final Head NONE = new Head(0, 0, 0, 0);

  Head written(long newHighest, long newHash) {
    return new Head(newHighest, deletedTo, newHash, anchorHash);
  }
}
