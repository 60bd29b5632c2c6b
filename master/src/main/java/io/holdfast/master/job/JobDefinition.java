package io.holdfast.master.job;

import io.holdfast.protocol.Names;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a job is, as it was defined by a job file. It is stored in the journal; so it validates
 * itself, whoever builds it, and a definition that exists is one that may run.
 *
 * @param name the job's name, see {@link Names}
 * @param run the script, given to the shell as it is
 * @param target where it runs
 * @param parameters defaults by name; the task finds them as {@code PARAM_<NAME>}. These names are
 *     the only ones that a start may give values to
 * @param timeout how long an execution may take before it is stopped; empty: as long as it likes
 * @param killGrace how long a stopped task has between SIGTERM and SIGKILL
 * @param onConnectionLoss what the agent does when it no longer hears the master
 * @param onLost what becomes of a run whose execution is lost
 */
public record JobDefinition(
    String name,
    String run,
    Target target,
    SortedMap<String, String> parameters,
    Optional<Duration> timeout,
    Duration killGrace,
    ConnectionLossPolicy onConnectionLoss,
    OnLost onLost) {

  /** The kill grace of a job that names none. */
  public static final Duration DEFAULT_KILL_GRACE = Duration.ofSeconds(15);

  /** No master allows more; most allow less, see {@code timing.kill-grace}. */
  public static final Duration MAX_KILL_GRACE = Duration.ofHours(1);

  private static final String GUARANTEED = "guaranteed";

  /** Copies the parameters; a timeout that the JSON leaves out is none. */
  public JobDefinition {
    Names.require("job", name);
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(onConnectionLoss, "onConnectionLoss");
    Objects.requireNonNull(onLost, "onLost");
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    timeout = Objects.requireNonNullElse(timeout, Optional.empty());
    refuse("run", JobRules.runProblem(run));
    parameters.forEach(
        (key, value) -> {
          refuse("parameter '" + key + "'", JobRules.parameterNameProblem(key));
          refuse("parameter '" + key + "'", JobRules.parameterValueProblem(value));
        });
    refuse("parameters", JobRules.parametersProblem(parameters));
    refuse("timeout", timeout.flatMap(JobRules::timeoutProblem));
    refuse("killGrace", JobRules.killGraceProblem(killGrace));
    refuse("onLost", JobRules.lossProblem(onConnectionLoss, onLost));
  }

  /**
   * Whether two executions of this job can ever live at once: {@code guaranteed}, or what it
   * depends on. Shown wherever a job is shown, so that nobody chooses {@code keep} unknowingly.
   */
  public String atMostOnce() {
    if (onConnectionLoss == ConnectionLossPolicy.KEEP) {
      return "depends on the operator: with 'on-connection-loss: keep' a task goes on while its agent"
          + " is away, so confirm a run as lost only when its processes are known to be gone";
    }
    return GUARANTEED;
  }

  private static void refuse(String what, Optional<String> problem) {
    problem.ifPresent(
        message -> {
          throw new IllegalArgumentException(what + ": " + message);
        });
  }
}
