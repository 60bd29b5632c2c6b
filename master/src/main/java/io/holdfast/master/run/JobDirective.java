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
   * @param again whether a former life of the job has begun it: a link of whose journal a part is
   *     lost may have had it
   */
  record Assign(AgentId agent, TaskSpec spec, boolean releaseByTime, boolean again)
      implements JobDirective {
    /** As it is said by a later life of the job. */
    Assign ofBefore() {
      return new Assign(agent, spec, releaseByTime, true);
    }

    @Override
    public ExecutionId execution() {
      return spec.execution();
    }
  }

  /** End it. */
  record Stop(AgentId agent, ExecutionId execution) implements JobDirective {}
}
