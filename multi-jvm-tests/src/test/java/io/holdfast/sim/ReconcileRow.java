package io.holdfast.sim;

import io.holdfast.protocol.reconcile.ReconcileEntry;
import java.util.Locale;
import java.util.Optional;

/** The rows of the table of reconciliation: what the master had, what the agent says. */
enum ReconcileRow {
  SENT_AND_NEVER_HEARD_OF,
  OPEN_AND_ALIVE,
  OPEN_AND_FINISHED,
  RUNNING_AND_NEVER_HEARD_OF,
  OPEN_AND_ANOTHER_DIRECTORY,
  CANCELLED_AND_ALIVE,
  CANCELLED_AND_NEVER_HEARD_OF,
  LOST_AND_ALIVE,
  LOST_AND_FINISHED,
  UNKNOWN_AND_ALIVE,
  UNKNOWN_AND_FINISHED,
  FOREIGN_AND_ALIVE,
  FOREIGN_AND_FINISHED;

  /** The row that an entry is of; none for what the agent has noted or ended already. */
  static Optional<ReconcileRow> of(ReconcileEntry entry) {
    boolean unknown = entry.before().equals("nothing");
    boolean finished = entry.agentSays().startsWith("finished");
    return Optional.ofNullable(
        switch (entry.decision()) {
          case RESEND -> SENT_AND_NEVER_HEARD_OF;
          case RESUME -> OPEN_AND_ALIVE;
          case COMPLETE -> OPEN_AND_FINISHED;
          case GIVE_UP -> entry.alarm() ? RUNNING_AND_NEVER_HEARD_OF : CANCELLED_AND_NEVER_HEARD_OF;
          case WAIT -> OPEN_AND_ANOTHER_DIRECTORY;
          case STOP ->
              switch (entry.before()) {
                case "lost" -> entry.alarm() ? LOST_AND_ALIVE : null;
                case "ended" -> null;
                default -> CANCELLED_AND_ALIVE;
              };
          case AMEND -> LOST_AND_FINISHED;
          case ADOPT -> finished ? UNKNOWN_AND_FINISHED : UNKNOWN_AND_ALIVE;
          case DISOWN -> !unknown ? null : finished ? FOREIGN_AND_FINISHED : FOREIGN_AND_ALIVE;
          case LOST, RELEASE -> null;
        });
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
