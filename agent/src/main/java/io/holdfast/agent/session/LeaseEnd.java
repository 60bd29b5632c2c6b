package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What happens when a lease is over (R2): all that it held, and only that, is marked to be stopped,
 * and until it is nobody begins another session (P1).
 *
 * <p>Threading: one at a time. State: soft; bounded by the tasks that live.
 */
final class LeaseEnd {
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

  private final TaskTable tasks;
  private final Orders orders;
  private final Set<ExecutionId> unmarked = new HashSet<>();
  private Duration toldAt = Duration.ZERO;

  LeaseEnd(TaskTable tasks, Orders orders) {
    this.tasks = tasks;
    this.orders = orders;
  }

  /**
   * Orders the end of what the lease held, again while a task has not marked it: one that had to
   * read its journal again has forgotten it.
   *
   * @return whether there was nothing to be ordered
   */
  boolean stopAll(Duration now) {
    boolean waiting = !unmarked.isEmpty() && now.minus(toldAt).compareTo(AGAIN_AFTER) < 0;
    if (!tasks.isRecovered() || waiting) {
      return false;
    }
    toldAt = now;
    unmarked.addAll(tasks.alive(ConnectionLossPolicy.STOP_AFTER_LEASE));
    for (ExecutionId execution : List.copyOf(unmarked)) {
      orders.perform(execution, new TaskCommand.Stop(StopReason.LEASE_OVER), HeldExchanges.NONE);
    }
    return unmarked.isEmpty();
  }

  /**
   * A task is marked to be stopped, or is gone.
   *
   * @return whether all are
   */
  boolean marked(ExecutionId execution) {
    unmarked.remove(execution);
    return unmarked.isEmpty();
  }

  boolean awaits(ExecutionId execution) {
    return unmarked.contains(execution);
  }
}
