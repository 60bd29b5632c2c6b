package io.holdfast.master.http;

import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.master.jobfile.JobFileError;
import io.holdfast.protocol.wire.WireJson;
import java.util.List;

/** A refusal as RFC 9457 has it: what was wrong, where, and what would be right. */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;
  private final transient List<JobFileError> errors;

  Problem(int status, String title, String detail) {
    this(status, title, detail, List.of());
  }

  Problem(int status, String title, String detail, List<JobFileError> errors) {
    super(detail, null, false, false);
    this.status = status;
    this.title = title;
    this.errors = List.copyOf(errors);
  }

  static Problem notFound(String what, String detail) {
    return new Problem(404, "Unknown " + what, detail);
  }

  /** After a restart: what is asked for may be there, and is not known yet. */
  static Problem stillReading() {
    return new Problem(503, "Not ready", "The master is still reading its journal: try again.");
  }

  HttpResponse response() {
    ObjectNode problem = WireJson.MAPPER.createObjectNode();
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", getMessage());
    if (!errors.isEmpty()) {
      ArrayNode list = problem.putArray("errors");
      errors.forEach(error -> list.add(WireJson.MAPPER.valueToTree(error)));
    }
    return HttpResponse.create()
        .withStatus(StatusCodes.get(status))
        .withEntity(
            HttpEntities.create(
                MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8)
                    .toContentType(),
                WireJson.write(problem)));
  }
}
