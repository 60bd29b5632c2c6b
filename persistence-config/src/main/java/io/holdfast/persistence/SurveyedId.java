package io.holdfast.persistence;

/** What {@link JournalSurvey} found of one persistence id, while it reads and afterwards. */
final class SurveyedId {
  Head head;
  long headSequence;
  boolean isEnded;
  String wrong;
  long wrongAt;
  long readableTo;
  long expected;
  long hash;
  long events;
  long bytes;
  long known;

  /** The highest number that is known of. */
  long known() {
    return Math.max(known, head == null ? readableTo : head.highest());
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

  /** Notes what is wrong; the first thing counts. */
  void damaged(long number, String what) {
    if (wrong == null) {
      wrong = what;
      wrongAt = number;
    }
  }
}
