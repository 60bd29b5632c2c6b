package io.holdfast.agent.session;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import java.util.Optional;

/**
 * Hard state of a session: what older masters of this name are refused by (R4).
 *
 * @param epoch the highest ever seen
 */
public record SessionState(MasterEpoch epoch, Optional<JournalId> masterJournal) {
  /** Before this master has ever coupled. */
  public static final SessionState NEVER_COUPLED =
      new SessionState(new MasterEpoch(0), Optional.empty());

  /** What {@code event} makes of this state. */
  public SessionState evolve(SessionEvent event) {
    var seen = (SessionEvent.MasterSeen) event;
    return new SessionState(seen.epoch(), Optional.of(seen.masterJournal()));
  }

  /** Whether {@code seen} says anything that is not known. */
  public boolean isNews(SessionEvent.MasterSeen seen) {
    return !seen.epoch().equals(epoch) || !Optional.of(seen.masterJournal()).equals(masterJournal);
  }
}
