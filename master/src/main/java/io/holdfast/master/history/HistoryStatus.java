package io.holdfast.master.history;

/**
 * How the history is at the moment. Soft state.
 *
 * @param message why it does not go on, or why it is not complete; empty when all is well
 */
record HistoryStatus(Phase phase, String message) {
  /** What may be expected of an answer. */
  enum Phase {
    /** Nothing can be asked yet. */
    STARTING("starting"),
    /** Nothing can be asked; it is tried again. */
    UNAVAILABLE("unavailable"),
    /** What is there is right; the newest is missing. */
    CATCHING_UP("catching-up"),
    /** As before, from the beginning. */
    REBUILDING("rebuilding"),
    /** All that was in the journal is there, and what comes follows within about a second. */
    CURRENT("current");

    private final String word;

    Phase(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  boolean canBeAsked() {
    return phase != Phase.STARTING && phase != Phase.UNAVAILABLE;
  }
}
