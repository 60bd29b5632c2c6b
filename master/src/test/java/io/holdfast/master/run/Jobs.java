package io.holdfast.master.run;

import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Jobs, fleets and commands as the tests of the rules need them. */
final class Jobs {
  static final String JOB = "nightly";
  static final Instant NOW = Instant.parse("2026-11-22T15:00:00Z");
  static final AgentId ONE = new AgentId("agent-1");
  static final AgentId TWO = new AgentId("agent-2");
  static final Outcome SUCCESS = new Outcome.Exited(0);
  static final Outcome FAILURE = new Outcome.Exited(3);
  static final Outcome LOST = new Outcome.Lost("the lease is over");

  private Jobs() {}

  static JobDefinition job(Target target, OnLost onLost) {
    return job(target, onLost, "true");
  }

  static JobDefinition job(Target target, OnLost onLost, String script) {
    return new JobDefinition(
        JOB,
        script,
        target,
        new TreeMap<>(Map.of("MODE", "full")),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        onLost);
  }

  static JobDefinition onGroup(OnLost onLost) {
    return job(new Target.Group("all"), onLost);
  }

  static Fleet fleet(boolean one, boolean two) {
    return new Fleet(
        List.of(new Fleet.Member(ONE, one, 0), new Fleet.Member(TWO, two, 0)),
        Map.of("all", List.of(ONE, TWO)));
  }

  static JobState defined(JobDefinition job) {
    return JobState.EMPTY.evolve(new JobEvent.Defined(job, NOW));
  }

  static RunId run(long number) {
    return new RunId(new JobName(JOB), number);
  }

  static ExecutionId execution(long run, int attempt) {
    return run(run).execution(attempt);
  }

  static JobCommand.RequestRun request() {
    return new JobCommand.RequestRun(Collections.emptySortedMap(), Optional.empty());
  }

  static JobCommand.RequestRun request(String id) {
    return new JobCommand.RequestRun(Collections.emptySortedMap(), Optional.of(id));
  }

  static JobCommand.End end(ExecutionId execution, Outcome outcome) {
    return new JobCommand.End(execution, outcome, Optional.empty(), Optional.empty());
  }
}
