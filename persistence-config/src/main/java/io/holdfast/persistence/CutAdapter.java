package io.holdfast.persistence;

import akka.persistence.typed.EventAdapter;
import akka.persistence.typed.EventSeq;
import java.util.function.Function;

/**
 * Lets an entity meet a {@link JournalCut} as an event of its own, which goes through its {@code
 * evolve} like any other. What the entity writes is stored as it is. For any thread.
 *
 * @param <E> the entity's events
 */
public final class CutAdapter<E> extends EventAdapter<E, Object> {
  private final Class<E> events;
  private final Function<JournalCut, ? extends E> own;

  /**
   * @param events the entity's events
   * @param own the entity's event for a cut
   */
  public CutAdapter(Class<E> events, Function<JournalCut, ? extends E> own) {
    this.events = events;
    this.own = own;
  }

  @Override
  public Object toJournal(E event) {
    return event;
  }

  @Override
  public String manifest(E event) {
    return "";
  }

  @Override
  public EventSeq<E> fromJournal(Object stored, String manifest) {
    return EventSeq.single(stored instanceof JournalCut cut ? own.apply(cut) : events.cast(stored));
  }
}
