package io.holdfast.agent.taskapi;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.HttpRequest;
import akka.http.scaladsl.model.EntityStreamSizeException;
import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import io.holdfast.protocol.wire.WireJson;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** What a request carries, read within bounds; what is wrong is named with its field. */
final class Bodies {
  private static final long READ_WITHIN_MILLIS = 30_000;

  /** A request that cannot be taken. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient TaskAnswer.Refused refused;

    Refusal(TaskAnswer.Code code, String field, String message) {
      super(message, null, false, false);
      this.refused = new TaskAnswer.Refused(code, field, message);
    }

    TaskAnswer.Refused refused() {
      return refused;
    }
  }

  private Bodies() {}

  /** The body as text; fails with a {@link Refusal} that names {@code field}. */
  static CompletionStage<String> text(
      HttpRequest request, String field, int mostBytes, ActorSystem<?> system) {
    return request
        .entity()
        .withSizeLimit(mostBytes)
        .toStrict(READ_WITHIN_MILLIS, system)
        .handle(
            (strict, failure) -> {
              if (failure != null) {
                throw refusal(field, mostBytes, failure);
              }
              return decoded(field, strict.getData().toArray());
            });
  }

  private static Refusal refusal(String field, int mostBytes, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof EntityStreamSizeException
        ? new Refusal(
            TaskAnswer.Code.TOO_LARGE, field, field + " has more than " + mostBytes + " bytes")
        : new Refusal(
            TaskAnswer.Code.MALFORMED, field, "the body could not be read: " + cause.getMessage());
  }

  private static String decoded(String field, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(
          TaskAnswer.Code.MALFORMED, field, field + " is not UTF-8: encode what is not text");
    }
  }

  /** {@code {"percent":40,"text":"…"}}, or the same as a form. */
  static TaskCall.Progress progress(boolean json, String body) {
    Map<String, String> fields = json ? fieldsOfJson(body) : fieldsOfForm(body);
    String percent = fields.getOrDefault("percent", "");
    if (!percent.matches("-?[0-9]{1,9}")) {
      throw new Refusal(
          TaskAnswer.Code.MALFORMED,
          "percent",
          "percent is '" + shown(percent) + "': give a whole number from 0 to 100");
    }
    return new TaskCall.Progress(Integer.parseInt(percent), fields.getOrDefault("text", ""));
  }

  private static String shown(String text) {
    return text.length() <= 100 ? text : text.substring(0, 100) + "…";
  }

  private static Map<String, String> fieldsOfJson(String body) {
    try {
      Map<String, String> fields = new HashMap<>();
      JsonNode json = WireJson.MAPPER.readTree(body);
      json.properties().forEach(field -> fields.put(field.getKey(), field.getValue().asText()));
      return fields;
    } catch (IOException e) {
      throw new Refusal(
          TaskAnswer.Code.MALFORMED,
          "body",
          "the body is not JSON: send {\"percent\":40,\"text\":\"copying\"}");
    }
  }

  private static Map<String, String> fieldsOfForm(String body) {
    Map<String, String> fields = new HashMap<>();
    for (String field : body.split("&")) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        fields.put(unescaped(field.substring(0, equals)), unescaped(field.substring(equals + 1)));
      }
    }
    return fields;
  }

  private static String unescaped(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          TaskAnswer.Code.MALFORMED, "body", "the form has a wrong escape: use --data-urlencode");
    }
  }
}
