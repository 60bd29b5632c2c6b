package io.holdfast.master.link;

import io.holdfast.protocol.wire.Refusal;

/** What came of a request to an agent. */
public sealed interface AgentAnswer<T> {
  /** The agent did it. */
  record Ok<T>(T message) implements AgentAnswer<T> {}

  /** The agent refused it, and changed nothing. */
  record Refused<T>(Refusal refusal) implements AgentAnswer<T> {}

  /** Unknown: it may have arrived or not. */
  record Failed<T>(String why) implements AgentAnswer<T> {}
}
