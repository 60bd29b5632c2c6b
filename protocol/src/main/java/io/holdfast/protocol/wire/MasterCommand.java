package io.holdfast.protocol.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RequestId;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskSpec;
import java.util.Objects;
import java.util.Optional;

/**
 * What a master asks of an agent in an exchange. Each may come twice with the effect of once (R5).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = MasterCommand.Start.class, name = "start"),
  @JsonSubTypes.Type(value = MasterCommand.Stop.class, name = "stop"),
  @JsonSubTypes.Type(value = MasterCommand.GiveUp.class, name = "give-up"),
  @JsonSubTypes.Type(value = MasterCommand.Release.class, name = "release"),
  @JsonSubTypes.Type(value = MasterCommand.Answer.class, name = "answer")
})
public sealed interface MasterCommand {
  ExecutionId execution();

  /** Run it, once. {@code prior} is the request that this one repeats. */
  record Start(TaskSpec spec, RequestId request, Optional<RequestId> prior)
      implements MasterCommand {
    public Start {
      Objects.requireNonNull(spec, "spec");
      Objects.requireNonNull(request, "request");
      prior = prior == null ? Optional.empty() : prior;
      if (!request.execution().equals(spec.execution())
          || prior.filter(p -> !p.execution().equals(spec.execution())).isPresent()) {
        throw new IllegalArgumentException(
            "start of " + spec.execution() + " by request " + request + " after " + prior);
      }
    }

    @Override
    public ExecutionId execution() {
      return spec.execution();
    }
  }

  /** End it with all its processes (R11). */
  record Stop(ExecutionId execution, StopReason reason) implements MasterCommand {
    public Stop {
      Objects.requireNonNull(execution, "execution");
      Objects.requireNonNull(reason, "reason");
    }
  }

  /** If the agent has never seen it, it must never start (R7). */
  record GiveUp(ExecutionId execution) implements MasterCommand {
    public GiveUp {
      Objects.requireNonNull(execution, "execution");
    }
  }

  /** The master has its outcome and all of its output: the agent may forget it. */
  record Release(ExecutionId execution) implements MasterCommand {
    public Release {
      Objects.requireNonNull(execution, "execution");
    }
  }

  /** The answer to a call of a task; one that the agent does not wait for means nothing. */
  record Answer(ExecutionId execution, TaskCall.Id call, TaskAnswer answer)
      implements MasterCommand {
    public Answer {
      Objects.requireNonNull(execution, "execution");
      Objects.requireNonNull(call, "call");
      Objects.requireNonNull(answer, "answer");
    }
  }
}
