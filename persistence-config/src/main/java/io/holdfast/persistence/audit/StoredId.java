package io.holdfast.persistence.audit;

/**
 * What a store knows of one persistence id apart from its events.
 *
 * @param highest the highest sequence number ever given; survives every deletion
 * @param deletedTo events up to here are deleted
 * @param anchorHash the hash that the first remaining event names as its predecessor's; 0 when
 *     nothing is deleted
 */
public record StoredId(String persistenceId, long highest, long deletedTo, long anchorHash) {
  /** Whether there is an event, or was one that could not be serialized. */
  public boolean hasEvents() {
    return deletedTo < highest;
  }
}
