package io.holdfast.master.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Who asks for something, as he says himself: it is for the history, and proves nothing. */
final class Asker {
  /** The field, or the parameter. */
  static final String FIELD = "by";

  static final int MOST = 100;

  private Asker() {}

  /** What a body says, if it does. */
  static Optional<String> of(JsonNode body) {
    JsonNode by = body.path(FIELD);
    if (by.isMissingNode() || by.isNull()) {
      return Optional.empty();
    }
    if (!by.isTextual()) {
      throw refused();
    }
    return of(Optional.of(by.textValue()));
  }

  /** What a parameter says, if it does. */
  static Optional<String> of(Optional<String> parameter) {
    Optional<String> by = parameter.map(String::strip);
    if (by.filter(who -> who.isEmpty() || who.length() > MOST).isPresent()) {
      throw refused();
    }
    return by;
  }

  private static Problem refused() {
    return new Problem(
        400,
        "Malformed request",
        FIELD + ": say who asks for it, in 1 to " + MOST + " characters, or leave it out");
  }
}
