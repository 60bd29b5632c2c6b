package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A link with a clock of its own. */
class LinkTest implements Link.Surroundings {
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final TimingPolicy TIMING = TimingPolicy.DEFAULT;

  private Duration now = Duration.ofHours(1);
  private long attempt;
  private int compared;
  private int givenUp;
  private final Link link = new Link(new Link.Identity(AGENT, "here", Links.MASTER, TIMING), this);

  private void pass(Duration time) {
    now = now.plus(time);
    link.tick();
  }

  @Test
  void R3_nothingIsGivenUpWhileTheAgentsAnswerIsCompared() {
    link.recovered(new MasterEpoch(1));
    pass(TIMING.release().plus(TIMING.authorityTtl()).plusSeconds(1));
    assertThat(givenUp).as("not heard for so long").isEqualTo(1);
    link.coupleAnswered(
        attempt,
        new AgentAnswer.Ok<>(
            new Couple.Response(
                AGENT,
                Links.AGENT,
                new Incarnation("i-1"),
                new SessionId("s-1"),
                Duration.ZERO,
                4,
                List.of(),
                Optional.empty())));
    link.recovered(new MasterEpoch(1));
    assertThat(compared).isEqualTo(1);
    // The journal is slow; what the comparison sends must not be taken for what was not heard of.
    pass(TIMING.disconnectAfter().plusSeconds(1));
    pass(TIMING.release());
    assertThat(givenUp).isEqualTo(1);
  }

  @Override
  public Duration now() {
    return now;
  }

  @Override
  public Instant wallClock() {
    return Links.NOW;
  }

  @Override
  public void couple(long ofAttempt, Couple.Request request) {
    attempt = ofAttempt;
  }

  @Override
  public void exchange(Ticket ticket, Exchange.Request request) {}

  @Override
  public void coupleAfter(Duration delay) {}

  @Override
  public void coupleNoMore() {}

  @Override
  public void flushSoon() {}

  @Override
  public void stepDown() {
    link.recovering();
  }

  @Override
  public void compare(Couple.Response agent) {
    compared++;
  }

  @Override
  public void responded(
      List<Exchange.Report> reports,
      List<ExecutionId> released,
      List<Exchange.RefusedStart> refused) {}

  @Override
  public void supersede(MasterEpoch seen) {}

  @Override
  public boolean mayAct() {
    return true;
  }

  @Override
  public void sessionOver() {}

  @Override
  public void leaseOver(Optional<Set<ExecutionId>> only, String why) {
    givenUp++;
  }

  @Override
  public void outputGrew(Exchange.OutputSize size) {}

  @Override
  public void show(LinkStatus status) {}
}
