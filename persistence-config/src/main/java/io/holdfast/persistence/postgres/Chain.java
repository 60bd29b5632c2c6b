package io.holdfast.persistence.postgres;

/**
 * Goes along the events of one persistence id and checks that each is what was written, and follows
 * the one before it. A number may be missing: an event that was rejected has none. For one thread.
 */
final class Chain {
  private final String url;
  private final String id;
  private long at;
  private long hash;

  /** Begins behind event {@code at}, whose hash is {@code hash}; 0 and 0 before the first. */
  Chain(String url, String id, long at, long hash) {
    this.url = url;
    this.id = id;
    this.at = at;
    this.hash = hash;
  }

  /**
   * Takes the next event.
   *
   * @throws JournalAlteredException when it is not what was written
   */
  void next(EventRow row, long previousHash, long storedHash) {
    if (row.hash(previousHash) != storedHash) {
      throw broken(row.sequenceNr(), "its content does not match its hash");
    }
    if (previousHash != hash) {
      boolean gap = row.sequenceNr() > at + 1;
      throw broken(
          gap ? at + 1 : row.sequenceNr(),
          gap
              ? "it is missing, or was replaced: event "
                  + row.sequenceNr()
                  + " names another one as its predecessor than event "
                  + at
              : "it names another predecessor than the one that is there");
    }
    at = row.sequenceNr();
    hash = storedHash;
  }

  /**
   * Takes the end: no event follows.
   *
   * @throws JournalAlteredException when the last events are missing
   */
  void end(Head head) {
    if (at > head.highest()) {
      throw behind(url, id, head);
    }
    if (hash != head.lastHash()) {
      throw broken(
          at + 1, "it is missing: the last event is " + head.highest() + ", and another was found");
    }
  }

  /** There are events behind what the head says is the last. */
  static JournalAlteredException behind(String url, String id, Head head) {
    return new JournalAlteredException(
        url,
        id,
        head.highest() + 1,
        "the head of this id is missing or altered: it says that the last event is "
            + head.highest());
  }

  private JournalAlteredException broken(long sequenceNr, String what) {
    return new JournalAlteredException(url, id, sequenceNr, what);
  }
}
