package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a link carries the calls of tasks to their jobs, and the answers back. */
class LinkCallsTest {
  private static final JournalId JOURNAL = new JournalId("j-1");
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final Incarnation LIFE = new Incarnation("i-1");
  private static final TaskCall CALL =
      new TaskCall(
          ExecutionId.parse("a#1.1"),
          new TaskCall.Id(LIFE, 7),
          new TaskCall.Note("n"),
          Optional.empty());
  private static final MasterCommand.Answer ANSWER =
      new MasterCommand.Answer(CALL.execution(), CALL.id(), new TaskAnswer.Done());

  private final LinkWorld world = new LinkWorld();
  private final Link link =
      new Link(new Link.Identity(AGENT, "http://agent", JOURNAL, TimingPolicy.DEFAULT), world);
  private int sessions;

  @BeforeEach
  void connect() {
    link.recovered(new MasterEpoch(1));
    couple();
  }

  private void couple() {
    sessions++;
    link.couple();
    link.coupleAnswered(
        world.attempt,
        new AgentAnswer.Ok<>(
            new Couple.Response(
                AGENT,
                JOURNAL,
                LIFE,
                new SessionId("s-" + sessions),
                Duration.ofSeconds(1),
                4,
                List.of(),
                Optional.empty())));
    link.recovering();
    link.recovered(new MasterEpoch(1));
    link.ready(
        new SessionId("s-" + sessions),
        new LinkEvent.Reconciled(
            new MasterEpoch(1), JOURNAL, LIFE, List.of(), List.of(), Instant.EPOCH),
        Set.of(),
        List.of());
  }

  private void answered(TaskCall... calls) {
    Ticket ticket = world.tickets.remove(0);
    link.exchangeAnswered(
        ticket,
        new AgentAnswer.Ok<>(
            new Exchange.Response(
                ticket.number(),
                Duration.ofSeconds(2),
                List.of(),
                List.of(),
                List.of(),
                List.of(calls))));
  }

  private List<MasterCommand> sent() {
    List<MasterCommand> sent = world.requests.stream().flatMap(r -> r.commands().stream()).toList();
    world.requests.clear();
    return sent;
  }

  @Test
  void R14_anAnswerIsSentWhenTheJobHasGivenItAndOnce() {
    answered(CALL);
    assertThat(world.calls).containsExactly(CALL);
    assertThat(sent()).isEmpty();

    link.taskAnswered(ANSWER);
    link.taskAnswered(ANSWER);
    link.flush();
    assertThat(sent()).containsExactly(ANSWER);
  }

  @Test
  void R5_aJobThatDoesNotAnswerIsToldAgain() {
    answered(CALL);
    link.tick();
    assertThat(world.calls).containsExactly(CALL);
    world.now = world.now.plus(OpenCalls.REPEAT);
    link.tick();
    assertThat(world.calls).containsExactly(CALL, CALL);
  }

  @Test
  void R5_anAnswerForAFormerSessionWaitsUntilTheAgentAsksAgain() {
    answered(CALL);
    link.exchangeAnswered(world.tickets.remove(0), new AgentAnswer.Failed<>("cut"));
    link.taskAnswered(ANSWER);
    world.tickets.clear();
    couple();
    link.flush();
    assertThat(sent()).isEmpty();

    answered(CALL);
    link.taskAnswered(ANSWER);
    link.flush();
    assertThat(sent()).containsExactly(ANSWER);
  }
}
