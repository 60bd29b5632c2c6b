package io.holdfast.agent.process;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Installs the shell scripts as {@code <data>/bin/<name>-<hash of the contents>.sh}. A shell reads
 * its script while it runs; so a script that is in use by the tasks of an earlier release is never
 * overwritten.
 */
record Scripts(Path task, Path signal, Path guardian) {

  static Scripts install(Path data) throws IOException {
    Path bin = data.toAbsolutePath().resolve("bin");
    Files.createDirectories(bin);
    return new Scripts(install(bin, "task"), install(bin, "signal"), install(bin, "guardian"));
  }

  private static Path install(Path bin, String name) throws IOException {
    byte[] contents = resource(name + ".sh");
    String hash = HexFormat.of().formatHex(sha256(contents), 0, 8);
    Path file = bin.resolve(name + "-" + hash + ".sh");
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), contents)) {
      Path next = Files.createTempFile(bin, name, ".new");
      Files.write(next, contents);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return file;
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Scripts.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException("missing in this program: " + name);
      }
      return in.readAllBytes();
    }
  }

  private static byte[] sha256(byte[] contents) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(contents);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
