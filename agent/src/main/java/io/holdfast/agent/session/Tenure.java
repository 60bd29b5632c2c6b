package io.holdfast.agent.session;

import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.Optional;

/**
 * Which master is obeyed, in which session, and until when (R2, R4): {@link AgentLease} with the
 * deadline on disk.
 *
 * <p>Threading: one at a time. State: soft; {@link #recovered} brings what is hard.
 */
final class Tenure {
  private final Session.Surroundings<?> surroundings;
  private AgentLease lease = AgentLease.NONE;
  private TimingPolicy timing = TimingPolicy.DEFAULT;
  private Optional<JournalId> masterJournal = Optional.empty();
  private Optional<Incarnation> masterLife = Optional.empty();
  private Duration writtenDeadline = Duration.ZERO;
  private Duration provenAt = Duration.ZERO;
  private boolean withheld;

  Tenure(Session.Surroundings<?> surroundings) {
    this.surroundings = surroundings;
  }

  /** Takes up what is durable; {@code written} is the deadline in the lease file. */
  void recovered(SessionState state, Optional<Duration> written) {
    written.ifPresent(deadline -> writtenDeadline = deadline);
    lease = new AgentLease(state.epoch(), Optional.empty(), Duration.ZERO, written);
    masterJournal = state.masterJournal();
    masterLife = state.life();
  }

  MasterEpoch epoch() {
    return lease.epoch();
  }

  TimingPolicy timing() {
    return timing;
  }

  Optional<JournalId> masterJournal() {
    return masterJournal;
  }

  Optional<SessionId> session() {
    return lease.session();
  }

  boolean isLive(Duration now) {
    return lease.isLive(now);
  }

  boolean isOver(Duration now) {
    return lease.isOver(now);
  }

  /** How long it still is; nothing where none has begun. */
  Optional<Duration> remaining(Duration now) {
    return lease.deadline().map(deadline -> deadline.minus(now));
  }

  /** Why {@code request} must not begin a session. */
  Optional<AgentLease.Denial> mayOpen(Couple.Request request, Duration now) {
    // Two journals, or two lives, under one epoch are two masters: the one that is here stays.
    boolean rival =
        request.epoch().equals(lease.epoch())
            && (isOther(masterJournal, Optional.of(request.masterJournal()))
                || isOther(masterLife, request.life()));
    return rival ? Optional.of(AgentLease.Denial.OLDER_EPOCH) : lease.mayOpen(request.epoch(), now);
  }

  private static <T> boolean isOther(Optional<T> here, Optional<T> there) {
    return here.isPresent() && there.isPresent() && !here.equals(there);
  }

  /**
   * The epoch of {@code request} is durable: whatever becomes of its coupling, older masters are
   * refused from now on.
   *
   * @return why the coupling itself is refused, if so; its journal is the newest by now, so that
   *     only the lease can have changed
   */
  Optional<AgentLease.Denial> obey(Couple.Request request, Duration now) {
    if (request.epoch().compareTo(lease.epoch()) > 0) {
      lease =
          new AgentLease(request.epoch(), lease.session(), lease.sessionSince(), lease.deadline());
      masterJournal = Optional.of(request.masterJournal());
      masterLife = request.life();
    }
    return lease.mayOpen(request.epoch(), now);
  }

  /** Begins a session of the master that is obeyed. */
  SessionId open(Couple.Request request, Duration now) {
    SessionId session = surroundings.newSession();
    lease = lease.open(session, request.epoch(), now);
    timing = request.timing();
    masterJournal = Optional.of(request.masterJournal());
    masterLife = request.life();
    return session;
  }

  /** Whether an exchange may bring commands. */
  boolean mayCommand(Exchange.Request request, Duration now) {
    return lease.mayCommand(request.session(), request.epoch(), now).isEmpty();
  }

  /** What an exchange makes of the lease; to be relied on by {@link #rely}. */
  AgentLease.Renewal renew(Exchange.Request request, Duration now) {
    return lease.renew(request.session(), request.epoch(), request.anchor(), timing.lease(), now);
  }

  /**
   * R2: the deadline is on disk before it is relied on; small gains are not worth a write.
   *
   * @param stops whether an order to stop came with this renewal, or is under way: the guardian
   *     lets nothing go on that it holds before that is done (R12), so it is not told that the
   *     master was heard
   */
  void rely(AgentLease renewed, boolean stops) {
    Duration deadline = renewed.deadline().orElseThrow();
    Duration gain = deadline.minus(writtenDeadline);
    boolean small = gain.compareTo(timing.heartbeatPeriod().dividedBy(16)) < 0;
    if (lease.deadline().isPresent() && small && (stops || !withheld)) {
      return;
    }
    Duration proven = stops ? provenAt : deadline.minus(timing.lease());
    if (!surroundings.writeDeadline(deadline, timing.killGrace(), proven)) {
      return;
    }
    provenAt = proven;
    withheld = stops;
    writtenDeadline = deadline;
    lease = renewed;
  }

  /** Ends the session, not the lease. */
  void leave() {
    lease = new AgentLease(lease.epoch(), Optional.empty(), lease.sessionSince(), lease.deadline());
  }

  /** The lease is over, and so is all that it held. */
  void close() {
    lease = lease.close();
    writtenDeadline = Duration.ZERO;
  }
}
