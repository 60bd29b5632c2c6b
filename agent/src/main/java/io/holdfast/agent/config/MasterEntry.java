package io.holdfast.agent.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A master that this agent serves, with the hash of its token: the token itself is not kept, and is
 * compared in constant time.
 *
 * @param taskLimit how many of its tasks run at once, where that differs from the agent's setting
 * @param outputQuota the same for the bytes that each stream of a task keeps
 */
public record MasterEntry(byte[] tokenSha256, OptionalInt taskLimit, OptionalLong outputQuota) {
  /** From {@code token-sha256}, 64 hexadecimal digits. */
  public static MasterEntry ofHash(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    if (bytes.length != 32) {
      throw new IllegalArgumentException("not 64 hexadecimal digits");
    }
    return new MasterEntry(bytes, OptionalInt.empty(), OptionalLong.empty());
  }

  /** From {@code token}. */
  public static MasterEntry ofToken(String token) {
    return new MasterEntry(sha256(token), OptionalInt.empty(), OptionalLong.empty());
  }

  /** With limits of its own. */
  public MasterEntry withLimits(OptionalInt tasks, OptionalLong output) {
    return new MasterEntry(tokenSha256, tasks, output);
  }

  /** Whether {@code token} is this master's. */
  public boolean accepts(String token) {
    return MessageDigest.isEqual(tokenSha256, sha256(token));
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
