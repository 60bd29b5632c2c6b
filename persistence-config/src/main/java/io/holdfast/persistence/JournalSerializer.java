package io.holdfast.persistence;

import akka.actor.ExtendedActorSystem;
import akka.serialization.SerializerWithStringManifest;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.NotSerializableException;

/**
 * Writes events as JSON under the logical names of {@code holdfast.journal.events}. For any class
 * that is registered there; which classes Akka brings here is said under {@code
 * akka.actor.serialization-bindings}, of which {@link JournalEvent} is one. Any thread may use it.
 */
public final class JournalSerializer extends SerializerWithStringManifest {
  /** Stands in every stored event; never to be changed. */
  static final int IDENTIFIER = 480_117;

  private final EventRegistry registry;
  private final ObjectMapper json = JournalJson.mapper();

  /**
   * For Akka.
   *
   * @throws com.typesafe.config.ConfigException when an entry of the registry is wrong
   */
  public JournalSerializer(ExtendedActorSystem system) {
    registry = EventRegistry.of(system.settings().config(), system.dynamicAccess().classLoader());
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  /**
   * The logical name of an event.
   *
   * @throws IllegalArgumentException when its class has none, saying where to give it one
   */
  @Override
  public String manifest(Object event) {
    return registry
        .manifest(event.getClass())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The event class %s has no logical name. Give it one in its module's reference.conf: %s { \"some-name/1\" = \"%s\" }"
                        .formatted(
                            event.getClass().getName(),
                            EventRegistry.SECTION,
                            event.getClass().getName())));
  }

  @Override
  public byte[] toBinary(Object event) {
    String manifest = manifest(event);
    try {
      return json.writeValueAsBytes(event);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Event '%s' (%s) cannot be written as JSON: %s"
              .formatted(manifest, event.getClass().getName(), e.getMessage()),
          e);
    }
  }

  /**
   * Reads an event.
   *
   * @throws NotSerializableException when the name is unknown or the bytes are not such an event
   */
  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    Class<?> type =
        registry
            .type(manifest)
            .orElseThrow(
                () ->
                    new NotSerializableException(
                        "There is no event '%s' in %s. It was written by a newer version, or by a module that is missing here."
                            .formatted(manifest, EventRegistry.SECTION)));
    try {
      return json.readValue(bytes, type);
    } catch (IOException e) {
      NotSerializableException wrong =
          new NotSerializableException(
              "The stored event is not a '%s' (%s): %s"
                  .formatted(manifest, type.getName(), e.getMessage()));
      wrong.initCause(e);
      throw wrong;
    }
  }
}
