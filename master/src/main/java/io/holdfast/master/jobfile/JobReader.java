package io.holdfast.master.jobfile;

import io.holdfast.master.job.Durations;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.JobRules;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.jobfile.Fields.Field;
import io.holdfast.protocol.Names;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads one job of a file. Goes on after an error, so that all of them are found. */
final class JobReader {
  private static final String RUN = "run";
  private static final String AGENT = "agent";
  private static final String GROUP = "group";
  private static final String PARAMETERS = "parameters";
  private static final String TIMEOUT = "timeout";
  private static final String KILL_GRACE = "kill-grace";
  private static final String ON_CONNECTION_LOSS = "on-connection-loss";
  private static final String ON_LOST = "on-lost";
  private static final List<String> KEYS =
      List.of(RUN, AGENT, GROUP, PARAMETERS, TIMEOUT, KILL_GRACE, ON_CONNECTION_LOSS, ON_LOST);

  private final KnownAgents agents;
  private final Duration maxKillGrace;
  private final Problems problems;
  private final Fields reader;

  JobReader(KnownAgents agents, Duration maxKillGrace, Problems problems) {
    this.agents = agents;
    this.maxKillGrace = maxKillGrace;
    this.problems = problems;
    this.reader = new Fields(problems);
  }

  /** The job {@code name}; empty when something in it is wrong, which is then noted. */
  Optional<JobDefinition> read(String name, Field job) {
    String path = Fields.join("jobs", Problems.printable(name));
    if (!Names.isValid(name)) {
      problems.add(
          job.key(),
          path,
          "not a name: use 1 to 100 of the characters A-Z a-z 0-9 . _ - and no leading dot");
    }
    Optional<Map<String, Field>> mapping =
        reader.mapping(job.value(), path, "at least 'run:' and 'agent:' or 'group:' under it");
    if (mapping.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Field> fields = mapping.get();
    int before = problems.count();
    reader.refuseUnknown(fields, path, KEYS);
    Optional<String> run = run(fields, path, job.key());
    Optional<Target> target = target(fields, path, job.key());
    SortedMap<String, String> parameters = parameters(fields.get(PARAMETERS), path);
    Optional<Duration> timeout = timeout(fields.get(TIMEOUT), path);
    Duration killGrace = killGrace(fields.get(KILL_GRACE), path);
    ConnectionLossPolicy loss =
        choice(
            fields.get(ON_CONNECTION_LOSS),
            Fields.join(path, ON_CONNECTION_LOSS),
            ConnectionLossPolicy.STOP_AFTER_LEASE,
            ConnectionLossPolicy.values(),
            ConnectionLossPolicy::text);
    OnLost onLost =
        choice(
            fields.get(ON_LOST),
            Fields.join(path, ON_LOST),
            OnLost.ERROR,
            OnLost.values(),
            OnLost::text);
    JobRules.lossProblem(loss, onLost)
        .ifPresent(why -> problems.add(fields.get(ON_LOST).value(), path + "." + ON_LOST, why));
    if (problems.count() > before || problems.isFull() || !Names.isValid(name)) {
      return Optional.empty();
    }
    return Optional.of(
        new JobDefinition(
            name,
            run.orElseThrow(),
            target.orElseThrow(),
            parameters,
            timeout,
            killGrace,
            loss,
            onLost));
  }

  private Optional<String> run(Map<String, Field> fields, String path, Node jobKey) {
    Field field = fields.get(RUN);
    if (field == null) {
      problems.add(jobKey, path, "has no 'run': write the shell commands to run");
      return Optional.empty();
    }
    String key = Fields.join(path, RUN);
    if (Fields.isNull(field.value())) {
      problems.add(field.value(), key, JobRules.runProblem("").orElseThrow());
      return Optional.empty();
    }
    Optional<String> run = reader.text(field.value(), key);
    run.flatMap(JobRules::runProblem).ifPresent(why -> problems.add(field.value(), key, why));
    return run;
  }

  private Optional<Target> target(Map<String, Field> fields, String path, Node jobKey) {
    Field agent = fields.get(AGENT);
    Field group = fields.get(GROUP);
    if (agent == null && group == null) {
      problems.add(jobKey, path, "has neither 'agent' nor 'group': say where it runs");
      return Optional.empty();
    }
    if (agent != null && group != null) {
      problems.add(group.key(), path, "has both 'agent' and 'group': remove one of them");
    }
    Optional<Target> one =
        known(agent, path, AGENT, agents.agents(), agents.groups(), Target.OneAgent::new);
    Optional<Target> some =
        known(group, path, GROUP, agents.groups(), agents.agents(), Target.Group::new);
    return one.or(() -> some);
  }

  /**
   * A target that exists.
   *
   * @param others the names of the other kind, to notice that only the key is wrong
   */
  private Optional<Target> known(
      Field field,
      String path,
      String kind,
      Collection<String> known,
      Collection<String> others,
      Function<String, Target> target) {
    if (field == null) {
      return Optional.empty();
    }
    String key = Fields.join(path, kind);
    Optional<String> name = reader.text(field.value(), key);
    if (name.isEmpty()) {
      return Optional.empty();
    }
    String written = name.get();
    if (!known.contains(written)) {
      String otherKind = kind.equals(AGENT) ? GROUP : AGENT;
      String hint =
          others.contains(written)
              ? "write '" + otherKind + ": " + written + "'? "
              : Nearest.question(written, known);
      problems.add(
          field.value(),
          key,
          "unknown " + kind + ": " + hint + "Known " + kind + "s: " + Nearest.list(known));
      return Optional.empty();
    }
    return Optional.of(target.apply(written));
  }

  private SortedMap<String, String> parameters(Field field, String path) {
    SortedMap<String, String> parameters = new TreeMap<>();
    if (field == null) {
      return parameters;
    }
    String key = Fields.join(path, PARAMETERS);
    Map<String, Field> fields =
        reader.mapping(field.value(), key, "NAME: value lines under it").orElse(Map.of());
    fields.forEach(
        (name, parameter) -> {
          String parameterKey = Fields.join(key, Problems.printable(name));
          JobRules.parameterNameProblem(name)
              .ifPresent(why -> problems.add(parameter.key(), parameterKey, why));
          Optional<String> value = reader.text(parameter.value(), parameterKey);
          value
              .flatMap(JobRules::parameterValueProblem)
              .ifPresent(why -> problems.add(parameter.value(), parameterKey, why));
          value.ifPresent(text -> parameters.put(name, text));
        });
    JobRules.parametersProblem(parameters).ifPresent(why -> problems.add(field.value(), key, why));
    return parameters;
  }

  private Optional<Duration> timeout(Field field, String path) {
    return duration(field, Fields.join(path, TIMEOUT));
  }

  private Duration killGrace(Field field, String path) {
    Duration max = least(maxKillGrace, JobDefinition.MAX_KILL_GRACE);
    String key = Fields.join(path, KILL_GRACE);
    Duration killGrace = duration(field, key).orElse(least(max, JobDefinition.DEFAULT_KILL_GRACE));
    if (killGrace.compareTo(max) > 0) {
      String atMost = Durations.format(max);
      problems.add(
          field.value(),
          key,
          max.equals(JobDefinition.MAX_KILL_GRACE)
              ? "is too long: at most " + atMost
              : "is longer than this master's timing.kill-grace, on which its leases rest: write at"
                  + " most "
                  + atMost
                  + ", or raise that setting");
    }
    return killGrace;
  }

  private Optional<Duration> duration(Field field, String key) {
    if (field == null) {
      return Optional.empty();
    }
    Optional<String> text = reader.text(field.value(), key);
    try {
      return text.map(Durations::parse);
    } catch (IllegalArgumentException e) {
      problems.add(field.value(), key, e.getMessage());
      return Optional.empty();
    }
  }

  private <E> E choice(Field field, String key, E absent, E[] values, Function<E, String> textOf) {
    Optional<String> text = field == null ? Optional.empty() : reader.text(field.value(), key);
    if (text.isEmpty()) {
      return absent;
    }
    for (E value : values) {
      if (textOf.apply(value).equals(text.get())) {
        return value;
      }
    }
    List<String> words = Arrays.stream(values).map(textOf).toList();
    problems.add(
        field.value(),
        key,
        "not allowed: "
            + Nearest.question(text.get(), words)
            + "Write one of "
            + Nearest.list(words));
    return absent;
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }
}
