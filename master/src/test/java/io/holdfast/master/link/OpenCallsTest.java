package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenCallsTest {
  private final OpenCalls calls = new OpenCalls();

  private static TaskCall call(long run, long number) {
    return new TaskCall(
        ExecutionId.parse("a#" + run + ".1"),
        new TaskCall.Id(new Incarnation("i-1"), number),
        new TaskCall.Note("n"),
        Optional.empty());
  }

  private static MasterCommand.Answer answer(TaskCall call) {
    return new MasterCommand.Answer(call.execution(), call.id(), new TaskAnswer.Done());
  }

  @Test
  void R5_aJobIsToldAgainUntilItHasAnswered() {
    calls.add(call(1, 1), Duration.ZERO);
    assertThat(calls.repeat(Duration.ofSeconds(1))).isEmpty();
    assertThat(calls.repeat(OpenCalls.REPEAT)).containsExactly(call(1, 1));
    assertThat(calls.repeat(OpenCalls.REPEAT)).isEmpty();

    assertThat(calls.answered(answer(call(1, 1)))).isTrue();
    assertThat(calls.answered(answer(call(1, 1)))).as("it came twice").isFalse();
    assertThat(calls.repeat(OpenCalls.REPEAT.multipliedBy(2))).isEmpty();
  }

  @Test
  void R5_anAnswerOfAFormerSessionIsNotSent() {
    calls.add(call(1, 1), Duration.ZERO);
    calls.clear();
    assertThat(calls.answered(answer(call(1, 1)))).isFalse();
    calls.add(call(1, 2), Duration.ZERO);
    assertThat(calls.answered(answer(call(1, 1)))).isFalse();
  }

  @Test
  void thereAreNoMoreThanAnAgentMayHaveTasks() {
    for (int i = 1; i <= OpenCalls.MOST; i++) {
      assertThat(calls.add(call(i, i), Duration.ZERO)).isEmpty();
    }
    assertThat(calls.add(call(1, OpenCalls.MOST + 1), Duration.ZERO)).isEmpty();
    TaskCall over = call(OpenCalls.MOST + 1, OpenCalls.MOST + 2);
    assertThat(calls.add(over, Duration.ZERO).orElseThrow().call()).isEqualTo(over.id());
  }
}
