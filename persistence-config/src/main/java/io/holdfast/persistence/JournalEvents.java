package io.holdfast.persistence;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.util.Optional;

/** What the serializer of events knows, for those who read events without an actor system. */
public final class JournalEvents {
  private final EventRegistry registry;

  private JournalEvents(EventRegistry registry) {
    this.registry = registry;
  }

  /**
   * The events that {@code holdfast.journal.events} lists.
   *
   * @throws com.typesafe.config.ConfigException when an entry there is wrong
   */
  public static JournalEvents of(Config all) {
    return new JournalEvents(EventRegistry.of(all, JournalEvents.class.getClassLoader()));
  }

  /** How events are written as JSON. */
  public static ObjectMapper mapper() {
    return JournalJson.mapper();
  }

  /** Akka's number of the serializer of events. */
  public static int serializerId() {
    return JournalSerializer.IDENTIFIER;
  }

  /** Whether what was written by Akka's serializer of this number is such an event. */
  public boolean isOurs(int serializerId) {
    return serializerId == JournalSerializer.IDENTIFIER;
  }

  /**
   * The class that reads what is stored under a name, where nothing has to be made of it before.
   */
  public Optional<Class<?>> type(String manifest) {
    return registry
        .reading(manifest)
        .filter(reading -> !reading.isState() && reading.migrations().isEmpty())
        .map(EventRegistry.Reading::type);
  }
}
