package io.holdfast.agent.session;

import akka.actor.typed.ActorRef;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The exchanges that wait for an answer: two at the most, as in XMPP's BOSH. The older is released
 * when there is news, when its time is up, or when a newer one has come; never before its commands
 * are durable (R14).
 */
final class HeldExchanges {
  private static final class Held {
    final long number;
    final ActorRef<MasterSession.Answer> replyTo;
    final Duration until;
    int pending;

    Held(long number, ActorRef<MasterSession.Answer> replyTo, Duration until) {
      this.number = number;
      this.replyTo = replyTo;
      this.until = until;
    }
  }

  /** The correlation of what no exchange waits for. */
  static final long NONE = 0;

  private static final int MOST = 2;

  private final Deque<Held> waiting = new ArrayDeque<>();
  private final Map<Long, Held> pending = new HashMap<>();
  private Optional<MasterSession.ExchangeArrived> early = Optional.empty();
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

  void keepEarly(MasterSession.ExchangeArrived arrived) {
    early = Optional.of(arrived);
  }

  /** The one that had overtaken, if its turn has come. */
  Optional<MasterSession.ExchangeArrived> takeEarly() {
    Optional<MasterSession.ExchangeArrived> next =
        early.filter(arrived -> arrived.request().number() == highest + 1);
    if (next.isPresent()) {
      early = Optional.empty();
    }
    return next;
  }

  void add(long number, ActorRef<MasterSession.Answer> replyTo, Duration until) {
    highest = number;
    waiting.add(new Held(number, replyTo, until));
  }

  /** One more command of exchange {@code number} is on its way to a task; its correlation. */
  long await(long number) {
    correlations++;
    for (Held held : waiting) {
      if (held.number == number) {
        held.pending++;
        pending.put(correlations, held);
      }
    }
    return correlations;
  }

  /** The command of this correlation is durable. */
  void performed(long correlation) {
    Held held = pending.remove(correlation);
    if (held != null) {
      held.pending--;
    }
  }

  boolean mayAnswer(Duration now, boolean news) {
    Held oldest = waiting.peek();
    return oldest != null
        && oldest.pending == 0
        && (news || waiting.size() > 1 || now.compareTo(oldest.until) >= 0);
  }

  void answer(Duration anchor, List<Exchange.Report> reports, List<Exchange.OutputSize> outputs) {
    Held oldest = waiting.remove();
    oldest.replyTo.tell(
        new MasterSession.Answer.Exchanged(
            new Exchange.Response(oldest.number, anchor, reports, outputs)));
  }

  /** The session is over. */
  void refuseAll(Refusal refusal) {
    waiting.forEach(held -> held.replyTo.tell(new MasterSession.Answer.Refused(refusal)));
    early.ifPresent(arrived -> arrived.replyTo().tell(new MasterSession.Answer.Refused(refusal)));
    early = Optional.empty();
    waiting.clear();
    pending.clear();
    highest = 0;
  }
}
