package io.holdfast.agent.session;

import io.holdfast.protocol.id.Incarnation;
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
 * @param life of the master's side that has this epoch, if it said so
 * @param used the numbers of tasks that were released
 * @param sinceSum events since the newest {@link SessionEvent.Summed}
 * @param damage what is wrong with the journal, if a part of it is lost and no master was seen
 *     since
 */
public record SessionState(
    MasterEpoch epoch,
    Optional<JournalId> masterJournal,
    Optional<Incarnation> life,
    UsedNumbers used,
    int sinceSum,
    Optional<String> damage) {
  /** Events after which they are summed up, so that the journal of a session stays short. */
  static final int MOST_EVENTS = 1_000;

  /** Before this master has ever coupled. */
  public static final SessionState NEVER_COUPLED =
      new SessionState(
          new MasterEpoch(0),
          Optional.empty(),
          Optional.empty(),
          UsedNumbers.NONE,
          0,
          Optional.empty());

  /** What {@code event} makes of this state. */
  public SessionState evolve(SessionEvent event) {
    if (event instanceof SessionEvent.Summed all) {
      return new SessionState(
          all.epoch(), all.masterJournal(), all.life(), all.used(), 0, Optional.empty());
    }
    if (event instanceof SessionEvent.MasterSeen seen) {
      return new SessionState(
          seen.epoch(),
          Optional.of(seen.masterJournal()),
          seen.life(),
          used,
          sinceSum + 1,
          Optional.empty());
    }
    if (event instanceof SessionEvent.JournalDamaged damaged) {
      return new SessionState(
          epoch, masterJournal, life, used, sinceSum + 1, Optional.of(damaged.what()));
    }
    UsedNumbers more = used;
    for (SessionEvent.Used number : ((SessionEvent.NumbersUsed) event).numbers()) {
      more = more.plus(number.execution(), Optional.of(number.token()));
    }
    return new SessionState(epoch, masterJournal, life, more, sinceSum + 1, damage);
  }

  /** Whether {@code seen} says anything that is not known. */
  public boolean isNews(SessionEvent.MasterSeen seen) {
    return !seen.epoch().equals(epoch)
        || !Optional.of(seen.masterJournal()).equals(masterJournal)
        || !seen.life().equals(life);
  }

  /** The sum of the events so far, if it is time for one. */
  Optional<SessionEvent.Summed> sum(Instant now) {
    return sinceSum < MOST_EVENTS
        ? Optional.empty()
        : Optional.of(new SessionEvent.Summed(epoch, masterJournal, life, used, now));
  }
}
