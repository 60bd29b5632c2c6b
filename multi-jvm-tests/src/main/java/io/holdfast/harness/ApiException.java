package io.holdfast.harness;

import com.fasterxml.jackson.databind.JsonNode;

/** The master refused a request, and said why. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int status;
  private final transient JsonNode problem;

  ApiException(String request, int status, JsonNode problem) {
    super(request + ": " + status + " " + problem);
    this.status = status;
    this.problem = problem;
  }

  public int status() {
    return status;
  }

  /** The problem document; a text node with the body when it was none. */
  public JsonNode problem() {
    return problem;
  }
}
