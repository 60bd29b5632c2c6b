package io.holdfast.agent;

import io.holdfast.agent.task.TaskActor;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which tasks of which master an earlier life of the agent left in the journal. */
final class KnownTasks {
  private KnownTasks() {}

  /** Reads the persistence ids that begin with {@link TaskActor#PREFIX}. */
  static Map<MasterId, List<ExecutionId>> of(
      Collection<MasterId> configured, Collection<String> persistenceIds) {
    Map<MasterId, List<ExecutionId>> tasks = new TreeMap<>();
    configured.forEach(master -> tasks.put(master, new ArrayList<>()));
    for (String id : persistenceIds) {
      String[] parts = id.split("\\|", 3);
      // Tasks of a master that was taken out of the configuration still need somebody's eye.
      tasks
          .computeIfAbsent(new MasterId(parts[1]), master -> new ArrayList<>())
          .add(ExecutionId.parse(parts[2]));
    }
    return tasks;
  }
}
