package io.holdfast.agent;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.testing.events.JournalledEventsContract;
import java.util.List;

/** What an agent stores. */
class JournalledEventsTest extends JournalledEventsContract {
  @Override
  protected Config config() {
    return PersistenceConfig.withDefaults(ConfigFactory.parseResources("agent-akka.conf"));
  }

  @Override
  protected List<Class<?>> sealed() {
    return JournalledEvents.SEALED;
  }

  @Override
  protected List<Object> events() {
    return JournalledEvents.samples();
  }

  /** It keeps no snapshots. */
  @Override
  protected List<Object> states() {
    return List.of();
  }
}
