package io.holdfast.persistence.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * One step of the schema: SQL that is applied once, in one transaction, and never changed after it
 * was released. Immutable.
 *
 * @param version 1, 2, … without a gap
 * @param name for people
 * @param sql what is carried out
 */
record Migration(int version, String name, String sql) {
  /** All steps of this version of Holdfast, in their order. */
  static final List<Migration> ALL =
      List.of(load(1, "journal"), load(2, "kinds"), load(3, "history"), load(4, "owner"));

  private static Migration load(int version, String name) {
    String file = "%03d-%s.sql".formatted(version, name);
    try (InputStream in = Migration.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + file);
      }
      return new Migration(
          version, name, new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** By which a database tells whether this is what it was made with: SHA-256, in hex. */
  String checksum() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha.digest(sql.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
