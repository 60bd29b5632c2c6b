package io.holdfast.persistence.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.typesafe.config.Config;
import io.holdfast.persistence.JournalEvents;
import java.io.IOException;
import java.util.Optional;

/** Makes objects of stored events, without an actor system. Any thread may use it. */
public final class EventReader {
  private final JournalEvents events;
  private final ObjectMapper json = JournalEvents.mapper();

  private EventReader(JournalEvents events) {
    this.events = events;
  }

  /**
   * For the events that {@code holdfast.journal.events} lists.
   *
   * @throws com.typesafe.config.ConfigException when an entry there is wrong
   */
  public static EventReader of(Config all) {
    return new EventReader(JournalEvents.of(all));
  }

  /**
   * The event; empty when its name is not known here, or it was not written by this journal's
   * serializer.
   *
   * @throws IOException when it is not what its name says
   */
  public Optional<Object> event(StoredEvent stored) throws IOException {
    Optional<Class<?>> type = typeOf(stored);
    return type.isEmpty()
        ? Optional.empty()
        : Optional.of(json.readValue(stored.payload(), type.get()));
  }

  private Optional<Class<?>> typeOf(StoredEvent stored) {
    return events.isOurs(stored.serializerId()) ? events.type(stored.manifest()) : Optional.empty();
  }

  /** The payload as JSON; missing when it is none. */
  public JsonNode json(StoredEvent stored) {
    try {
      JsonNode read = json.readTree(stored.payload());
      return read == null ? MissingNode.getInstance() : read;
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }
}
