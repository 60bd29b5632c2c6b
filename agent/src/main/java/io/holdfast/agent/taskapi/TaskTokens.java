package io.holdfast.agent.taskapi;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The tokens by which tasks prove who they are. Each names its task and is signed with a secret of
 * the data directory, so that it holds over restarts of the agent and is kept nowhere.
 *
 * <p>Hard state: the file {@code task-api-secret}. Threading: immutable. Nothing here is logged.
 */
final class TaskTokens {
  private static final String FILE = "task-api-secret";
  private static final int BYTES = 32;

  /** Whose token it is. */
  record Task(MasterId master, ExecutionId execution) {}

  private final byte[] secret;

  private TaskTokens(byte[] secret) {
    this.secret = secret;
  }

  /**
   * With the secret of this data directory, made at the first start.
   *
   * @throws IOException when it cannot be read or written, or is not one
   */
  static TaskTokens open(Path data) throws IOException {
    Path file = data.resolve(FILE);
    Optional<String> kept = KeptFile.read(file);
    if (kept.isEmpty()) {
      byte[] secret = new byte[BYTES];
      new SecureRandom().nextBytes(secret);
      KeptFile.write(file, HexFormat.of().formatHex(secret));
      return new TaskTokens(secret);
    }
    if (!kept.get().matches("[0-9a-f]{" + 2 * BYTES + "}")) {
      throw new IOException(
          file
              + " does not hold 64 hexadecimal digits: remove it, and running tasks lose their API");
    }
    return new TaskTokens(HexFormat.of().parseHex(kept.get()));
  }

  String of(MasterId master, ExecutionId execution) {
    return signed(master + "/" + execution);
  }

  private String signed(String task) {
    try {
      byte[] bytes = task.getBytes(StandardCharsets.UTF_8);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      Base64.Encoder text = Base64.getUrlEncoder().withoutPadding();
      return text.encodeToString(bytes) + "." + text.encodeToString(mac.doFinal(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** The task that this token was made for, if it was made here; compared in constant time. */
  Optional<Task> task(String token) {
    try {
      int dot = token.indexOf('.');
      if (dot < 0 || token.length() > 1000) {
        return Optional.empty();
      }
      String task =
          new String(
              Base64.getUrlDecoder().decode(token.substring(0, dot)), StandardCharsets.UTF_8);
      boolean ours =
          MessageDigest.isEqual(
              signed(task).getBytes(StandardCharsets.UTF_8),
              token.getBytes(StandardCharsets.UTF_8));
      int slash = task.indexOf('/');
      return ours
          ? Optional.of(
              new Task(
                  new MasterId(task.substring(0, slash)),
                  ExecutionId.parse(task.substring(slash + 1))))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
