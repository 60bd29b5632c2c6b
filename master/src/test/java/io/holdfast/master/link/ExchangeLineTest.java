package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The exchanges of one session: a heartbeat, and a second one for commands. */
class ExchangeLineTest {
  private static final SessionId SESSION = new SessionId("s-1");
  private static final Duration NOW = Duration.ofHours(1);
  private final ExchangeLine line = new ExchangeLine(TimingPolicy.DEFAULT);

  private Optional<ExchangeLine.Sending> next() {
    return line.next(new MasterEpoch(3), () -> Duration.ofSeconds(7), NOW);
  }

  private static List<MasterCommand> releases(int count) {
    List<MasterCommand> commands = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      commands.add(new MasterCommand.Release(ExecutionId.parse("a#" + i + ".1")));
    }
    return commands;
  }

  @Test
  void nothingLeavesWithoutASession() {
    line.add(releases(1));
    assertThat(next()).isEmpty();
    assertThat(line.isOverdue(Duration.ofDays(100_000))).isFalse();
  }

  @Test
  void oneIsAlwaysOutstandingAndASecondOnlyForCommands() {
    line.open(SESSION, NOW);
    ExchangeLine.Sending heartbeat = next().orElseThrow();
    assertThat(heartbeat.request().commands()).isEmpty();
    assertThat(heartbeat.request().anchor()).isEqualTo(Duration.ofSeconds(7));
    assertThat(next()).isEmpty();

    line.add(releases(1));
    ExchangeLine.Sending second = next().orElseThrow();
    assertThat(second.request().number()).isEqualTo(2);
    line.add(releases(1));
    assertThat(next()).as("two at the most").isEmpty();

    line.answered(heartbeat.ticket(), NOW);
    assertThat(next().orElseThrow().request().commands()).hasSize(1);
  }

  @Test
  void oneExchangeBringsOnlySoManyCommands() {
    line.open(SESSION, NOW);
    line.add(releases(150));
    assertThat(next().orElseThrow().request().commands()).hasSize(64);
    ExchangeLine.Sending second = next().orElseThrow();
    assertThat(second.request().commands()).hasSize(64);
    assertThat(next()).isEmpty();
    line.answered(second.ticket(), NOW);
    assertThat(next().orElseThrow().request().commands()).hasSize(22);
  }

  @Test
  void oneExchangeBringsOnlySoMuchScript() {
    line.open(SESSION, NOW);
    List<MasterCommand> starts = new ArrayList<>();
    for (int i = 1; i <= 10; i++) {
      ExecutionId id = ExecutionId.parse("a#" + i + ".1");
      TaskSpec spec =
          new TaskSpec(
              id,
              new FencingToken(1),
              "x".repeat(300_000),
              new TreeMap<>(),
              Optional.empty(),
              Duration.ZERO,
              ConnectionLossPolicy.STOP_AFTER_LEASE);
      starts.add(new MasterCommand.Start(spec, id.request(1), Optional.empty()));
    }
    line.add(starts);
    assertThat(next().orElseThrow().request().commands()).hasSize(4);
  }

  @Test
  void theAnswerSaysWhichExecutionsTheAgentHasReleased() {
    line.open(SESSION, NOW);
    line.add(releases(2));
    ExchangeLine.Sending sending = next().orElseThrow();
    assertThat(line.answered(sending.ticket(), NOW))
        .containsExactly(ExecutionId.parse("a#1.1"), ExecutionId.parse("a#2.1"));
    assertThat(line.isCurrent(sending.ticket())).as("one answer each").isFalse();
  }

  @Test
  void r4AnswersOfAnotherSessionAreNotCurrent() {
    line.open(SESSION, NOW);
    ExchangeLine.Sending old = next().orElseThrow();
    line.close();
    assertThat(line.isCurrent(old.ticket())).isFalse();
    line.open(new SessionId("s-2"), NOW);
    next();
    assertThat(line.isCurrent(old.ticket())).isFalse();
  }

  @Test
  void whatWasNotSentIsForgottenWithItsSession() {
    line.open(SESSION, NOW);
    next();
    line.add(releases(3));
    line.close();
    line.open(new SessionId("s-2"), NOW);
    assertThat(next().orElseThrow().request().commands()).isEmpty();
  }

  @Test
  void r1AnAnswerIsOverdueAfterTwoPeriods() {
    line.open(SESSION, NOW);
    next();
    assertThat(line.isOverdue(NOW)).isFalse();
    assertThat(line.isOverdue(NOW.plus(TimingPolicy.DEFAULT.disconnectAfter()))).isTrue();
  }
}
