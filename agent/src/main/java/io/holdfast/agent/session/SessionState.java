package io.holdfast.agent.session;

import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.time.Instant;
import java.util.Optional;

/**
 * Hard state of a session: what older masters of this name are refused by (R4), and which numbers
 * this master has used up.
 *
 * @param epoch the highest ever seen
 * @param used the numbers of tasks that were released
 * @param sinceSum events since the newest {@link SessionEvent.Summed}
 */
public record SessionState(
    MasterEpoch epoch, Optional<JournalId> masterJournal, UsedNumbers used, int sinceSum) {
  /** Events after which they are summed up, so that the journal of a session stays short. */
  static final int MOST_EVENTS = 1_000;

  /** Before this master has ever coupled. */
  public static final SessionState NEVER_COUPLED =
      new SessionState(new MasterEpoch(0), Optional.empty(), UsedNumbers.NONE, 0);

  /** What {@code event} makes of this state. */
  public SessionState evolve(SessionEvent event) {
    if (event instanceof SessionEvent.Summed all) {
      return new SessionState(all.epoch(), all.masterJournal(), all.used(), 0);
    }
    if (event instanceof SessionEvent.MasterSeen seen) {
      return new SessionState(seen.epoch(), Optional.of(seen.masterJournal()), used, sinceSum + 1);
    }
    UsedNumbers more = used;
    for (SessionEvent.Used number : ((SessionEvent.NumbersUsed) event).numbers()) {
      more = more.plus(number.execution(), Optional.of(number.token()));
    }
    return new SessionState(epoch, masterJournal, more, sinceSum + 1);
  }

  /** Whether {@code seen} says anything that is not known. */
  public boolean isNews(SessionEvent.MasterSeen seen) {
    return !seen.epoch().equals(epoch) || !Optional.of(seen.masterJournal()).equals(masterJournal);
  }

  /** The sum of the events so far, if it is time for one. */
  Optional<SessionEvent.Summed> sum(Instant now) {
    return sinceSum < MOST_EVENTS
        ? Optional.empty()
        : Optional.of(new SessionEvent.Summed(epoch, masterJournal, used, now));
  }
}
