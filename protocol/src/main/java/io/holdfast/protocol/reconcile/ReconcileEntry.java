package io.holdfast.protocol.reconcile;

import io.holdfast.protocol.id.ExecutionId;
import java.util.Objects;

/**
 * One line of a reconciliation report: what both sides said, and what follows.
 *
 * @param alarm this must not happen, or P1 was at risk: somebody should look
 */
public record ReconcileEntry(
    ExecutionId execution,
    String before,
    String agentSays,
    ReconcileDecision decision,
    String reason,
    boolean alarm) {
  public ReconcileEntry {
    Objects.requireNonNull(execution, "execution");
    Objects.requireNonNull(before, "before");
    Objects.requireNonNull(agentSays, "agentSays");
    Objects.requireNonNull(decision, "decision");
    Objects.requireNonNull(reason, "reason");
  }
}
