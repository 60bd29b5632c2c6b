package io.holdfast.agent.session;

import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The exchanges that wait for an answer: two at the most, as in XMPP's BOSH. The older is released
 * when there is news, when its time is up, or when a newer one has come; never before its commands
 * are durable (R14).
 *
 * @param <R> how to reach who asked
 */
final class HeldExchanges<R> {
  /** An exchange as it came in. */
  record Arrived<R>(Exchange.Request request, R replyTo) {}

  private static final class Held<R> {
    final long number;
    final R replyTo;
    final Duration until;
    int pending;

    Held(long number, R replyTo, Duration until) {
      this.number = number;
      this.replyTo = replyTo;
      this.until = until;
    }
  }

  /** The correlation of what no exchange waits for. */
  static final long NONE = 0;

  private static final int MOST = 2;

  private final Deque<Held<R>> waiting = new ArrayDeque<>();
  private final Map<Long, Held<R>> pending = new HashMap<>();
  private Optional<Arrived<R>> early = Optional.empty();
  private long highest;
  private long correlations;

  /** Whether this number continues the session, and there is room for it. */
  boolean isNext(long number) {
    return number == highest + 1 && waiting.size() < MOST;
  }

  /** Whether this one has overtaken the one before it: it waits for that, alone. */
  boolean isEarly(long number) {
    return number == highest + 2 && early.isEmpty();
  }

  void keepEarly(Arrived<R> arrived) {
    early = Optional.of(arrived);
  }

  /** The one that had overtaken, if its turn has come. */
  Optional<Arrived<R>> takeEarly() {
    Optional<Arrived<R>> next = early.filter(arrived -> arrived.request().number() == highest + 1);
    if (next.isPresent()) {
      early = Optional.empty();
    }
    return next;
  }

  void add(long number, R replyTo, Duration until) {
    highest = number;
    waiting.add(new Held<>(number, replyTo, until));
  }

  /** One more command of exchange {@code number} is on its way to a task; its correlation. */
  long await(long number) {
    correlations++;
    for (Held<R> held : waiting) {
      if (held.number == number) {
        held.pending++;
        pending.put(correlations, held);
      }
    }
    return correlations;
  }

  /** The command of this correlation is durable. */
  void performed(long correlation) {
    Held<R> held = pending.remove(correlation);
    if (held != null) {
      held.pending--;
    }
  }

  boolean mayAnswer(Duration now, boolean news) {
    Held<R> oldest = waiting.peek();
    return oldest != null
        && oldest.pending == 0
        && (news || waiting.size() > 1 || now.compareTo(oldest.until) >= 0);
  }

  /**
   * When the oldest is to be answered, whatever comes or does not; unless that waits for a disk.
   */
  Optional<Duration> due() {
    return Optional.ofNullable(waiting.peek())
        .filter(oldest -> oldest.pending == 0)
        .map(oldest -> oldest.until);
  }

  /** The number of the oldest, which is the next to be answered. */
  long oldest() {
    return waiting.element().number;
  }

  /** Takes the oldest, which is answered now. */
  R take() {
    return waiting.remove().replyTo;
  }

  /** The session is over: everybody who waits, to be refused. */
  List<R> takeAll() {
    List<R> all = new ArrayList<>();
    waiting.forEach(held -> all.add(held.replyTo));
    early.ifPresent(arrived -> all.add(arrived.replyTo()));
    early = Optional.empty();
    waiting.clear();
    pending.clear();
    highest = 0;
    return all;
  }
}
