package io.holdfast.persistence.audit;

/**
 * The first thing that is wrong with a persistence id, or one that is wrong with the store.
 *
 * @param persistenceId whose events are not as they were written; empty: the store as a whole
 * @param sequenceNr the first event that is altered or missing; 0 when it is no certain one
 * @param what as half a sentence
 */
public record ChainFault(String persistenceId, long sequenceNr, String what) {
  /** In one line. */
  @Override
  public String toString() {
    String whose = persistenceId.isEmpty() ? "" : "persistence id '" + persistenceId + "': ";
    String number = sequenceNr == 0 ? "" : "event " + sequenceNr + ": ";
    return whose + number + what;
  }
}
