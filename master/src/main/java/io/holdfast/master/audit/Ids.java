package io.holdfast.master.audit;

import io.holdfast.protocol.id.ExecutionId;
import java.util.Optional;

/** What the persistence ids of masters and agents say. */
final class Ids {
  /** Whose journal it is. */
  enum Type {
    CATALOG,
    JOB,
    LINK,
    SESSION,
    TASK,
    OTHER
  }

  /**
   * A persistence id, taken apart.
   *
   * @param name of the job, of the link's agent, or of the master that a session or task is of
   * @param execution of a task
   */
  record Kind(Type type, String name, Optional<ExecutionId> execution) {}

  private Ids() {}

  static Kind kindOf(String id) {
    if (id.equals("catalog")) {
      return new Kind(Type.CATALOG, "", Optional.empty());
    }
    int bar = id.indexOf('|');
    String rest = id.substring(bar + 1);
    return switch (bar < 0 ? "" : id.substring(0, bar)) {
      case "job" -> new Kind(Type.JOB, rest, Optional.empty());
      case "agent" -> new Kind(Type.LINK, rest, Optional.empty());
      case "session" -> new Kind(Type.SESSION, rest, Optional.empty());
      case "task" -> task(rest);
      default -> new Kind(Type.OTHER, "", Optional.empty());
    };
  }

  private static Kind task(String rest) {
    int bar = rest.indexOf('|');
    try {
      return new Kind(
          Type.TASK,
          rest.substring(0, Math.max(0, bar)),
          Optional.of(ExecutionId.parse(rest.substring(bar + 1))));
    } catch (IllegalArgumentException e) {
      return new Kind(Type.OTHER, "", Optional.empty());
    }
  }
}
