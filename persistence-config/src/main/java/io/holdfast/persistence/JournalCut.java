package io.holdfast.persistence;

import java.time.Instant;
import java.util.Objects;

/**
 * The event that a repair writes, and nobody else: what followed event {@code readableTo} is
 * damaged or missing, and this stands in its place. Who is recovered from such a journal knows less
 * than he once did, and must act on that; what comes after this event is whole again. {@link
 * CutAdapter} turns it into an event of the entity's own.
 *
 * @param number its own sequence number, far above every one that was ever given to the id
 * @param readableTo the newest event before it; 0 when there is none
 * @param highestKnown the highest number that is known to have been given; 0 when none is
 * @param what why, as half a sentence
 * @param at when the journal was repaired, by the wall clock: for people
 */
public record JournalCut(long number, long readableTo, long highestKnown, String what, Instant at)
    implements JournalEvent {
  /** As it is stored; listed in {@code holdfast.journal.events}. */
  public static final String MANIFEST = "journal-cut/1";

  /**
   * How far above the highest known number it stands. It is not always known how many are missing:
   * this is more than a journal can hold.
   */
  static final long MARGIN = 1L << 40;

  public JournalCut {
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(at, "at");
    if (readableTo < 0 || number <= Math.max(readableTo, highestKnown)) {
      throw new IllegalArgumentException(
          "a cut behind event %d, of %d, has the number %d"
              .formatted(readableTo, highestKnown, number));
    }
  }

  /** The cut of an id of which these events are known. */
  static JournalCut of(long readableTo, long highestKnown, String what, Instant at) {
    long number = Math.addExact(Math.max(readableTo, highestKnown), MARGIN);
    return new JournalCut(number, readableTo, highestKnown, what, at);
  }
}
