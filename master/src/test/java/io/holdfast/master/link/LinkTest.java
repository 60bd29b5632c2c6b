package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A link with a clock of its own. */
class LinkTest {
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final TimingPolicy TIMING = TimingPolicy.DEFAULT;

  private static final Incarnation LIFE = new Incarnation("i-1");

  private final LinkWorld world = new LinkWorld();
  private final Link link = new Link(new Link.Identity(AGENT, "here", Links.MASTER, TIMING), world);

  private void pass(Duration time) {
    world.now = world.now.plus(time);
    link.tick();
  }

  private void coupled() {
    link.coupleAnswered(
        world.attempt,
        new AgentAnswer.Ok<>(
            new Couple.Response(
                AGENT,
                Links.AGENT,
                LIFE,
                new SessionId("s-1"),
                Duration.ZERO,
                4,
                List.of(),
                Optional.empty())));
  }

  @Test
  void R12_whatTheComparisonLeadsToGoesWithTheFirstExchange() {
    link.recovered(new MasterEpoch(1));
    coupled();
    var stop = new MasterCommand.Stop(Links.A, StopReason.LOST_ELSEWHERE);
    ready(stop);
    assertThat(world.requests)
        .singleElement()
        .satisfies(r -> assertThat(r.commands()).contains(stop));
  }

  @Test
  void R3_aComparisonOfAFormerCouplingOpensNothing() {
    link.recovered(new MasterEpoch(1));
    coupled();
    ready(new SessionId("s-0"), Links.start(Links.A));
    assertThat(world.requests).as("what it leads to may be given up by now").isEmpty();
    ready();
    assertThat(world.requests).singleElement().satisfies(r -> assertThat(r.commands()).isEmpty());
  }

  private void ready(MasterCommand... commands) {
    ready(new SessionId("s-1"), commands);
  }

  private void ready(SessionId session, MasterCommand... commands) {
    link.ready(
        session,
        new LinkEvent.Reconciled(
            new MasterEpoch(1), Links.AGENT, LIFE, List.of(), List.of(), Links.NOW),
        Set.of(),
        List.of(commands));
  }

  private void answered() {
    Ticket last = world.tickets.get(world.tickets.size() - 1);
    link.exchangeAnswered(
        last,
        new AgentAnswer.Ok<>(
            new Exchange.Response(
                last.number(), Duration.ZERO, List.of(), List.of(), List.of(), List.of())));
  }

  /** In a session in which nothing is posted any more, as the right to act is in doubt. */
  private void inDoubt() {
    link.recovered(new MasterEpoch(1));
    coupled();
    ready();
    world.mayAct = false;
    answered();
    pass(TIMING.disconnectAfter());
    assertThat(world.shown.link()).isEqualTo(LinkStatus.Link.DISCONNECTED);
    assertThat(world.tickets).hasSize(1);
  }

  @Test
  void R13_whoWasSilentBecauseNothingWasPostedIsConnectedWhenItAnswersAgain() {
    inDoubt();
    world.mayAct = true;
    pass(Duration.ofSeconds(1));
    answered();
    assertThat(world.shown.link()).isEqualTo(LinkStatus.Link.CONNECTED);
    assertThat(world.couplings).hasSize(1);
  }

  @Test
  void P1_R3_R13_whatWasToBePostedIsGivenUpWithTheLease() {
    inDoubt();
    link.send(List.of(new MasterCommand.Stop(Links.A, StopReason.CANCELLED)));
    pass(TIMING.release().plus(TIMING.authorityTtl()));
    assertThat(world.leasesOver).hasSize(1);
    assertThat(world.coupleAt).as("the session is over").isEqualTo(world.now);
    world.mayAct = true;
    pass(Duration.ofSeconds(1));
    assertThat(world.tickets).as("nothing of it leaves").hasSize(1);
    link.couple();
    assertThat(world.couplings).hasSize(2);
  }

  @Test
  void P3_whoIsNotHeardIsTriedEachPeriodHoweverLongAnAttemptTakesToFail() {
    link.recovered(new MasterEpoch(1));
    pass(TIMING.disconnectAfter().plusMillis(1));
    for (int n = 0; n < 3; n++) {
      Duration began = world.now;
      link.couple();
      assertThat(world.coupleAt).isEqualTo(began.plus(TIMING.heartbeatPeriod()));
      pass(Duration.ofSeconds(2));
      link.coupleAnswered(world.attempt, new AgentAnswer.Failed<>("connect timeout"));
      assertThat(world.coupleAt).isEqualTo(began.plus(TIMING.heartbeatPeriod()));
      pass(Duration.ofSeconds(3));
    }
  }

  @Test
  void R1_silenceIsNotedOnceUntilTheAgentIsHeardAgain() {
    link.recovered(new MasterEpoch(1));
    pass(TIMING.disconnectAfter().minusMillis(1));
    assertThat(world.unheard).isEmpty();
    pass(Duration.ofMillis(1));
    pass(TIMING.heartbeatPeriod());
    pass(TIMING.release().plus(TIMING.authorityTtl()));
    assertThat(world.unheard).as("not heard in this life").containsExactly(Optional.empty());
    coupled();
    pass(TIMING.heartbeatPeriod());
    assertThat(world.unheard).hasSize(1);
    pass(TIMING.disconnectAfter());
    pass(TIMING.heartbeatPeriod());
    assertThat(world.unheard).containsExactly(Optional.empty(), Optional.of(Links.NOW));
  }

  @Test
  void R3_nothingIsGivenUpWhileTheAgentsAnswerIsCompared() {
    world.stepDown = link::recovering;
    link.recovered(new MasterEpoch(1));
    pass(TIMING.release().plus(TIMING.authorityTtl()).plusSeconds(1));
    assertThat(world.leasesOver).as("not heard for so long").hasSize(1);
    coupled();
    link.recovered(new MasterEpoch(1));
    assertThat(world.compared).isEqualTo(1);
    // The journal is slow; what the comparison sends must not be taken for what was not heard of.
    pass(TIMING.disconnectAfter().plusSeconds(1));
    pass(TIMING.release());
    assertThat(world.leasesOver).hasSize(1);
  }
}
