package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who asks the master for something, for the history. */
final class ByOption {
  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "Who asks for it, for the history. Default: the user of this machine.")
  private String by;

  /** The name; nothing where none is given and the user of this machine has none. */
  private Optional<String> name() {
    return Optional.ofNullable(by)
        .or(() -> Optional.ofNullable(System.getProperty("user.name")).filter(n -> !n.isBlank()));
  }

  /** Says it in a body. */
  void into(ObjectNode body) {
    name().ifPresent(name -> body.put("by", name));
  }

  /** Says it behind a path. */
  String behind(String path) {
    return name()
        .map(name -> path + "?by=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
        .orElse(path);
  }
}
