package io.holdfast.agent.session;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import java.util.Optional;

/**
 * Hard state of a session: what older masters of this name are refused by (R4).
 *
 * @param epoch the highest ever seen
 */
record SessionState(MasterEpoch epoch, Optional<JournalId> masterJournal) {
  static final SessionState NEVER_COUPLED = new SessionState(new MasterEpoch(0), Optional.empty());

  SessionState evolve(SessionEvent event) {
    var seen = (SessionEvent.MasterSeen) event;
    return new SessionState(seen.epoch(), Optional.of(seen.masterJournal()));
  }

  boolean isNews(SessionEvent.MasterSeen seen) {
    return !seen.epoch().equals(epoch) || !Optional.of(seen.masterJournal()).equals(masterJournal);
  }
}
