package io.holdfast.master.link;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.List;
import java.util.Set;

/** What a {@link Reconciler} tells its {@link AgentLink}: what it says is durable (R14). */
sealed interface ReconcilerNote {
  /** It is recovered; its side of the link has this epoch. */
  record Recovered(MasterEpoch epoch) implements ReconcilerNote {}

  /** A successor was active here: this one does nothing more. */
  record Superseded(MasterEpoch by) implements ReconcilerNote {}

  /**
   * The reconciliation is durable, and leads to these commands. {@code waiting}: released by time.
   */
  record Ready(
      SessionId session,
      LinkEvent.Reconciled report,
      Set<ExecutionId> waiting,
      List<MasterCommand> commands)
      implements ReconcilerNote {}

  /** Send these in the next exchange. */
  record Send(List<MasterCommand> commands) implements ReconcilerNote {}

  /** All output of these must be fetched. */
  record Fetch(ExecutionId execution, long stdoutBytes, long stderrBytes)
      implements ReconcilerNote {}

  /** Begin a new session, to compare anew. */
  record CompareAgain() implements ReconcilerNote {}
}
