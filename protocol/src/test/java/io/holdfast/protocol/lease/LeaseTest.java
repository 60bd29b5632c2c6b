package io.holdfast.protocol.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease.Denial;
import io.holdfast.protocol.lease.AgentLease.Renewal;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R1-R4, one side at a time. */
class LeaseTest {
  private static final Duration LEASE = TimingPolicy.DEFAULT.lease();
  private static final SessionId S = new SessionId("s1");
  private static final SessionId OTHER = new SessionId("s2");
  private static final MasterEpoch E = new MasterEpoch(3);

  private static Duration at(double seconds) {
    return Duration.ofMillis((long) (seconds * 1000));
  }

  /** Opened at 100 s and renewed with the anchor 110 s: over at 170 s. */
  private static AgentLease leased() {
    AgentLease opened = AgentLease.NONE.open(S, E, at(100));
    return granted(opened.renew(S, E, at(110), LEASE, at(111)));
  }

  private static AgentLease granted(Renewal renewal) {
    assertThat(renewal).isInstanceOf(Renewal.Granted.class);
    return ((Renewal.Granted) renewal).lease();
  }

  // ---- defaults

  @Test
  void R1_R3_theDefaultsAreTheOnesOfTheDesign() {
    TimingPolicy policy = TimingPolicy.DEFAULT;
    assertThat(policy.heartbeatPeriod()).isEqualTo(at(5));
    assertThat(policy.retryAttempts()).isEqualTo(10);
    assertThat(policy.killGrace()).isEqualTo(at(15));
    assertThat(policy.driftPermille()).isEqualTo(5);
    assertThat(policy.margin()).isEqualTo(at(1));
    assertThat(policy.authorityTtl()).isEqualTo(at(10));
    assertThat(policy.disconnectAfter()).isEqualTo(at(10));
    assertThat(policy.lease()).isEqualTo(at(60));
    assertThat(policy.exchangeHold()).isEqualTo(Duration.ofMillis(3_500));
    assertThat(policy.release()).isEqualTo(at(76.75));
    assertThat(policy.survivableOutage(Duration.ZERO)).isEqualTo(at(50));
    assertThat(policy.survivableOutage(at(0.5))).isEqualTo(at(49));
  }

  @ParameterizedTest
  @CsvSource({
    "heartbeatPeriod, 0.049, 10, 15, 5, 1, 10",
    "heartbeatPeriod, 601, 10, 15, 5, 1, 10",
    "retryAttempts, 5, 1, 15, 5, 1, 10",
    "retryAttempts, 5, 100001, 15, 5, 1, 10",
    "killGrace, 5, 10, -1, 5, 1, 10",
    "killGrace, 5, 10, 3601, 5, 1, 10",
    "driftPermille, 5, 10, 15, -1, 1, 10",
    "driftPermille, 5, 10, 15, 101, 1, 10",
    "margin, 5, 10, 15, 5, 0, 10",
    "authorityTtl, 5, 10, 15, 5, 1, 0",
  })
  void R1_aPolicyOutOfBoundsIsRefusedByName(
      String what, double period, int retries, double grace, int drift, double margin, double ttl) {
    assertThatThrownBy(
            () -> new TimingPolicy(at(period), retries, at(grace), drift, at(margin), at(ttl)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what);
  }

  // ---- the agent's side

  @Property
  void R2_theDeadlineNeverExceedsTheNewestEchoedAnchorPlusTheLease(@ForAll long seed) {
    var random = new Random(seed);
    AgentLease lease = AgentLease.NONE;
    Duration now = at(100);
    Duration newestEcho = null;
    Optional<Duration> overSince = Optional.empty();
    SessionId[] sessions = {S, OTHER, new SessionId("s3")};
    for (int i = 0; i < 60; i++) {
      now = now.plusMillis(random.nextInt(20_000));
      AgentLease before = lease;
      SessionId session = sessions[random.nextInt(sessions.length)];
      MasterEpoch epoch = new MasterEpoch(2 + random.nextInt(3));
      switch (random.nextInt(6)) {
        case 0 -> {
          if (lease.mayOpen(epoch, now).isEmpty()) {
            lease = lease.open(session, epoch, now);
            assertThat(lease.deadline()).isEqualTo(before.deadline());
          }
        }
        case 1 -> {
          if (lease.isOver(now)) {
            lease = lease.close();
            newestEcho = null;
          }
        }
        default -> {
          Duration anchor = now.plusMillis(10_000 - random.nextInt(90_000));
          Renewal renewal = lease.renew(session, epoch, anchor, LEASE, now);
          if (renewal instanceof Renewal.Granted granted) {
            lease = granted.lease();
            assertThat(anchor).isLessThanOrEqualTo(now);
            newestEcho =
                newestEcho == null || anchor.compareTo(newestEcho) > 0 ? anchor : newestEcho;
            before
                .deadline()
                .ifPresent(
                    old ->
                        assertThat(((Renewal.Granted) renewal).lease().deadline().orElseThrow())
                            .as("never moves back")
                            .isGreaterThanOrEqualTo(old));
            assertThat(overSince.isPresent()).as("nothing renews what is over").isFalse();
          }
        }
      }
      if (lease.deadline().isPresent()) {
        assertThat(lease.deadline().get()).isEqualTo(newestEcho.plus(LEASE));
      }
      assertThat(lease.epoch()).isGreaterThanOrEqualTo(before.epoch());
      overSince = lease.isOver(now) ? Optional.of(now) : Optional.empty();
    }
  }

  @Property
  void R2_aRequestHeldUpInTheNetworkExtendsNothing(
      @ForAll @IntRange(min = 0, max = 58_999) int heldMillis) {
    AgentLease lease = leased();
    AgentLease after = granted(lease.renew(S, E, at(110), LEASE, at(111).plusMillis(heldMillis)));
    assertThat(after).isEqualTo(lease);
  }

  @Test
  void R2_anEchoThatArrivesLateExtendsNothing() {
    AgentLease opened = AgentLease.NONE.open(S, E, at(100));
    assertThat(opened.renew(S, E, at(100), LEASE, at(160)))
        .isEqualTo(new Renewal.Denied(Denial.LEASE_OVER));
    assertThat(granted(opened.renew(S, E, at(100), LEASE, at(159.9))).deadline()).contains(at(160));
  }

  @Test
  void R2_anEchoTooLateToExtendDoesNotEndALeaseThatLives() {
    AgentLease opened = AgentLease.NONE.open(S, E, at(100));
    AgentLease first = granted(opened.renew(S, E, at(105), LEASE, at(106)));
    AgentLease extended = granted(first.renew(S, E, at(160), LEASE, at(161)));
    assertThat(granted(extended.renew(S, E, at(105), LEASE, at(200)))).isEqualTo(extended);
  }

  @Test
  void R2_afterTheDeadlineNothingRenews() {
    AgentLease lease = leased();
    assertThat(lease.isLive(at(169.999))).isTrue();
    assertThat(lease.isOver(at(169.999))).isFalse();
    for (double now : new double[] {170, 170.001, 500}) {
      assertThat(lease.isLive(at(now))).isFalse();
      assertThat(lease.isOver(at(now))).isTrue();
      assertThat(lease.renew(S, E, at(169), LEASE, at(now)))
          .isEqualTo(new Renewal.Denied(Denial.LEASE_OVER));
      assertThat(lease.mayOpen(E.next(), at(now))).contains(Denial.LEASE_OVER);
      assertThatThrownBy(() -> lease.open(OTHER, E.next(), at(now)))
          .isInstanceOf(IllegalStateException.class);
    }
    AgentLease closed = lease.close();
    assertThat(closed.epoch()).isEqualTo(E);
    assertThat(closed.renew(S, E, at(169), LEASE, at(170)))
        .isEqualTo(new Renewal.Denied(Denial.OTHER_SESSION));
    assertThat(closed.open(OTHER, E, at(171)).isLive(at(171))).as("not before a renewal").isFalse();
  }

  @Test
  void R4_anOlderEpochIsRefusedAndForgetsNothing() {
    AgentLease lease = leased();
    MasterEpoch older = new MasterEpoch(E.value() - 1);
    assertThat(lease.renew(S, older, at(112), LEASE, at(113)))
        .isEqualTo(new Renewal.Denied(Denial.OLDER_EPOCH));
    assertThat(lease.mayOpen(older, at(113))).contains(Denial.OLDER_EPOCH);
    assertThat(lease.mayCommand(S, older, at(113))).contains(Denial.OLDER_EPOCH);
    assertThat(lease.close().mayOpen(older, at(113))).contains(Denial.OLDER_EPOCH);
    assertThat(lease).isEqualTo(leased());
  }

  @Test
  void R4_anotherSessionIsRefused() {
    AgentLease lease = leased();
    assertThat(lease.renew(OTHER, E, at(112), LEASE, at(113)))
        .isEqualTo(new Renewal.Denied(Denial.OTHER_SESSION));
    assertThat(lease.renew(S, E.next(), at(112), LEASE, at(113)))
        .as("a newer epoch has to couple first")
        .isEqualTo(new Renewal.Denied(Denial.OTHER_SESSION));
    AgentLease recoupled = lease.open(OTHER, E, at(120));
    assertThat(recoupled.deadline()).as("goes on for what runs").isEqualTo(lease.deadline());
    assertThat(recoupled.renew(S, E, at(119), LEASE, at(121)))
        .isEqualTo(new Renewal.Denied(Denial.OTHER_SESSION));
  }

  @Test
  void R2_anAnchorThatThisSessionCannotHaveGivenIsRefused() {
    AgentLease lease = leased();
    assertThat(lease.renew(S, E, at(99.999), LEASE, at(113)))
        .isEqualTo(new Renewal.Denied(Denial.FOREIGN_ANCHOR));
    assertThat(lease.renew(S, E, at(113.001), LEASE, at(113)))
        .isEqualTo(new Renewal.Denied(Denial.FOREIGN_ANCHOR));
    AgentLease recoupled = lease.open(OTHER, E, at(120));
    assertThat(recoupled.renew(OTHER, E, at(119.999), LEASE, at(121)))
        .isEqualTo(new Renewal.Denied(Denial.FOREIGN_ANCHOR));
  }

  @Test
  void R4_withoutASessionNothingIsLive() {
    assertThat(AgentLease.NONE.isLive(at(1))).isFalse();
    assertThat(AgentLease.NONE.isOver(at(1))).isFalse();
    assertThat(AgentLease.NONE.mayCommand(S, E, at(1))).contains(Denial.OTHER_SESSION);
    AgentLease restarted = new AgentLease(E, Optional.empty(), Duration.ZERO, Optional.of(at(9)));
    assertThat(restarted.isLive(at(1))).isFalse();
    assertThat(restarted.isOver(at(9))).as("the deadline outlives the session").isTrue();
  }

  // ---- the master's side

  @Test
  void R3_theWaitCountsFromTheReceiptOfTheNewestAnchorEverEchoed() {
    TimingPolicy policy = TimingPolicy.DEFAULT;
    MasterHold hold = new MasterHold(Optional.empty(), at(0)).coupled(at(1000), at(20));
    assertThat(hold.countsFrom()).as("not echoed yet").isEqualTo(at(0));
    hold = hold.echoing();
    assertThat(hold.countsFrom()).isEqualTo(at(20));
    hold = hold.received(at(1005), at(30)).received(at(1002), at(31));
    assertThat(hold.newest().orElseThrow().value()).as("answers overtook").isEqualTo(at(1005));
    assertThat(hold.countsFrom()).isEqualTo(at(20));
    hold = hold.echoing().echoing();
    assertThat(hold.countsFrom()).isEqualTo(at(30));
    assertThat(hold.isReleasable(at(106.749), policy)).isFalse();
    assertThat(hold.isReleasable(at(106.75), policy)).isTrue();
    assertThat(hold.leaseRemaining(at(50), policy)).isEqualTo(at(40));
    assertThat(hold.leaseRemaining(at(500), policy)).isEqualTo(Duration.ZERO);
  }

  @Property
  void R3_theWaitNeverBeginsEarlierThanItDid(@ForAll long seed) {
    var random = new Random(seed);
    Duration now = at(100);
    MasterHold hold = MasterHold.recovered(now, TimingPolicy.DEFAULT);
    for (int i = 0; i < 50; i++) {
      now = now.plusMillis(random.nextInt(5000));
      Duration before = hold.countsFrom();
      hold =
          switch (random.nextInt(3)) {
            case 0 -> hold.coupled(at(random.nextInt(1000)), now);
            case 1 -> hold.received(at(random.nextInt(1000)), now);
            default -> hold.echoing();
          };
      assertThat(hold.countsFrom()).isGreaterThanOrEqualTo(before);
    }
  }

  @Test
  void R13_aSuccessorCountsTheAuthorityOfItsPredecessor() {
    MasterHold hold = MasterHold.recovered(at(0), TimingPolicy.DEFAULT);
    assertThat(hold.releasableAt(TimingPolicy.DEFAULT)).isEqualTo(at(10.1 + 76.75));
    assertThat(hold.coupled(at(1), at(5)).echoing().countsFrom())
        .as("an early echo does not shorten it")
        .isEqualTo(at(10.1));
  }

  @Test
  void R3_theAnchorsOfAnOldSessionAreVoid() {
    MasterHold hold =
        new MasterHold(Optional.empty(), at(0)).coupled(at(9000), at(5)).coupled(at(10), at(6));
    assertThat(hold.newest()).contains(new MasterHold.Anchor(at(10), at(6)));
  }

  // ---- silence

  @ParameterizedTest
  @CsvSource({
    "-1, 0",
    "0, 0",
    "9.999, 0",
    "10, 1",
    "14.999, 1",
    "15, 2",
    "59.999, 10",
    "60, 10",
    "9999, 10"
  })
  void R1_silenceOfTwicePeriodIsDisconnected(double silence, int retry) {
    LinkHealth expected = retry == 0 ? new LinkHealth.Heard() : new LinkHealth.Silent(retry);
    assertThat(LinkHealth.judge(at(100), at(100 + silence), TimingPolicy.DEFAULT))
        .isEqualTo(expected);
  }

  /**
   * The cut comes at the worst moment: an answer was held for the whole period, and its echo was
   * lost. The link is back within the outage, and the master finds out a period later.
   */
  @Property
  void R3_aShorterOutageThanSurvivableStopsNothing(
      @ForAll @IntRange(min = 0, max = 2000) int roundTripMillis) {
    TimingPolicy policy = TimingPolicy.DEFAULT;
    Duration roundTrip = Duration.ofMillis(roundTripMillis);
    Duration anchor = at(1000);
    Duration echoedNext = anchor.plus(roundTrip).plus(policy.heartbeatPeriod()).plus(roundTrip);
    Duration back =
        echoedNext.plus(policy.survivableOutage(roundTrip)).plus(policy.heartbeatPeriod());
    AgentLease lease = AgentLease.NONE.open(S, E, anchor);
    lease = granted(lease.renew(S, E, anchor, policy.lease(), anchor.plus(roundTrip)));
    assertThat(lease.isOver(back.minusNanos(1))).isFalse();
  }
}
