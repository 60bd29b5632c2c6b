package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls of tasks that their jobs have not answered yet: told to the job again until it has, and
 * forgotten with the session, because the agent begins the next one with all that wait (R5).
 */
final class OpenCalls {
  /** As many tasks as an agent may run at once; an agent sends one call of each. */
  static final int MOST = 5000;

  static final Duration REPEAT = Duration.ofSeconds(2);

  private static final class Open {
    final TaskCall call;
    Duration toldAt;

    Open(TaskCall call, Duration toldAt) {
      this.call = call;
      this.toldAt = toldAt;
    }
  }

  private final Map<ExecutionId, Open> open = new LinkedHashMap<>();

  /** A call has come; what is answered at once, because there is no room for it. */
  Optional<MasterCommand.Answer> add(TaskCall call, Duration now) {
    if (open.size() >= MOST && !open.containsKey(call.execution())) {
      return Optional.of(
          new MasterCommand.Answer(
              call.execution(),
              call.id(),
              new TaskAnswer.Refused(
                  TaskAnswer.Code.TOO_MANY,
                  "calls",
                  "the master has " + MOST + " calls of this agent to answer: try again later")));
    }
    open.put(call.execution(), new Open(call, now));
    return Optional.empty();
  }

  /** Whether this is what the agent still waits for. */
  boolean answered(MasterCommand.Answer answer) {
    Open waiting = open.get(answer.execution());
    if (waiting == null || !waiting.call.id().equals(answer.call())) {
      return false;
    }
    open.remove(answer.execution());
    return true;
  }

  /** What the job should be told again. */
  List<TaskCall> repeat(Duration now) {
    List<TaskCall> again = new ArrayList<>();
    for (Open waiting : open.values()) {
      if (now.minus(waiting.toldAt).compareTo(REPEAT) >= 0) {
        waiting.toldAt = now;
        again.add(waiting.call);
      }
    }
    return again;
  }

  /** The session is over. */
  void clear() {
    open.clear();
  }
}
