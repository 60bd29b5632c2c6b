package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Orders to start, or to give up what was never heard of (R7), of which nobody knows yet whether
 * they are in the journal of their task (R14): what an inventory cannot tell. Each ends in one of
 * three ways: the task says that it has one, the task has to read its journal again after a write
 * that failed and finds nothing, or the task is gone.
 *
 * <p>Threading: one at a time. State: soft; bounded by the tasks that live.
 */
final class OrdersUnderWay {
  private final Map<ExecutionId, Integer> orders = new HashMap<>();
  private final Set<ExecutionId> awake = new HashSet<>();

  /** Such an order is given to a task of which nothing is known. */
  void ordered(ExecutionId execution) {
    orders.merge(execution, 1, Integer::sum);
  }

  /** The task has an order in its journal: whatever else is under way repeats that one. */
  void durable(ExecutionId execution) {
    awake.add(execution);
    orders.remove(execution);
  }

  /**
   * A task has read its journal, and there is nothing in it. The first time it has only woken up;
   * each further time the write of the oldest order has failed, and those after it follow.
   *
   * @return whether nothing is under way to it any more
   */
  boolean foundNothing(ExecutionId execution) {
    if (!awake.add(execution)) {
      orders.computeIfPresent(execution, (id, count) -> count == 1 ? null : count - 1);
    }
    return !orders.containsKey(execution);
  }

  /** The task is gone, and with it what it had not looked at. */
  void gone(ExecutionId execution) {
    awake.remove(execution);
    orders.remove(execution);
  }

  boolean isEmpty() {
    return orders.isEmpty();
  }
}
