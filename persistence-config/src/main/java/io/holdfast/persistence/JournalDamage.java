package io.holdfast.persistence;

/**
 * One thing that is wrong with a journal.
 *
 * @param file the name of the file; empty when it is not known, or it is no certain one
 * @param offset where in the file, in bytes; -1 when there is no file
 * @param persistenceId whose events are damaged; empty when it is not known, or the store as a
 *     whole
 * @param sequenceNr the first event that is not as it was written; 0 when it is no certain one
 * @param what what is wrong, as half a sentence
 */
public record JournalDamage(
    String file, long offset, String persistenceId, long sequenceNr, String what) {

  static JournalDamage store(String what) {
    return new JournalDamage("", -1, "", 0, what);
  }

  static JournalDamage of(String id, long sequenceNr, String what) {
    return new JournalDamage("", -1, id, sequenceNr, what);
  }

  /** In one line. */
  @Override
  public String toString() {
    String where = file.isEmpty() ? "" : "file " + file + ", byte " + offset + ": ";
    String whose = persistenceId.isEmpty() ? "" : "persistence id '" + persistenceId + "': ";
    String number = sequenceNr == 0 ? "" : "sequence number " + sequenceNr + ": ";
    return where + whose + number + what;
  }
}
