package io.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * One persistence id: the durable events, and the state that they amount to. Replaying is pure, so
 * the state is kept; {@link #replayed} computes it from the events, to compare.
 */
final class Journal<S, E> {
  private final S empty;
  private final BiFunction<S, E, S> evolve;
  private final List<E> events = new ArrayList<>();
  private S state;

  /** The newest life that has claimed it: older ones are refused. */
  private int claimedBy;

  private Consumer<E> witness = event -> {};
  private boolean gone;
  private int replaced;

  Journal(S empty, BiFunction<S, E, S> evolve) {
    this.empty = empty;
    this.evolve = evolve;
    this.state = empty;
  }

  /** Who sees each event in the moment in which it becomes durable. */
  void witness(Consumer<E> seeing) {
    witness = seeing;
  }

  /** The first act of who comes alive over it; whether no successor has been here. */
  boolean claim(int life) {
    claimedBy = Math.max(claimedBy, life);
    return claimedBy == life;
  }

  boolean refuses(Proc writer) {
    return writer instanceof MasterNode node && node.number < claimedBy;
  }

  S state() {
    return state;
  }

  int size() {
    return events.size();
  }

  List<E> events() {
    return events;
  }

  S next(S from, List<E> more) {
    S next = from;
    for (E event : more) {
      next = evolve.apply(next, event);
    }
    return next;
  }

  void append(List<E> more) {
    state = next(state, more);
    events.addAll(more);
    more.forEach(witness);
  }

  S replayed() {
    return next(empty, events);
  }

  /** A backup is restored: what came after it never happened here. */
  void cut(int size) {
    replaced++;
    while (events.size() > size) {
      events.remove(events.size() - 1);
    }
    state = replayed();
  }

  /** How often its files were replaced by others: what was on its way to the former is lost. */
  int replaced() {
    return replaced;
  }

  /** The disk that it was on is no more. */
  void lose() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }
}
