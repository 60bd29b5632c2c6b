package io.holdfast.master.link;

import io.holdfast.protocol.id.AgentId;
import java.net.URI;

/**
 * An agent as the configuration names it.
 *
 * @param url where it listens, without a path
 * @param token what the master proves itself with; never logged
 */
public record AgentAddress(AgentId id, URI url, String token) {
  @Override
  public String toString() {
    return id + " at " + url;
  }
}
