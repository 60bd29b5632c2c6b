package io.holdfast.master.audit;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.audit.EventReader;

/**
 * The events of both sides that are read as objects: the master's own, and those of agents whose
 * classes are in the protocol. Others are read as JSON.
 */
public final class AuditEvents {
  /** Where the names of the agents' events are. */
  static final String AGENT_EVENTS = "holdfast.audit.agent-events";

  private AuditEvents() {}

  /** Reads them. */
  public static EventReader reader() {
    Config all = PersistenceConfig.withDefaults(ConfigFactory.empty());
    Config agents =
        ConfigFactory.empty().withValue("holdfast.journal.events", all.getValue(AGENT_EVENTS));
    return EventReader.of(agents.withFallback(all));
  }
}
