package io.holdfast.master.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The master refused a request, with a problem document that says why. */
final class ProblemFailure extends CliFailure {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient JsonNode problem;

  ProblemFailure(int status, JsonNode problem) {
    super(message(status, problem));
    this.status = status;
    this.problem = problem;
  }

  int status() {
    return status;
  }

  /** The single errors, each as {@code key: message}; job files have a place in front of it. */
  List<String> errors(String file) {
    List<String> lines = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      StringBuilder line = new StringBuilder();
      if (error.path("line").asInt() > 0) {
        line.append(file).append(':').append(error.path("line").asInt()).append(':');
        line.append(error.path("column").asInt()).append(": ");
      }
      String key = error.path("key").asText("");
      if (!key.isEmpty()) {
        line.append(key).append(": ");
      }
      lines.add(Text.clean(line.append(error.path("message").asText("")).toString()));
    }
    return lines;
  }

  private static String message(int status, JsonNode problem) {
    String detail = problem.path("detail").asText("");
    String title = problem.path("title").asText("");
    if (detail.isEmpty()) {
      return Text.clean(title.isEmpty() ? "the master answered " + status : title);
    }
    return Text.clean(detail);
  }
}
