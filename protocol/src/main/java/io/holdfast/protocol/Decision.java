package io.holdfast.protocol;

import java.util.List;

/**
 * What a rule decides: first make the events durable, then perform the directives.
 *
 * @param <E> events
 * @param <D> directives
 */
public record Decision<E, D>(List<E> events, List<D> directives) {
  public Decision {
    events = List.copyOf(events);
    directives = List.copyOf(directives);
  }

  /** Nothing happens. */
  public static <E, D> Decision<E, D> none() {
    return new Decision<>(List.of(), List.of());
  }
}
