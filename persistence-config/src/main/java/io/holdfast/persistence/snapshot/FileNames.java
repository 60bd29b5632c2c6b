package io.holdfast.persistence.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of files and folders for persistence ids and numbers. A name has only small letters,
 * digits, {@code _}, {@code -}, {@code %} and {@code ~}, so it is no path, and no two ids share one
 * on a file system that does not tell capitals. No state.
 */
final class FileNames {
  private static final int LONGEST = 180;
  private static final int KEPT_OF_LONG = 100;
  private static final Pattern SNAPSHOT = Pattern.compile("([0-9]{19})\\.snapshot");

  private FileNames() {}

  /** The folder of an id; a long one is cut, and told from others by its SHA-256. */
  static String folder(String persistenceId) {
    byte[] utf8 = persistenceId.getBytes(StandardCharsets.UTF_8);
    StringBuilder name = new StringBuilder();
    for (byte b : utf8) {
      char c = (char) (b & 0xff);
      if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
        name.append(c);
      } else {
        name.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
    if (name.length() <= LONGEST) {
      return name.toString();
    }
    return name.substring(0, KEPT_OF_LONG) + "~" + HexFormat.of().formatHex(sha256(utf8));
  }

  static String snapshot(long sequenceNr) {
    return "%019d.snapshot".formatted(sequenceNr);
  }

  /** The number of a snapshot's file; none if it is another file. */
  static Optional<Long> number(String name) {
    Matcher matcher = SNAPSHOT.matcher(name);
    try {
      return matcher.matches() ? Optional.of(Long.valueOf(matcher.group(1))) : Optional.empty();
    } catch (NumberFormatException tooLarge) {
      return Optional.empty();
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
