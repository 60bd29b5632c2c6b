package io.holdfast.sim;

import io.holdfast.agent.session.Answer;
import io.holdfast.master.link.AgentAnswer;
import io.holdfast.master.link.Ticket;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;

/** A request that waits for its answer: who asked, and what is done with it. */
final class Reply {
  final LinkShell link;
  private final int life;
  private final long attempt;
  private final Ticket ticket;
  private boolean done;

  Reply(LinkShell link, long attempt, Ticket ticket) {
    this.link = link;
    this.life = link.node.life();
    this.attempt = attempt;
    this.ticket = ticket;
  }

  AgentAnswer<?> translate(Answer answer) {
    if (answer instanceof Answer.Coupled coupled) {
      return new AgentAnswer.Ok<>(link.seen(coupled.response()));
    }
    if (answer instanceof Answer.Exchanged exchanged) {
      return new AgentAnswer.Ok<>(exchanged.response());
    }
    return new AgentAnswer.Refused<>(((Answer.Refused) answer).refusal());
  }

  boolean isDone() {
    return done;
  }

  /** One answer for each request; what comes after is not listened to. */
  @SuppressWarnings("unchecked")
  void arrive(AgentAnswer<?> answer) {
    if (done || link.node.life() != life) {
      return;
    }
    done = true;
    link.node.deliver(
        () -> {
          if (ticket == null) {
            link.core().coupleAnswered(attempt, (AgentAnswer<Couple.Response>) answer);
          } else {
            link.core().exchangeAnswered(ticket, (AgentAnswer<Exchange.Response>) answer);
          }
        });
  }
}
