package io.holdfast.master.jobfile;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.JobRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks the parameters that a start gives to a job, and lays them over the job's own. A name that
 * the job does not declare is refused rather than passed on: it is a slip, and the task would run
 * with the default instead.
 */
public final class RunParameters {
  /** More than this is not looked at. */
  private static final int MAX_ERRORS = 100;

  private RunParameters() {}

  /** What became of the parameters of a start. */
  public sealed interface Result {

    /** All parameters of the run: the job's, with the given values over them. */
    record Accepted(SortedMap<String, String> parameters) implements Result {
      public Accepted {
        parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
      }
    }

    /** What is wrong; each error's key is {@code parameters.NAME}, and it has no line. */
    record Refused(List<JobFileError> errors) implements Result {
      public Refused {
        errors = List.copyOf(errors);
      }
    }
  }

  /** Lays {@code given} over the parameters of {@code job}. */
  public static Result apply(JobDefinition job, Map<String, String> given) {
    List<JobFileError> errors = new ArrayList<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(given).entrySet()) {
      if (errors.size() < MAX_ERRORS) {
        problem(job, entry.getKey(), entry.getValue())
            .ifPresent(
                why -> errors.add(error("parameters." + entry.getKey(), entry.getValue(), why)));
      }
    }
    SortedMap<String, String> all = new TreeMap<>(job.parameters());
    all.putAll(given);
    if (errors.isEmpty()) {
      JobRules.parametersProblem(all).ifPresent(why -> errors.add(error("parameters", "", why)));
    }
    return errors.isEmpty() ? new Result.Accepted(all) : new Result.Refused(errors);
  }

  private static Optional<String> problem(JobDefinition job, String name, String value) {
    if (!job.parameters().containsKey(name)) {
      return Optional.of(
          "job '%s' has no such parameter: %sKnown parameters: %s"
              .formatted(
                  job.name(),
                  Nearest.question(name, job.parameters().keySet()),
                  Nearest.list(job.parameters().keySet())));
    }
    if (value == null) {
      return Optional.of("has no value: give a text, or \"\" for an empty one");
    }
    return JobRules.parameterValueProblem(value);
  }

  private static JobFileError error(String key, String value, String message) {
    String shown = value == null ? "" : Problems.printable(value);
    return new JobFileError(0, 0, Problems.printable(key), shown, message);
  }
}
