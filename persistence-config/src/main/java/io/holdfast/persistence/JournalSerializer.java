package io.holdfast.persistence;

import akka.actor.ExtendedActorSystem;
import akka.serialization.SerializerWithStringManifest;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.NotSerializableException;

/**
 * Writes events and states as JSON under the logical names of {@code holdfast.journal.events} and
 * {@code holdfast.journal.states}. For any class that is registered there; which classes Akka
 * brings here is said under {@code akka.actor.serialization-bindings}, of which {@link
 * JournalEvent} is one. Any thread may use it.
 */
public final class JournalSerializer extends SerializerWithStringManifest {
  /** Stands in every stored event; never to be changed. */
  static final int IDENTIFIER = 480_117;

  private final EventRegistry registry;
  private final ObjectMapper json = JournalJson.mapper();

  /**
   * A state that lacks a field was written by another version: rather its events than a field that
   * is silently empty.
   */
  private final ObjectReader states =
      json.reader().with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

  /**
   * For Akka.
   *
   * @throws com.typesafe.config.ConfigException when an entry of the registry is wrong
   */
  public JournalSerializer(ExtendedActorSystem system) {
    this(system.settings().config(), system.dynamicAccess().classLoader());
  }

  /** The same without an actor system, from its whole configuration. */
  public JournalSerializer(Config system, ClassLoader loader) {
    registry = EventRegistry.of(system, loader);
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
    return toBinary(event, Integer.MAX_VALUE);
  }

  /**
   * The same, but no more than so many bytes: what would be larger is given up before it is whole.
   *
   * @throws JournalException when it would be larger
   */
  public byte[] toBinary(Object event, int mostBytes) {
    String manifest = manifest(event);
    BoundedOutput out = new BoundedOutput(mostBytes);
    try {
      json.writeValue(out, event);
      return out.toByteArray();
    } catch (BoundedOutput.Full e) {
      throw new JournalException(tooLarge(manifest, mostBytes), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Event '%s' (%s) cannot be written as JSON: %s"
              .formatted(manifest, event.getClass().getName(), e.getMessage()),
          e);
    }
  }

  /** What is said of something that is larger than it may be. */
  public static String tooLarge(String manifest, int mostBytes) {
    return "A '%s' is larger than %d bytes (holdfast.snapshot.max-bytes): it is not stored."
        .formatted(manifest, mostBytes);
  }

  /**
   * Reads an event.
   *
   * @throws NotSerializableException when the name is unknown or the bytes are not such an event
   */
  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    EventRegistry.Reading reading =
        registry
            .reading(manifest)
            .orElseThrow(
                () ->
                    new NotSerializableException(
                        "There is no event '%s' in %s. It was written by a newer version, or by a module that is missing here."
                            .formatted(manifest, EventRegistry.SECTION)));
    try {
      return read(bytes, reading);
    } catch (IOException | RuntimeException e) {
      NotSerializableException wrong =
          new NotSerializableException(
              "The stored event is not a '%s' (%s): %s"
                  .formatted(manifest, reading.type().getName(), e.getMessage()));
      wrong.initCause(e);
      throw wrong;
    }
  }

  private Object read(byte[] bytes, EventRegistry.Reading reading) throws IOException {
    ObjectReader reader = (reading.isState() ? states : json.reader()).forType(reading.type());
    if (reading.migrations().isEmpty()) {
      return reader.readValue(bytes);
    }
    JsonNode stored = json.readTree(bytes);
    if (!(stored instanceof ObjectNode event)) {
      throw new IOException("it is no JSON object");
    }
    for (EventMigration migration : reading.migrations()) {
      event = migration.next(event);
    }
    return reader.readValue(event);
  }
}
