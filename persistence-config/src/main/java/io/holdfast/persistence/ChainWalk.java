package io.holdfast.persistence;

import io.holdfast.persistence.audit.ChainFault;
import java.util.Optional;

/**
 * Goes along the records of one persistence id and finds the first that is altered or missing. The
 * numbers may jump only to an event that says that a repair has cut the id there. For one thread.
 */
final class ChainWalk {
  private final String id;
  private final Head head;
  private long expected;
  private long hash;
  private ChainFault fault;

  /**
   * @param head null when there is none
   */
  ChainWalk(String id, Head head) {
    this.id = id;
    this.head = head == null ? Head.NONE : head;
    this.expected = this.head.deletedTo() + 1;
    this.hash = this.head.anchorHash();
    if (head == null) {
      broken(0, "it has events, but no entry that says how many");
    }
  }

  /** The next record that can be read. */
  void take(StoredRecord record) {
    long number = record.sequenceNr();
    if (number > head.highest()) {
      broken(number, "the entry that says how many events it has is too old");
    }
    // Where a repair has cut the id the numbers go on further up, and the record says so.
    if (record.follows() != expected - 1) {
      broken(expected, "it is missing");
    } else if (record.previousHash() != hash) {
      broken(number, "it does not follow the event before it: one of the two was altered");
    } else if (number == head.highest() && record.hash() != head.lastHash()) {
      broken(number, "it is not the event that was written last");
    }
    expected = number + 1;
    hash = record.hash();
  }

  /** A record that cannot be read; what is wrong behind it is not asked any more. */
  void unreadable(long number, String why) {
    broken(number, why);
    expected = number + 1;
  }

  /** No record follows. */
  Optional<ChainFault> end() {
    if (expected <= head.highest()) {
      broken(expected, "it is missing: the last of this id is event " + head.highest());
    }
    return Optional.ofNullable(fault);
  }

  void broken(long number, String what) {
    if (fault == null) {
      fault = new ChainFault(id, number, what);
    }
  }
}
