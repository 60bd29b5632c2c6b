package io.holdfast.storm;

import io.holdfast.storm.TaskProcesses.TaskProcess;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What a storm has done to single executions: only theirs may end in a way that no job and no order
 * is the reason for.
 */
final class Victims {
  private final Set<String> unrecorded = new HashSet<>();
  private final Set<String> confirmed = new HashSet<>();
  private final Set<String> leaders = new HashSet<>();
  private final Set<String> descendants = new HashSet<>();

  void killed(TaskProcess process) {
    switch (process.role()) {
      case WRAPPER -> unrecorded.add(process.execution());
      case LEADER -> leaders.add(process.execution());
      case DESCENDANT -> descendants.add(process.execution());
    }
  }

  void unrecorded(Collection<String> executions) {
    unrecorded.addAll(executions);
  }

  void confirmed(Collection<String> executions) {
    confirmed.addAll(executions);
  }

  /** Whether nobody could write down how it ended. */
  boolean isUnrecorded(String execution) {
    return unrecorded.contains(execution);
  }

  /** Whether an operator vouched for its end. */
  boolean isConfirmed(String execution) {
    return confirmed.contains(execution);
  }

  /** Whether its job was killed: it may have got anywhere, and need not have noted its end. */
  boolean isJobKilled(String execution) {
    return leaders.contains(execution);
  }

  /** Whether something was killed that its job has begun: the job sees that, and notes its end. */
  boolean isPartKilled(String execution) {
    return descendants.contains(execution);
  }

  int confirmed() {
    return confirmed.size();
  }
}
