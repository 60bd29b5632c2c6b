package io.holdfast.persistence.postgres;

import akka.actor.Actor;
import akka.persistence.PersistentRepr;
import akka.serialization.Serialization;
import akka.serialization.Serializer;
import akka.serialization.Serializers;
import io.holdfast.persistence.EventTags;

/**
 * Makes rows of Akka's persistent messages and back: the payload by the serializer that Akka's
 * configuration binds to its class, with that serializer's id and manifest. Any thread may use it.
 */
final class RowCodec {
  private final Serialization serialization;
  private final int maxEventBytes;

  RowCodec(Serialization serialization, int maxEventBytes) {
    this.serialization = serialization;
    this.maxEventBytes = maxEventBytes;
  }

  /**
   * The row of an event.
   *
   * @throws Exception what the serializer threw, or because the event is too large
   */
  EventRow row(PersistentRepr event) throws Exception {
    if (event.metadata().isDefined()) {
      throw new IllegalArgumentException("This journal does not store metadata of events.");
    }
    EventTags tags = EventTags.of(event);
    Object payload = tags.payload();
    Serializer serializer = serialization.findSerializerFor(payload);
    byte[] bytes = serialization.serialize(payload).get();
    if (bytes.length > maxEventBytes) {
      throw new IllegalArgumentException(
          "An event of %s has %d bytes; %s.max-event-bytes allows %d."
              .formatted(
                  payload.getClass().getName(),
                  bytes.length,
                  PostgresSettings.SECTION,
                  maxEventBytes));
    }
    return new EventRow(
        event.persistenceId(),
        event.sequenceNr(),
        event.writerUuid(),
        event.timestamp(),
        event.manifest(),
        serializer.identifier(),
        Serializers.manifestFor(serializer, payload),
        bytes,
        tags.all());
  }

  /**
   * The event of a row.
   *
   * @throws RuntimeException (or what else the serializer threw) when it cannot be read
   */
  PersistentRepr event(EventRow row) {
    Object payload =
        serialization.deserialize(row.payload(), row.serializerId(), row.manifest()).get();
    return PersistentRepr.apply(
            payload,
            row.sequenceNr(),
            row.id(),
            row.adapterManifest(),
            false,
            Actor.noSender(),
            row.writer())
        .withTimestamp(row.timestamp());
  }
}
