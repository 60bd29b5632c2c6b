package io.holdfast.master.history;

import java.util.List;

/** What can be searched. */
public enum HistoryKind {
  RUNS("runs", HistoryStream.JOB),
  EXECUTIONS("executions", HistoryStream.JOB),
  AGENTS("agents", HistoryStream.AGENT);

  private final String word;
  private final HistoryStream stream;

  HistoryKind(String word, HistoryStream stream) {
    this.word = word;
    this.stream = stream;
  }

  /** Its name in the API. */
  public String word() {
    return word;
  }

  /** The stream of which its rows are made. */
  HistoryStream stream() {
    return stream;
  }

  /** The parameters by which it is searched. */
  List<String> filters() {
    return this == AGENTS
        ? List.of("agent", "state", "from", "to")
        : List.of("job", "agent", "state", "from", "to");
  }

  /** The words that {@code state} may be. */
  List<String> states() {
    return switch (this) {
      case RUNS -> List.of("queued", "active", "succeeded", "failed", "cancelled", "lost");
      case EXECUTIONS -> List.of("assigned", "running", "ended");
      case AGENTS -> List.of("activated", "reconciled", "lost", "confirmed-lost");
    };
  }
}
