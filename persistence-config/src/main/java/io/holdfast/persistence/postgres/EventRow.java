package io.holdfast.persistence.postgres;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;

/**
 * One event as it stands in the table {@code event_journal}, without the hashes. Its hash is the
 * first eight bytes of a SHA-256 over all of it but the tags, and over the hash of the event before
 * it. That finds events that were altered, exchanged or taken out; it is no protection against
 * somebody who forges on purpose.
 *
 * @param timestamp when it was written, in milliseconds; for people
 * @param tags only known when it is written; a replay does not read them
 */
record EventRow(
    String id,
    long sequenceNr,
    String writer,
    long timestamp,
    String adapterManifest,
    int serializerId,
    String manifest,
    byte[] payload,
    Set<String> tags) {

  /** The first byte that is hashed: another one when what is hashed ever changes. */
  private static final byte VERSION = 1;

  long hash(long previousHash) {
    ByteArrayOutputStream head = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(head)) {
      out.writeByte(VERSION);
      text(out, id);
      out.writeLong(sequenceNr);
      out.writeLong(previousHash);
      text(out, writer);
      out.writeLong(timestamp);
      text(out, adapterManifest);
      out.writeInt(serializerId);
      text(out, manifest);
      out.writeInt(payload.length);
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(head.toByteArray());
      sha.update(payload);
      return ByteBuffer.wrap(sha.digest()).getLong();
    } catch (IOException e) {
      throw new IllegalStateException("an array takes every byte", e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
