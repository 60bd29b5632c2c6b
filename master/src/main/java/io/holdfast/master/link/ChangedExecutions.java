package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.wire.Exchange;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which executions a batch of events is about.
 *
 * @param changed to be shown anew
 * @param settled may have an outcome that their job does not know
 * @param gone closed
 */
record ChangedExecutions(
    Set<ExecutionId> changed, Set<ExecutionId> settled, Set<ExecutionId> gone) {
  static ChangedExecutions of(List<LinkEvent> events) {
    Set<ExecutionId> changed = new LinkedHashSet<>();
    Set<ExecutionId> settled = new LinkedHashSet<>();
    Set<ExecutionId> gone = new HashSet<>();
    for (LinkEvent event : events) {
      if (event instanceof LinkEvent.Assigned assigned) {
        // What was found under its id may have ended already.
        settled.add(assigned.spec().execution());
      } else if (event instanceof LinkEvent.AssignedAgain again) {
        settled.add(again.spec().execution());
      } else if (event instanceof LinkEvent.Sending sending) {
        sending.requests().forEach(request -> changed.add(request.execution()));
      } else if (event instanceof LinkEvent.StopWanted stop) {
        changed.add(stop.execution());
      } else if (event instanceof LinkEvent.Withdrawn withdrawn) {
        settled.add(withdrawn.execution());
      } else if (event instanceof LinkEvent.LostDeclared lost) {
        settled.addAll(lost.executions());
      } else if (event instanceof LinkEvent.StartsRefused refused) {
        settled.addAll(refused.executions());
      } else if (event instanceof LinkEvent.ConfirmedLost confirmed) {
        settled.addAll(confirmed.executions());
      } else if (event instanceof LinkEvent.Closed closed) {
        gone.addAll(closed.executions());
      } else if (event instanceof LinkEvent.Reconciled reconciled) {
        reconciled.entries().stream().map(ReconcileEntry::execution).forEach(settled::add);
      } else if (event instanceof LinkEvent.Reported reported) {
        for (Exchange.Report report : reported.reports()) {
          boolean end =
              report.event() instanceof TaskEvent.Finished
                  || report.event() instanceof TaskEvent.Tombstoned;
          (end ? settled : changed).add(report.execution());
        }
      }
    }
    changed.addAll(settled);
    return new ChangedExecutions(changed, settled, gone);
  }
}
