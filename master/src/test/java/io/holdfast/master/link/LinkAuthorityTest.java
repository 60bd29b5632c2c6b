package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** When a link may post, and what it makes of a newer epoch. */
class LinkAuthorityTest {
  private static final TimingPolicy TIMING = TimingPolicy.DEFAULT;
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final JournalId JOURNAL = new JournalId("aj-1");
  private static final Incarnation LIFE = new Incarnation("i-1");

  private final LinkWorld world = new LinkWorld();
  private final Link link =
      new Link(
          new Link.Identity(AGENT, "http://127.0.0.1:1", new JournalId("mj-1"), TIMING), world);
  private long attempt;

  private static Refusal olderEpoch(long seen) {
    return new Refusal(
        Refusal.Code.OLDER_EPOCH, "a newer master", Optional.of(new MasterEpoch(seen)));
  }

  private void refuseCoupling(long seen) {
    attempt++;
    link.coupleAnswered(attempt, new AgentAnswer.Refused<>(olderEpoch(seen)));
  }

  private void coupled() {
    attempt++;
    link.coupleAnswered(
        attempt,
        new AgentAnswer.Ok<>(
            new Couple.Response(
                AGENT,
                JOURNAL,
                LIFE,
                new SessionId("s-1"),
                Duration.ZERO,
                4,
                List.of(),
                Optional.empty())));
    link.recovered(new MasterEpoch(1));
    link.ready(
        new SessionId("s-1"),
        new LinkEvent.Reconciled(
            new MasterEpoch(1), JOURNAL, LIFE, List.of(), List.of(), Links.NOW),
        Set.of(),
        List.of());
  }

  private void pass(Duration time) {
    for (Duration gone = Duration.ZERO;
        gone.compareTo(time) < 0;
        gone = gone.plus(TIMING.heartbeatPeriod())) {
      world.now = world.now.plus(TIMING.heartbeatPeriod());
      link.tick();
    }
  }

  @Test
  void R4_aLifeThatNeverCoupledTakesTheEpochAboveTheOneThatTheAgentHasSeen() {
    link.recovered(new MasterEpoch(1));
    refuseCoupling(7);
    assertThat(world.superseded).containsExactly(new MasterEpoch(7));
    link.recovered(new MasterEpoch(8));
    assertThat(world.couplings)
        .last()
        .extracting(Couple.Request::epoch)
        .isEqualTo(new MasterEpoch(8));
  }

  @Test
  void R4_aLifeThatHasCoupledHasASuccessorAndStaysRefused() {
    link.recovered(new MasterEpoch(1));
    coupled();
    link.exchangeAnswered(world.tickets.get(0), new AgentAnswer.Refused<>(olderEpoch(2)));
    link.couple();
    refuseCoupling(2);
    assertThat(world.superseded).isEmpty();
  }

  @Test
  void R3_whoIsRefusedForItsEpochCallsNothingLostByTime() {
    link.recovered(new MasterEpoch(1));
    coupled();
    link.exchangeAnswered(world.tickets.get(0), new AgentAnswer.Refused<>(olderEpoch(2)));
    for (int n = 0; n < 40; n++) {
      pass(TIMING.heartbeatPeriod());
      link.couple();
      refuseCoupling(2);
    }
    assertThat(world.leasesOver).as("another one keeps the lease alive").isEmpty();
    pass(TIMING.release().plus(TIMING.authorityTtl()).multipliedBy(2));
    assertThat(world.leasesOver).as("once nothing is heard any more").isNotEmpty();
  }

  @Test
  void R13_noCouplingIsPostedWhileTheRightToActIsInDoubt() {
    world.mayAct = false;
    link.recovered(new MasterEpoch(1));
    assertThat(world.couplings).isEmpty();
    assertThat(link.message()).contains("right to act");
    world.mayAct = true;
    link.couple();
    assertThat(world.couplings).hasSize(1);
  }

  @Test
  void R13_noExchangeIsPostedWhileTheRightToActIsInDoubtAndOneAfterIt() {
    link.recovered(new MasterEpoch(1));
    coupled();
    assertThat(world.tickets).hasSize(1);
    world.mayAct = false;
    link.exchangeAnswered(
        world.tickets.get(0),
        new AgentAnswer.Ok<>(
            new Exchange.Response(1, Duration.ofSeconds(1), List.of(), List.of())));
    link.flush();
    link.tick();
    assertThat(world.tickets).as("asleep, and not proven yet").hasSize(1);
    world.mayAct = true;
    link.tick();
    assertThat(world.tickets).hasSize(2);
  }

  @Test
  void R6_anAgentThatIsHeardNeedsNobodyToVouchForIt() {
    assertThat(link.isHeard()).isFalse();
    link.recovered(new MasterEpoch(1));
    coupled();
    assertThat(link.isHeard()).isTrue();
    link.exchangeAnswered(world.tickets.get(0), new AgentAnswer.Failed<>("cut"));
    assertThat(link.isHeard()).as("not silent yet").isTrue();
    pass(TIMING.disconnectAfter().plus(TIMING.heartbeatPeriod()));
    assertThat(link.isHeard()).isFalse();
  }
}
