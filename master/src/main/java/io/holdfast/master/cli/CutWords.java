package io.holdfast.master.cli;

import io.holdfast.persistence.JournalRepair;

/** What becomes of a persistence id whose journal was cut, when its program is started next. */
final class CutWords {
  private CutWords() {}

  /** In one sentence for an operator. */
  static String atNextStart(JournalRepair.Cut cut) {
    if (cut.over()) {
      return "it was over and stays so";
    }
    String[] parts = cut.persistenceId().split("\\|", 3);
    return switch (parts[0]) {
      case "task" ->
          "the agent ends what is left of execution "
              + last(parts)
              + " and tells its master that it has vanished, unless its outcome is readable";
      case "session" ->
          "the agent takes the epoch and the numbers of master "
              + last(parts)
              + " for the least it has seen; the next coupling tells the rest";
      case "agent" ->
          "the master compares with agent "
              + last(parts)
              + " and asks its jobs; what neither knows any more ends as lost";
      case "job" ->
          "job "
              + last(parts)
              + " begins nothing and takes no run before every agent was heard, or confirm-lost"
              + " vouches for it; runs that waited end as lost, and those that were asked for in the"
              + " lost part and had not begun are not known any more: ask for them again";
      case "catalog" ->
          "the jobs themselves tell how they are defined; a job file whose caller had no answer yet"
              + " is to be applied again";
      default -> "its program is told that events are missing";
    };
  }

  private static String last(String[] parts) {
    return parts[parts.length - 1];
  }
}
