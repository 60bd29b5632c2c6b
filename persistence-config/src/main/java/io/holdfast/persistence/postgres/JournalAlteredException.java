package io.holdfast.persistence.postgres;

import io.holdfast.persistence.JournalException;

/**
 * What is in the database is not what was written. Whoever gets this must not carry on with what it
 * has read so far: the journal needs a person, and a copy from before.
 */
public final class JournalAlteredException extends JournalException {
  private static final long serialVersionUID = 1L;

  private final String persistenceId;
  private final long sequenceNr;
  private final String what;

  JournalAlteredException(String url, String persistenceId, long sequenceNr, String what) {
    super(
        "The journal in %s is altered or damaged at persistence id '%s', sequence number %d: %s."
            .formatted(url, persistenceId, sequenceNr, what));
    this.persistenceId = persistenceId;
    this.sequenceNr = sequenceNr;
    this.what = what;
  }

  /** Whose events are not as they were written. */
  public String persistenceId() {
    return persistenceId;
  }

  /** The first event that is altered or missing. */
  public long sequenceNr() {
    return sequenceNr;
  }

  /** What is wrong with it, as half a sentence. */
  public String what() {
    return what;
  }
}
