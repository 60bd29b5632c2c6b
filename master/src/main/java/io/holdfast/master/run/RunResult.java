package io.holdfast.master.run;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a run ended. */
public enum RunResult {
  @JsonProperty("succeeded")
  SUCCEEDED("succeeded"),
  @JsonProperty("failed")
  FAILED("failed"),
  @JsonProperty("cancelled")
  CANCELLED("cancelled"),
  /** What became of its execution could not be known. */
  @JsonProperty("lost")
  LOST("lost");

  private final String word;

  RunResult(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }
}
