package io.holdfast.persistence;

import akka.actor.Actor;
import akka.persistence.PersistentRepr;
import akka.serialization.Serialization;
import akka.serialization.Serializer;
import akka.serialization.Serializers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The body of a stored record: one of Akka's persistent messages, its payload serialized by the
 * serializer that Akka's configuration binds to its class, with that serializer's id and manifest.
 * Tags are kept with the event.
 *
 * <p>An event that could not be serialized leaves a body of another kind under its number, so that
 * the numbers behind it have no gap. Replays pass over it. Any thread may use this.
 */
final class EventCodec {
  private static final byte EVENT = 0;
  private static final byte REJECTED = 1;
  private static final int MAX_REASON_CHARACTERS = 500;

  private final Serialization serialization;
  private final int maxEventBytes;

  EventCodec(Serialization serialization, int maxEventBytes) {
    this.serialization = serialization;
    this.maxEventBytes = maxEventBytes;
  }

  /**
   * The body of an event. Akka leaves it to the journal to say when it was written.
   *
   * @throws Exception what the serializer threw, or because the event is too large
   */
  byte[] encode(PersistentRepr event, EventTags tags) throws Exception {
    if (event.metadata().isDefined()) {
      throw new IllegalArgumentException("This journal does not store metadata of events.");
    }
    Object payload = tags.payload();
    Serializer serializer = serialization.findSerializerFor(payload);
    String manifest = Serializers.manifestFor(serializer, payload);
    byte[] bytes = serialization.serialize(payload).get();
    if (bytes.length > maxEventBytes) {
      throw new IllegalArgumentException(
          "An event of %s has %d bytes; %s.max-event-bytes allows %d."
              .formatted(
                  payload.getClass().getName(),
                  bytes.length,
                  JournalSettings.SECTION,
                  maxEventBytes));
    }
    return write(
        new Body(
            event.timestamp() == 0 ? System.currentTimeMillis() : event.timestamp(),
            event.writerUuid(),
            event.manifest(),
            serializer.identifier(),
            manifest,
            tags.named(),
            bytes));
  }

  /** The body of an event that is serialized already. */
  static byte[] write(Body event) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(event.payload().length + 128);
    DataOutputStream out = new DataOutputStream(body);
    out.writeByte(EVENT);
    out.writeLong(event.timestamp());
    out.writeUTF(event.writer());
    out.writeUTF(event.adapterManifest());
    out.writeInt(event.serializerId());
    out.writeUTF(event.manifest());
    out.writeShort(event.tags().size());
    for (String tag : event.tags()) {
      out.writeUTF(tag);
    }
    out.writeInt(event.payload().length);
    out.write(event.payload());
    return body.toByteArray();
  }

  /** The body of an event that was rejected. */
  static byte[] rejected(PersistentRepr event, Exception why) {
    return rejected(event.timestamp(), event.writerUuid(), String.valueOf(why));
  }

  /** The same, for who has no event. */
  static byte[] rejected(long timestamp, String writer, String reason) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(body)) {
      out.writeByte(REJECTED);
      out.writeLong(timestamp);
      out.writeUTF(writer);
      out.writeUTF(reason.substring(0, Math.min(MAX_REASON_CHARACTERS, reason.length())));
    } catch (IOException e) {
      throw new IllegalStateException("an array takes every byte", e);
    }
    return body.toByteArray();
  }

  /**
   * A body without its payload deserialized.
   *
   * @param timestamp when it was written, in milliseconds since 1970
   * @param writer which life of the actor wrote it
   * @param adapterManifest what Akka's event adapter noted
   * @param serializerId Akka's number of the payload's serializer
   * @param manifest the payload's name
   * @param tags those that were named
   * @param payload the payload, serialized
   */
  record Body(
      long timestamp,
      String writer,
      String adapterManifest,
      int serializerId,
      String manifest,
      Set<String> tags,
      byte[] payload) {}

  /**
   * Takes a body apart; empty when the event was rejected.
   *
   * @throws IOException when it is not one
   */
  static Optional<Body> parse(ByteBuffer body) throws IOException {
    DataInputStream in =
        new DataInputStream(
            new ByteArrayInputStream(
                body.array(), body.arrayOffset() + body.position(), body.remaining()));
    byte kind = in.readByte();
    if (kind == REJECTED) {
      return Optional.empty();
    }
    if (kind != EVENT) {
      throw new IOException("unknown kind of record " + kind);
    }
    long timestamp = in.readLong();
    String writer = in.readUTF();
    String adapterManifest = in.readUTF();
    int serializerId = in.readInt();
    String manifest = in.readUTF();
    Set<String> tags = new TreeSet<>();
    for (int left = in.readUnsignedShort(); left > 0; left--) {
      tags.add(in.readUTF());
    }
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return Optional.of(
        new Body(timestamp, writer, adapterManifest, serializerId, manifest, tags, bytes));
  }

  /**
   * What the event of a body is found by; nothing when it was rejected.
   *
   * @throws IOException when it is not one
   */
  static Set<String> tags(String id, ByteBuffer body) throws IOException {
    return parse(body).map(event -> EventTags.all(id, event.tags())).orElse(Set.of());
  }

  /**
   * The event of a body; empty when it was rejected.
   *
   * @throws Exception what the serializer threw
   */
  Optional<PersistentRepr> decode(String id, long sequenceNr, ByteBuffer body) throws Exception {
    Optional<Body> parsed = parse(body);
    if (parsed.isEmpty()) {
      return Optional.empty();
    }
    Body event = parsed.get();
    Object payload =
        serialization.deserialize(event.payload(), event.serializerId(), event.manifest()).get();
    return Optional.of(
        PersistentRepr.apply(
                payload,
                sequenceNr,
                id,
                event.adapterManifest(),
                false,
                Actor.noSender(),
                event.writer())
            .withTimestamp(event.timestamp()));
  }
}
