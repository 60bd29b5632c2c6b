package io.holdfast.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.holdfast.protocol.Names;

/** The name of an agent, as the master's configuration and the agent's own give it. */
public record AgentId(@JsonValue String value) implements Comparable<AgentId> {
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public AgentId {
    Names.require("agent id", value);
  }

  @Override
  public int compareTo(AgentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
