package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TaskCallsTest {
  private static final ExecutionId A = ExecutionId.parse("a#1.1");
  private static final ExecutionId B = ExecutionId.parse("b#1.1");
  private static final TaskAnswer DONE = new TaskAnswer.Done();

  private final TaskCalls calls = new TaskCalls(new Incarnation("i-1"));
  private final List<String> replies = new ArrayList<>();

  private void note(ExecutionId execution, String text, String key) {
    calls.call(
        execution,
        new TaskCall.Note(text),
        Optional.of(key).filter(k -> !k.isEmpty()),
        answer ->
            replies.add(
                text + ": " + (answer instanceof TaskAnswer.Refused no ? no.code() : "done")));
  }

  private static List<String> texts(List<TaskCall> taken) {
    return taken.stream().map(call -> ((TaskCall.Note) call.ask()).text()).toList();
  }

  private void answer(TaskCall call) {
    calls.answered(new MasterCommand.Answer(call.execution(), call.id(), DONE));
  }

  @Test
  void oneCallOfEachTaskIsOnItsWay() {
    note(A, "a1", "");
    note(A, "a2", "");
    note(B, "b1", "");

    List<TaskCall> first = calls.take();
    assertThat(texts(first)).containsExactly("a1", "b1");
    assertThat(calls.hasNews()).isFalse();
    assertThat(calls.take()).isEmpty();

    answer(first.get(0));
    assertThat(replies).containsExactly("a1: done");
    assertThat(texts(calls.take())).containsExactly("a2");
  }

  @Test
  void R5_aNewSessionBeginsWithAllThatWaitsUnderTheSameIds() {
    note(A, "a1", "");
    List<TaskCall> first = calls.take();
    calls.sendAgain();
    assertThat(calls.hasNews()).isTrue();
    assertThat(calls.take()).isEqualTo(first);

    answer(first.get(0));
    calls.sendAgain();
    assertThat(calls.take()).isEmpty();
  }

  @Test
  void R5_anAnswerThatComesTwiceIsNotTakenForAnother() {
    note(A, "a1", "");
    note(A, "a2", "");
    TaskCall first = calls.take().get(0);
    answer(first);
    answer(first);
    answer(new TaskCall(B, first.id(), first.ask(), Optional.empty()));
    assertThat(replies).containsExactly("a1: done");
    assertThat(texts(calls.take())).containsExactly("a2");
  }

  @Test
  void R5_anAnswerThatComesBeforeItWasSentAgainIsTheAnswer() {
    note(A, "a1", "");
    TaskCall first = calls.take().get(0);
    calls.sendAgain();
    answer(first);
    assertThat(replies).containsExactly("a1: done");
    assertThat(calls.hasNews()).isFalse();
  }

  @Test
  void whatWaitsForAnEndedTaskIsTold() {
    note(A, "a1", "");
    note(A, "a2", "");
    note(B, "b1", "");
    calls.ended(A);
    assertThat(replies).containsExactly("a1: ENDED", "a2: ENDED");
    assertThat(texts(calls.take())).containsExactly("b1");
  }

  @Test
  void aClientThatComesBackWithItsKeyIsNotASecondCall() {
    note(A, "a1", "k");
    note(A, "a1", "k");
    assertThat(replies).containsExactly("a1: CONFLICT");
    List<TaskCall> taken = calls.take();
    assertThat(taken).hasSize(1);
    answer(taken.get(0));
    assertThat(replies).containsExactly("a1: CONFLICT", "a1: done");
  }

  @Test
  void whatWaitsIsBounded() {
    for (int i = 0; i < TaskCalls.MOST_OF_ONE_TASK; i++) {
      note(A, "a", "");
    }
    assertThat(replies).isEmpty();
    note(A, "over", "");
    assertThat(replies).containsExactly("over: TOO_MANY");
    note(B, "b", "");
    assertThat(replies).hasSize(1);
  }

  @Test
  void whatWaitsOfAllTasksIsBounded() {
    String much = "x".repeat(TaskCall.MOST_NOTE);
    long fit = TaskCalls.MOST_CHARACTERS / TaskCall.MOST_NOTE;
    for (int i = 0; i < fit; i++) {
      note(ExecutionId.parse("a#" + (i + 1) + ".1"), much, "");
    }
    assertThat(replies).isEmpty();
    note(B, much, "");
    assertThat(replies).hasSize(1).allMatch(reply -> reply.endsWith("TOO_MANY"));
    calls.ended(ExecutionId.parse("a#1.1"));
    note(B, much, "");
    assertThat(replies).hasSize(2);
  }

  @Test
  void oneAnswerToTheMasterIsBounded() {
    for (int i = 0; i < TaskCalls.MOST_IN_ONE_ANSWER + 3; i++) {
      note(ExecutionId.parse("a#" + (i + 1) + ".1"), "n", "");
    }
    assertThat(calls.take()).hasSize(TaskCalls.MOST_IN_ONE_ANSWER);
    assertThat(calls.take()).hasSize(3);

    String large = "v".repeat(TaskCall.MOST_VALUE);
    for (int i = 0; i < 20; i++) {
      calls.call(
          ExecutionId.parse("b#" + (i + 1) + ".1"),
          new TaskCall.PutVariable("x", large),
          Optional.empty(),
          answer -> {});
    }
    assertThat(calls.take()).hasSize(TaskCalls.MOST_CHARACTERS_IN_ONE_ANSWER / TaskCall.MOST_VALUE);
    assertThat(calls.hasNews()).isTrue();
  }
}
