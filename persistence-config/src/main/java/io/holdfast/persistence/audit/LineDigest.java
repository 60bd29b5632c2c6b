package io.holdfast.persistence.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The two checksums of an export. For one thread. */
final class LineDigest {
  private final MessageDigest all = sha256();
  private final MessageDigest content = sha256();

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The first line. */
  void header(byte[] line) {
    all.update(line);
  }

  /** A line between the first and the last. */
  void content(byte[] line) {
    all.update(line);
    content.update(line);
  }

  /** Of all lines so far; once. */
  String all() {
    return HexFormat.of().formatHex(all.digest());
  }

  /** Of all but the first; once. */
  String content() {
    return HexFormat.of().formatHex(content.digest());
  }
}
