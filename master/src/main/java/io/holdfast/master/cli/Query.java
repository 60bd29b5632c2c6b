package io.holdfast.master.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The part of a path behind the question mark, as options of a command are brought together. */
final class Query {
  private final List<String> parameters = new ArrayList<>();

  /** Adds an option, if it was given. */
  Query add(String name, String value) {
    if (value != null) {
      parameters.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
    return this;
  }

  boolean isEmpty() {
    return parameters.isEmpty();
  }

  /** With the question mark, or nothing. */
  @Override
  public String toString() {
    return parameters.isEmpty() ? "" : "?" + String.join("&", parameters);
  }
}
