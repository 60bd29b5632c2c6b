package io.holdfast.master.audit;

import java.util.List;

/**
 * Something that a check found.
 *
 * @param rule what it is about: {@code P1}, {@code P2}, {@code chain}, {@code order} or {@code
 *     token}
 * @param where a journal, and a persistence id in it
 * @param what as a sentence
 * @param events that show it, in their order; none where events are missing
 */
public record Finding(String rule, String where, String what, List<Seen> events) {
  public Finding {
    events = List.copyOf(events);
  }
}
