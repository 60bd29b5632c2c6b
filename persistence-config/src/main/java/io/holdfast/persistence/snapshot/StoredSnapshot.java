package io.holdfast.persistence.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A snapshot as it is stored.
 *
 * @param persistenceId whose state it is
 * @param sequenceNr the number of the event that it stands behind
 * @param timestamp when it was made, in milliseconds since 1970; for people
 * @param eventHash the journal's hash of that event
 * @param serializerId Akka's number of the state's serializer
 * @param manifest the state's name
 * @param payload the state, serialized
 */
public record StoredSnapshot(
    String persistenceId,
    long sequenceNr,
    long timestamp,
    long eventHash,
    int serializerId,
    String manifest,
    byte[] payload) {

  /** A SHA-256 over all of it: finds damage, and no forgery. */
  public byte[] digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(header());
      sha.update(payload);
      return sha.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** All but the payload, with its length at the end. */
  byte[] header() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      text(out, persistenceId);
      out.writeLong(sequenceNr);
      out.writeLong(timestamp);
      out.writeLong(eventHash);
      out.writeInt(serializerId);
      text(out, manifest);
      out.writeInt(payload.length);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException("an array takes every byte", e);
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
