package io.holdfast.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * An event-sourced actor as far as it matters: one message at a time, none while a write is under
 * way, and after a write whose fate is unknown it reads its journal again.
 */
abstract class Persistent<S, E> {
  final Proc owner;
  final Journal<S, E> journal;
  private final Storage storage;
  private final ArrayDeque<Runnable> stash = new ArrayDeque<>();
  private S state;
  private int known;
  private boolean busy = true;
  private boolean stopped;

  Persistent(Proc owner, Storage storage, Journal<S, E> journal) {
    this.owner = owner;
    this.storage = storage;
    this.journal = journal;
  }

  final S state() {
    return state;
  }

  final boolean isStopped() {
    return stopped;
  }

  /** Reads the journal, then takes messages. */
  final void recover() {
    busy = true;
    owner.after(storage.latency(), this::read);
  }

  private void read() {
    if (stopped || journal.isGone()) {
      return;
    }
    state = journal.state();
    known = journal.size();
    busy = false;
    recovered();
    next();
  }

  abstract void recovered();

  /** Another writer was here: a successor lives. */
  void fenced() {
    stop();
  }

  final void tell(Runnable message) {
    if (stopped) {
      return;
    }
    stash.add(message);
    if (!busy && stash.size() == 1) {
      owner.tell(this::next);
    }
  }

  final void stop() {
    stopped = true;
    stash.clear();
  }

  private void next() {
    while (!busy && !stopped && !stash.isEmpty()) {
      stash.remove().run();
    }
  }

  final void persist(List<E> events, Consumer<S> then) {
    persist(events, events, then);
  }

  /** What is written may be other than what is believed: only a broken rule does that. */
  final void persist(List<E> events, List<E> written, Consumer<S> then) {
    if (events.isEmpty()) {
      then.accept(state);
      return;
    }
    busy = true;
    storage.write(
        owner,
        journal,
        known,
        written,
        result -> {
          if (stopped) {
            return;
          }
          if (result == Storage.Written.OK) {
            state = journal.next(state, events);
            known += written.size();
            busy = false;
            then.accept(state);
            next();
          } else if (result == Storage.Written.FENCED) {
            fenced();
          } else {
            owner.after(Duration.ofMillis(200).toNanos(), this::recover);
          }
        });
  }
}
