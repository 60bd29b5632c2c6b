package io.holdfast.storm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small looks at a run and at the machine. */
final class Scenes {
  private Scenes() {}

  static JsonNode execution(JsonNode run, String id) {
    for (JsonNode execution : run.path("executions")) {
      if (execution.path("id").asText().equals(id)) {
        return execution;
      }
    }
    return MissingNode.getInstance();
  }

  static String commandOf(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
    } catch (IOException gone) {
      return "(gone)";
    }
  }
}
