package io.holdfast.protocol.lease;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import java.time.Duration;
import java.util.Optional;

/**
 * The agent's side of one master's lease (R2, R4). All instants are durations since the boot of the
 * agent's machine, by the agent's own clock. The epoch is hard state; the deadline is written to
 * the lease file before it is relied on.
 *
 * @param epoch the highest ever durably seen from this master
 * @param session the one whose requests are obeyed
 * @param sessionSince when it began; an older anchor is not this session's
 * @param deadline until when this master's tasks may run; none before the first renewal
 */
public record AgentLease(
    MasterEpoch epoch,
    Optional<SessionId> session,
    Duration sessionSince,
    Optional<Duration> deadline) {
  /** Before a master has ever coupled. */
  public static final AgentLease NONE =
      new AgentLease(new MasterEpoch(0), Optional.empty(), Duration.ZERO, Optional.empty());

  /** What became of a request to renew. */
  public sealed interface Renewal {
    /** The deadline that {@code lease} holds must be on disk before anything relies on it. */
    record Granted(AgentLease lease) implements Renewal {}

    /** Nothing changed. */
    record Denied(Denial why) implements Renewal {}
  }

  /** Why a request is not obeyed. */
  public enum Denial {
    /** An older master of this name: a newer one has coupled since. */
    OLDER_EPOCH,
    /** Not the current session. */
    OTHER_SESSION,
    /** The deadline has passed: the tasks are being stopped, and only a new session helps. */
    LEASE_OVER,
    /** An anchor that this session cannot have given. */
    FOREIGN_ANCHOR
  }

  /** Whether {@code coupling} may open a session at all. */
  public Optional<Denial> mayOpen(MasterEpoch coupling, Duration now) {
    if (coupling.compareTo(epoch) < 0) {
      return Optional.of(Denial.OLDER_EPOCH);
    }
    return isOver(now) ? Optional.of(Denial.LEASE_OVER) : Optional.empty();
  }

  /** A new session. A deadline that still lives goes on for the tasks that run under it. */
  public AgentLease open(SessionId opened, MasterEpoch by, Duration now) {
    if (mayOpen(by, now).isPresent()) {
      throw new IllegalStateException("session refused: " + mayOpen(by, now).get());
    }
    return new AgentLease(by, Optional.of(opened), now, deadline);
  }

  /** Whether a request of {@code by} in {@code of} is to be obeyed at all (R4). */
  public Optional<Denial> mayCommand(SessionId of, MasterEpoch by, Duration now) {
    if (by.compareTo(epoch) < 0) {
      return Optional.of(Denial.OLDER_EPOCH);
    }
    if (!session.equals(Optional.of(of)) || !by.equals(epoch)) {
      return Optional.of(Denial.OTHER_SESSION);
    }
    return isOver(now) ? Optional.of(Denial.LEASE_OVER) : Optional.empty();
  }

  /**
   * R2: counted from the anchor that the master echoes, never from the arrival of the request,
   * which the network may have held up for any time.
   */
  public Renewal renew(
      SessionId of, MasterEpoch by, Duration anchor, Duration lease, Duration now) {
    Optional<Denial> denial = mayCommand(of, by, now);
    if (denial.isPresent()) {
      return new Renewal.Denied(denial.get());
    }
    if (anchor.compareTo(now) > 0 || anchor.compareTo(sessionSince) < 0) {
      return new Renewal.Denied(Denial.FOREIGN_ANCHOR);
    }
    Duration proposed = anchor.plus(lease);
    // An echo that is too late to extend anything does not end a lease that lives without it.
    Duration later = deadline.filter(old -> old.compareTo(proposed) > 0).orElse(proposed);
    if (later.compareTo(now) <= 0) {
      return new Renewal.Denied(Denial.LEASE_OVER);
    }
    return new Renewal.Granted(new AgentLease(epoch, session, sessionSince, Optional.of(later)));
  }

  /** R4: whether a task may be started now. */
  public boolean isLive(Duration now) {
    return session.isPresent() && deadline.isPresent() && now.compareTo(deadline.get()) < 0;
  }

  /** Whether the deadline has passed: the tasks must be stopped and the session ends. */
  public boolean isOver(Duration now) {
    return deadline.isPresent() && now.compareTo(deadline.get()) >= 0;
  }

  /** After the tasks are marked to be stopped: no session, no deadline, the same epoch. */
  public AgentLease close() {
    return new AgentLease(epoch, Optional.empty(), Duration.ZERO, Optional.empty());
  }
}
