package io.holdfast.protocol.task;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that an agent needs to run one execution.
 *
 * @param script what to run: a shell script, or any program when it begins with {@code #!}
 * @param parameters reach the task as {@code PARAM_<NAME>}, never through a command line
 * @param timeout how long it may run, enforced by the agent, so that it holds while the link is cut
 * @param killGrace how long after SIGTERM until SIGKILL (R11)
 */
public record TaskSpec(
    ExecutionId execution,
    FencingToken fencingToken,
    String script,
    SortedMap<String, String> parameters,
    Optional<Duration> timeout,
    Duration killGrace,
    ConnectionLossPolicy onConnectionLoss) {
  public TaskSpec {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(fencingToken, "fencingToken");
    Objects.requireNonNull(script, "script");
    parameters =
        Collections.unmodifiableSortedMap(
            new TreeMap<>(parameters == null ? Map.of() : parameters));
    parameters.forEach((name, value) -> Objects.requireNonNull(value, "parameters." + name));
    timeout = timeout == null ? Optional.empty() : timeout;
    Objects.requireNonNull(killGrace, "killGrace");
    Objects.requireNonNull(onConnectionLoss, "onConnectionLoss");
    if (killGrace.isNegative()) {
      throw new IllegalArgumentException("killGrace " + killGrace + " is negative");
    }
  }
}
