package io.holdfast.agent.session;

import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;

/** What a session answers to a request of its master. */
public sealed interface Answer {
  /** The session has begun. */
  record Coupled(Couple.Response response) implements Answer {}

  /** The commands are durable, and this is the news. */
  record Exchanged(Exchange.Response response) implements Answer {}

  /** Nothing was changed. */
  record Refused(Refusal refusal) implements Answer {}
}
