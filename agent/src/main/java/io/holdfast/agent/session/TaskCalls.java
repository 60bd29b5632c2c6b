package io.holdfast.agent.session;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The calls of one master's tasks that wait for their answer: one of each task is on its way, the
 * others of that task wait behind it, so that the master need not remember more than the newest
 * call of a task (R5). Each is sent once in a session, and again in the next one until it is
 * answered. No clock, no chance.
 *
 * <p>Threading: one at a time. State: soft; a call lives no longer than the connection that it came
 * by, which ends with the agent.
 */
final class TaskCalls {
  /** Calls of one task that wait, the one that is on its way included. */
  static final int MOST_OF_ONE_TASK = 16;

  /** Characters in the calls of all tasks that wait. */
  static final long MOST_CHARACTERS = 16L * 1024 * 1024;

  /** Calls in one answer to the master, and about how many characters. */
  static final int MOST_IN_ONE_ANSWER = 64;

  static final int MOST_CHARACTERS_IN_ONE_ANSWER = 1_000_000;

  private static final class Waiting {
    final TaskCall call;
    Consumer<TaskAnswer> reply;

    Waiting(TaskCall call, Consumer<TaskAnswer> reply) {
      this.call = call;
      this.reply = reply;
    }

    boolean isRepeatedBy(TaskCall.Ask ask, Optional<String> key) {
      return key.isPresent() && call.key().equals(key) && call.ask().equals(ask);
    }
  }

  private final Incarnation incarnation;
  private final Map<ExecutionId, Deque<Waiting>> queues = new HashMap<>();
  private final Set<ExecutionId> unsent = new LinkedHashSet<>();
  private long newest;
  private long characters;

  TaskCalls(Incarnation incarnation) {
    this.incarnation = incarnation;
  }

  /**
   * Takes a call up, or answers at once that it cannot be taken. One with the key and the contents
   * of another that waits takes that one's place: its client has come back.
   */
  void call(
      ExecutionId execution, TaskCall.Ask ask, Optional<String> key, Consumer<TaskAnswer> reply) {
    Deque<Waiting> queue = queues.getOrDefault(execution, new ArrayDeque<>());
    Optional<Waiting> before = queue.stream().filter(w -> w.isRepeatedBy(ask, key)).findFirst();
    if (before.isPresent()) {
      Consumer<TaskAnswer> left = before.get().reply;
      before.get().reply = reply;
      left.accept(
          new TaskAnswer.Refused(
              TaskAnswer.Code.CONFLICT,
              "Idempotency-Key",
              "the same call with the same key has come again: that one is answered"));
      return;
    }
    long size = size(ask);
    if (queue.size() >= MOST_OF_ONE_TASK || characters + size > MOST_CHARACTERS) {
      reply.accept(
          new TaskAnswer.Refused(
              TaskAnswer.Code.TOO_MANY,
              "calls",
              queue.size() >= MOST_OF_ONE_TASK
                  ? MOST_OF_ONE_TASK + " calls of this task wait for the master: try again later"
                  : "too much waits for the master: try again later"));
      return;
    }
    newest++;
    characters += size;
    TaskCall call = new TaskCall(execution, new TaskCall.Id(incarnation, newest), ask, key);
    queue.add(new Waiting(call, reply));
    queues.put(execution, queue);
    if (queue.size() == 1) {
      unsent.add(execution);
    }
  }

  private static long size(TaskCall.Ask ask) {
    if (ask instanceof TaskCall.PutVariable put) {
      return put.name().length() + put.value().length();
    }
    if (ask instanceof TaskCall.Note note) {
      return note.text().length();
    }
    return 100;
  }

  /** Whether the master should hear of something. */
  boolean hasNews() {
    return !unsent.isEmpty();
  }

  /** What goes up in the next answer to the master. */
  List<TaskCall> take() {
    List<TaskCall> calls = new ArrayList<>();
    long taken = 0;
    for (ExecutionId execution : List.copyOf(unsent)) {
      TaskCall call = queues.get(execution).element().call;
      taken += size(call.ask());
      if (calls.size() == MOST_IN_ONE_ANSWER
          || (!calls.isEmpty() && taken > MOST_CHARACTERS_IN_ONE_ANSWER)) {
        return calls;
      }
      unsent.remove(execution);
      calls.add(call);
    }
    return calls;
  }

  /** What was sent may not have arrived: a new session begins with all that wait. */
  void sendAgain() {
    unsent.addAll(queues.keySet());
  }

  /** The master has answered; an answer that nobody waits for means nothing. */
  void answered(MasterCommand.Answer answer) {
    Deque<Waiting> queue = queues.get(answer.execution());
    if (queue == null || !queue.element().call.id().equals(answer.call())) {
      return;
    }
    unsent.remove(answer.execution());
    Waiting first = queue.remove();
    characters -= size(first.call.ask());
    if (queue.isEmpty()) {
      queues.remove(answer.execution());
    } else {
      unsent.add(answer.execution());
    }
    first.reply.accept(answer.answer());
  }

  /** The task is being stopped, or has ended: nothing of it is heard any more. */
  void ended(ExecutionId execution) {
    unsent.remove(execution);
    Deque<Waiting> queue = queues.remove(execution);
    if (queue != null) {
      queue.forEach(
          waiting -> {
            characters -= size(waiting.call.ask());
            waiting.reply.accept(over(execution));
          });
    }
  }

  /** What a task is told that is not heard any more. */
  static TaskAnswer.Refused over(ExecutionId execution) {
    return new TaskAnswer.Refused(
        TaskAnswer.Code.ENDED,
        "execution",
        "execution " + execution + " has ended, or is being stopped");
  }
}
