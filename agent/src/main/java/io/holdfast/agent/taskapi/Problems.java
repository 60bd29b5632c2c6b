package io.holdfast.agent.taskapi;

import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.WireJson;

/** Refusals as RFC 9457 has them: what was wrong, where, and what would be right. */
final class Problems {
  private Problems() {}

  static HttpResponse of(int status, String title, String field, String detail) {
    ObjectNode problem = WireJson.MAPPER.createObjectNode();
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    if (!field.isEmpty()) {
      problem.putArray("errors").addObject().put("key", field).put("message", detail);
    }
    HttpResponse response =
        HttpResponse.create()
            .withStatus(StatusCodes.get(status))
            .withEntity(
                HttpEntities.create(
                    MediaTypes.applicationWithFixedCharset("problem+json", HttpCharsets.UTF_8)
                        .toContentType(),
                    WireJson.write(problem)));
    return status == 429 || status == 503
        ? response.addHeader(RawHeader.create("Retry-After", "1"))
        : response;
  }

  static HttpResponse of(TaskAnswer.Refused refused) {
    return switch (refused.code()) {
      case ENDED -> of(410, "Execution is over", refused.field(), refused.message());
      case UNKNOWN -> of(404, "Unknown variable", refused.field(), refused.message());
      case CONFLICT -> of(409, "Not possible", refused.field(), refused.message());
      case MALFORMED -> of(400, "Malformed", refused.field(), refused.message());
      case TOO_LARGE -> of(413, "Too large", refused.field(), refused.message());
      case TOO_MANY -> of(429, "Too many calls wait", refused.field(), refused.message());
    };
  }
}
