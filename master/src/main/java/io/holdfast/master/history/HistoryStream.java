package io.holdfast.master.history;

/** The events of one tag, which are taken in one after the other. */
enum HistoryStream {
  /** Runs and executions. */
  JOB("job"),
  /** Links to agents, and when tasks started there. */
  AGENT("agent");

  private final String tag;

  HistoryStream(String tag) {
    this.tag = tag;
  }

  /** The tag of its events, which is its name in the tables too. */
  String tag() {
    return tag;
  }
}
