package io.holdfast.search;

import io.holdfast.master.link.LinkState;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.List;
import java.util.Optional;

/** The master's side of the link with one agent. Changed only while it is nobody's. */
final class LinkSide {
  /** Hard. */
  LinkState state = LinkState.EMPTY;

  /** Soft: the session, 0 for none, and whether an exchange of it is unanswered. */
  int session;

  boolean outstanding;

  /** Soft: a coupling is unanswered. */
  boolean coupling;

  /** Soft: {@link MasterHold}; the anchor by the agent's clock, the rest by the master's. */
  int newest = Ticks.NEVER;

  int receivedAt = Ticks.NEVER;
  int countsFrom;

  /** When the request was sent that waits for an answer: only a broken rule wants to know. */
  int sentAt = Ticks.NEVER;

  /** Soft: commands to be sent, and those in the unanswered exchange. */
  List<MasterCommand> outbox = List.of();

  List<MasterCommand> sent = List.of();

  /** Soft, as bits: {@link io.holdfast.master.link.SessionMemory}. */
  int stopsSent;

  int releasesSent;
  int jobHas;
  int absent;

  /** Soft: what ran in a former data directory, as bits, and until when that is waited for. */
  int waiting;

  int waitUntil = Ticks.NEVER;

  LinkSide copy() {
    LinkSide copy = new LinkSide();
    copy.state = state;
    copy.session = session;
    copy.outstanding = outstanding;
    copy.coupling = coupling;
    copy.newest = newest;
    copy.receivedAt = receivedAt;
    copy.countsFrom = countsFrom;
    copy.sentAt = sentAt;
    copy.outbox = outbox;
    copy.sent = sent;
    copy.stopsSent = stopsSent;
    copy.releasesSent = releasesSent;
    copy.jobHas = jobHas;
    copy.absent = absent;
    copy.waiting = waiting;
    copy.waitUntil = waitUntil;
    return copy;
  }

  MasterHold hold() {
    return new MasterHold(
        newest == Ticks.NEVER
            ? Optional.empty()
            : Optional.of(new MasterHold.Anchor(Ticks.at(newest), Ticks.at(receivedAt))),
        Ticks.at(countsFrom));
  }

  void hold(MasterHold hold) {
    newest = hold.newest().map(anchor -> Ticks.of(anchor.value())).orElse(Ticks.NEVER);
    receivedAt = hold.newest().map(anchor -> Ticks.of(anchor.receivedAt())).orElse(Ticks.NEVER);
    countsFrom = Ticks.of(hold.countsFrom());
  }

  /** The session is over: what belonged to it is nothing any more. */
  void close() {
    session = 0;
    outstanding = false;
    outbox = List.of();
    sent = List.of();
    stopsSent = 0;
    releasesSent = 0;
    absent = 0;
    newest = Ticks.NEVER;
    receivedAt = Ticks.NEVER;
    sentAt = Ticks.NEVER;
  }

  /** The process is dead: only the journal is left. */
  void crash(MasterHold recovered) {
    close();
    coupling = false;
    jobHas = 0;
    waiting = 0;
    waitUntil = Ticks.NEVER;
    hold(recovered);
  }

  void tickMaster(int by) {
    receivedAt = Ticks.shiftWait(receivedAt, by);
    countsFrom = Ticks.shiftWait(countsFrom, by);
    waitUntil = Ticks.shift(waitUntil, by, 0);
    sentAt = Ticks.shiftWait(sentAt, by);
  }

  void tickAgent(int by) {
    newest = Ticks.shiftAnchor(newest, by);
  }
}
