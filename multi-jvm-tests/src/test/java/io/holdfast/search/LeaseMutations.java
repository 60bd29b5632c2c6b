package io.holdfast.search;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.MasterHold;
import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What may be wrong with the lease, the wait for it, epochs and sessions (R1-R4, R12, R13). */
final class LeaseMutations {
  private static final Bounds ONE = Bounds.CALM.agents(1).executions(1).couplings(1);
  private static final Bounds AGAIN = ONE.couplings(2);

  private LeaseMutations() {}

  private static boolean over(MasterHold hold, Duration now, Duration wait) {
    return now.compareTo(hold.countsFrom().plus(wait)) >= 0;
  }

  private static Duration stretched(Duration time, TimingPolicy policy) {
    return time.multipliedBy(1000L + 2L * policy.driftPermille()).dividedBy(1000);
  }

  /** A rule with a shorter wait. */
  private interface Wait extends Rules {
    Duration wait(TimingPolicy policy);

    @Override
    default boolean isReleasable(MasterHold hold, Duration now, TimingPolicy policy) {
      return over(hold, now, wait(policy));
    }
  }

  static List<Mutation> all() {
    return List.of(
        new Mutation(
            "the lease counts from the arrival of the exchange",
            "R2",
            "I3",
            ONE,
            new Rules() {
              @Override
              public AgentLease.Renewal renew(
                  AgentLease lease, SessionId of, MasterEpoch by, Duration anchor, Duration now) {
                return Rules.REAL.renew(lease, of, by, now, now);
              }
            }),
        new Mutation(
            "the wait counts from the sending of the request before",
            "R3",
            "I3",
            ONE.drift(2),
            new Rules() {
              @Override
              public boolean countsFromReceipt() {
                return false;
              }
            }),
        new Mutation(
            "the wait does not begin anew with an echo",
            "R3",
            "I3",
            ONE,
            new Rules() {
              @Override
              public MasterHold echoing(MasterHold hold) {
                return hold;
              }
            }),
        new Mutation(
            "the wait leaves out the margin",
            "R3",
            "I3",
            ONE.drift(2),
            (Wait) policy -> stretched(policy.lease().plus(policy.killGrace()), policy)),
        new Mutation(
            "the wait leaves out the drift",
            "R3",
            "I3",
            ONE.drift(2),
            (Wait) policy -> policy.lease().plus(policy.killGrace()).plus(policy.margin())),
        new Mutation(
            "the wait leaves out the kill grace",
            "R3",
            "I3",
            ONE.drift(2),
            (Wait) policy -> stretched(policy.lease(), policy).plus(policy.margin())),
        new Mutation(
            "given up at half the lease",
            "R3",
            "I3",
            ONE,
            (Wait) policy -> policy.lease().dividedBy(2)),
        new Mutation(
            "given up as soon as it is unheard",
            "R1",
            "I3",
            ONE,
            new Rules() {
              @Override
              public boolean silenceIsNoProof() {
                return false;
              }
            }),
        new Mutation(
            "given up while a session is open",
            "R3",
            "I3",
            ONE,
            new Rules() {
              @Override
              public boolean verdictWaitsForTheSession() {
                return false;
              }
            }),
        new Mutation(
            "a successor does not wait",
            "R3",
            "I3",
            ONE.failovers(1),
            new Rules() {
              @Override
              public MasterHold recovered(Duration now, TimingPolicy policy) {
                return new MasterHold(Optional.empty(), now.minus(policy.release()));
              }
            }),
        new Mutation(
            "a successor does not count its predecessor's authority",
            "R13",
            "I3",
            ONE.failovers(1).drift(2).exchanges(2),
            new Rules() {
              @Override
              public MasterHold recovered(Duration now, TimingPolicy policy) {
                return new MasterHold(Optional.empty(), now);
              }
            }),
        new Mutation(
            "an old master acts on without authority",
            "R13",
            "I3",
            ONE.failovers(1).exchanges(2),
            new Rules() {
              @Override
              public int authority() {
                return 4;
              }
            }),
        new Mutation(
            "a coupling of an older epoch is obeyed",
            "R4",
            "I4",
            AGAIN.failovers(1),
            new Rules() {
              @Override
              public Optional<AgentLease.Denial> mayOpen(
                  AgentLease lease, MasterEpoch by, Duration now) {
                return lease.isOver(now)
                    ? Optional.of(AgentLease.Denial.LEASE_OVER)
                    : Optional.empty();
              }

              @Override
              public AgentLease open(
                  AgentLease lease, SessionId opened, MasterEpoch by, Duration now) {
                return new AgentLease(by, Optional.of(opened), now, lease.deadline());
              }
            }),
        new Mutation(
            "an old master's exchange is obeyed",
            "R4",
            "I4",
            AGAIN.failovers(1),
            new Rules() {
              @Override
              public AgentLease.Renewal renew(
                  AgentLease lease, SessionId of, MasterEpoch by, Duration anchor, Duration now) {
                return Rules.REAL.renew(
                    lease, lease.session().orElse(of), lease.epoch(), anchor, now);
              }
            }),
        new Mutation(
            "an agent forgets the epoch when it restarts",
            "R4",
            "I4",
            AGAIN.failovers(1).restarts(1),
            new Rules() {
              @Override
              public int epochAfterRestart(int epoch) {
                return 0;
              }
            }),
        new Mutation(
            "what a former session sent is obeyed",
            "R4",
            "I3",
            AGAIN.messages(2),
            new Rules() {
              @Override
              public AgentLease.Renewal renew(
                  AgentLease lease, SessionId of, MasterEpoch by, Duration anchor, Duration now) {
                Optional<SessionId> current = lease.session();
                boolean former = current.isPresent() && !current.get().equals(of);
                return former && !lease.isOver(now)
                    ? new AgentLease.Renewal.Granted(
                        new AgentLease(
                            lease.epoch(),
                            current,
                            lease.sessionSince(),
                            Optional.of(lease.deadline().orElse(now.plus(Ticks.POLICY.lease())))))
                    : Rules.REAL.renew(lease, of, by, anchor, now);
              }
            }),
        new Mutation(
            "an exchange that was seen is performed again",
            "R5",
            "I2",
            ONE.duplicates(1).messages(2),
            new Rules() {
              @Override
              public boolean refusesSeenExchanges() {
                return false;
              }
            }),
        new Mutation(
            "no guardian",
            "R12",
            "I3",
            ONE,
            new Rules() {
              @Override
              public boolean guardianActs() {
                return false;
              }
            }),
        new Mutation(
            "the deadline is not kept: after a restart the lease counts anew",
            "R2",
            "I3",
            ONE.restarts(1),
            new Rules() {
              @Override
              public int deadlineAfterRestart(int file) {
                return file == Ticks.NEVER ? file : Ticks.LEASE;
              }
            }),
        new Mutation(
            "the deadline of another boot is believed",
            "R2",
            "I3",
            AGAIN.reboots(1),
            new Rules() {
              @Override
              public int deadlineAfterReboot(int file) {
                return file == Ticks.NEVER ? file : 3 * Ticks.LEASE;
              }
            }),
        new Mutation(
            "a lease is closed when its end is journalled, not when it is ordered",
            "R2",
            "I3",
            AGAIN,
            new Rules() {
              @Override
              public boolean closesWhenOrdered() {
                return false;
              }
            }));
  }
}
