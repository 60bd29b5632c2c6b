package io.holdfast.demo;

import io.holdfast.harness.Program;
import java.net.URI;
import java.nio.file.Path;

/** The commands with which a visitor looks around, to copy as they are. */
final class LookAround {
  private LookAround() {}

  static String at(URI master) {
    Path script = Program.home().resolve("holdfast");
    String command = quoted(script.toString()) + " --master " + master;
    return """
          %1$s agents
          %1$s runs
          %1$s show 'tick#1'
          %1$s logs 'tick#1'
          %1$s run tick --follow
          %1$s agents --reconciliations agent-1
        """
        .formatted(command);
  }

  private static String quoted(String text) {
    return text.matches("[A-Za-z0-9_./+,@%=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
