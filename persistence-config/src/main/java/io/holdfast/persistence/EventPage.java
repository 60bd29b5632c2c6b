package io.holdfast.persistence;

import akka.persistence.PersistentRepr;
import java.util.List;

/**
 * Some events of a query, in their order.
 *
 * @param events what was found; what is deleted or was rejected is not among it
 * @param reached up to this position, or sequence number, everything has been read
 * @param more whether there is more behind it already
 */
public record EventPage(List<Found> events, long reached, boolean more) {
  /** Immutable. */
  public EventPage {
    events = List.copyOf(events);
  }

  /**
   * An event.
   *
   * @param position where it stands in the order of all events
   * @param event the event, its payload deserialized
   */
  public record Found(long position, PersistentRepr event) {}
}
