package io.holdfast.master.run;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskSpec;

/**
 * What a job wants of a link once its events are durable. Repeated until the link has it; each may
 * come twice with the effect of once.
 */
public sealed interface JobDirective {
  AgentId agent();

  ExecutionId execution();

  /**
   * Run this there.
   *
   * @param releaseByTime whether the link may call it lost when the lease is provably over
   */
  record Assign(AgentId agent, TaskSpec spec, boolean releaseByTime) implements JobDirective {
    @Override
    public ExecutionId execution() {
      return spec.execution();
    }
  }

  /** End it. */
  record Stop(AgentId agent, ExecutionId execution) implements JobDirective {}
}
