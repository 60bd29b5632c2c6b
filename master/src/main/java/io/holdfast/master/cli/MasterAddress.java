package io.holdfast.master.cli;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where the master is, and the token that it asks for. */
record MasterAddress(String base, Optional<String> token) {
  static final String DEFAULT = "http://127.0.0.1:7700";
  static final String MASTER_VARIABLE = "HOLDFAST_MASTER_URL";
  static final String TOKEN_VARIABLE = "HOLDFAST_TOKEN";

  private static final int MAX_TOKEN_FILE = 4096;

  /** The options win over the environment, the environment over the default. */
  static MasterAddress of(String url, String token, Path tokenFile, Map<String, String> env) {
    String chosen = url != null ? url : env.getOrDefault(MASTER_VARIABLE, "");
    String from = url != null ? "--master" : MASTER_VARIABLE;
    return new MasterAddress(
        chosen.isEmpty() ? DEFAULT : check(chosen, from), token(token, tokenFile, env));
  }

  @Override
  public String toString() {
    return base;
  }

  private static String check(String url, String from) {
    try {
      URI uri = new URI(url.contains("://") ? url : "unknown://" + url);
      boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean plain = uri.getQuery() == null && uri.getFragment() == null;
      if (http && uri.getHost() != null && uri.getUserInfo() == null && plain) {
        return url.replaceAll("/+$", "");
      }
    } catch (URISyntaxException e) {
      // The same answer as for an address that is well formed and of no use.
    }
    throw new CliFailure(
        "%s is '%s', which is no address of a master: write http://HOST:PORT, for example %s"
            .formatted(from, Text.clean(url), DEFAULT));
  }

  private static Optional<String> token(String given, Path file, Map<String, String> env) {
    String token = env.getOrDefault(TOKEN_VARIABLE, "");
    if (given != null) {
      token = given;
    } else if (file != null) {
      token = read(file);
    }
    token = token.strip();
    if (token.isEmpty()) {
      return Optional.empty();
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new CliFailure("the token holds a blank or a character that is not ASCII");
    }
    return Optional.of(token);
  }

  private static String read(Path file) {
    try {
      if (Files.size(file) > MAX_TOKEN_FILE) {
        throw new CliFailure("the token file " + file + " is too large for a token");
      }
      String token = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
      if (token.isEmpty()) {
        throw new CliFailure("the token file " + file + " is empty");
      }
      return token;
    } catch (NoSuchFileException e) {
      throw new CliFailure("there is no token file " + file, e);
    } catch (IOException e) {
      throw new CliFailure("cannot read the token file " + file + ": " + e.getMessage(), e);
    }
  }
}
