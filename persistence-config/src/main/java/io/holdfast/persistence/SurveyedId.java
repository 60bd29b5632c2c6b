package io.holdfast.persistence;

/** What {@link JournalSurvey} found of one persistence id, while it reads and afterwards. */
final class SurveyedId {
  Head head;
  long headSequence;
  String wrong;
  boolean isDamaged;
  long readableHash;
  long readableEvents;
  long readableBytes;
  long wrongAt;
  long readableTo;
  long expected;
  long hash;
  long events;
  long bytes;
  long known;

  /** The highest number that is known of. */
  long known() {
    return Math.max(known, head == null ? 0 : head.highest());
  }

  /** Null when there is none. */
  Head head() {
    return head;
  }

  boolean isWhole() {
    return wrong == null;
  }

  /** Why it is not whole. */
  String wrong() {
    return wrong;
  }

  /** Up to here there is an event under each number, and each is as it was written. */
  long readableTo() {
    return readableTo;
  }

  /** The hash of event {@link #readableTo}. */
  long readableHash() {
    return readableHash;
  }

  /** How far its events were deleted, as far as that is known. */
  long deletedTo() {
    return head == null ? 0 : head.deletedTo();
  }

  /**
   * Whether it has no events because it deleted them itself, and nothing but a doubt speaks of
   * later ones.
   */
  boolean isOver() {
    return !isDamaged && head != null && !head.hasEvents() && known <= head.highest();
  }

  /** Notes what is wrong; the first thing counts. */
  void damaged(long number, String what) {
    isDamaged = true;
    doubted(number, what);
  }

  /** Notes that something of it may be missing. */
  void doubted(long number, String what) {
    if (wrong == null) {
      wrong = what;
      wrongAt = number;
    }
  }
}
