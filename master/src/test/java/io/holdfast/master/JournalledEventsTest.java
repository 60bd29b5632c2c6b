package io.holdfast.master;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.testing.events.JournalledEventsContract;
import java.util.List;

/** What a master stores. */
class JournalledEventsTest extends JournalledEventsContract {
  @Override
  protected Config config() {
    return PersistenceConfig.withDefaults(
        ConfigFactory.parseString("akka.actor.provider = local")
            .withFallback(ConfigFactory.parseResources("master-akka.conf")));
  }

  @Override
  protected List<Class<?>> sealed() {
    return JournalledEvents.SEALED;
  }

  @Override
  protected List<Object> events() {
    return JournalledEvents.samples();
  }

  @Override
  protected List<Object> states() {
    return JournalledStates.samples();
  }
}
