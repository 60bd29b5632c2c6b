package io.holdfast.master.history;

import java.util.List;

/** What can be searched. */
public enum HistoryKind {
  RUNS(
      "runs",
      HistoryStream.JOB,
      List.of("job", "agent", "state", "from", "to"),
      List.of("queued", "active", "succeeded", "failed", "cancelled", "lost")),
  EXECUTIONS(
      "executions",
      HistoryStream.JOB,
      List.of("job", "agent", "state", "from", "to"),
      List.of("assigned", "running", "ended")),
  AGENTS(
      "agents",
      HistoryStream.AGENT,
      List.of("agent", "state", "from", "to"),
      List.of("activated", "reconciled", "lost", "confirmed-lost"));

  private final String word;
  private final HistoryStream stream;
  private final List<String> filters;
  private final List<String> states;

  HistoryKind(String word, HistoryStream stream, List<String> filters, List<String> states) {
    this.word = word;
    this.stream = stream;
    this.filters = filters;
    this.states = states;
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
    return filters;
  }

  /** The words that {@code state} may be. */
  List<String> states() {
    return states;
  }
}
