package io.holdfast.master.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.StoredStates;
import io.holdfast.master.job.OnLost;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a job answers to its tasks, case by case. */
class TaskCallRulesTest {
  private static final TaskAnswer DONE = new TaskAnswer.Done();

  private final StoredStates stored = new StoredStates();
  private JobState state;
  private Instant now = Jobs.NOW;
  private String life = "life-1";
  private long number;
  private Optional<JobEvent.ProgressMade> later = Optional.empty();

  @BeforeEach
  void aRunIsUnderWay() {
    state = Jobs.defined(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());
  }

  private void tell(JobCommand command) {
    Decision<JobEvent, JobDirective> decision =
        RunRules.decide(state, command, Jobs.fleet(true, true), now);
    decision.events().forEach(event -> state = stored.next(state.evolve(event)));
  }

  private TaskCall call(TaskCall.Ask ask, String key) {
    number++;
    return new TaskCall(
        current(),
        new TaskCall.Id(new Incarnation(life), number),
        ask,
        Optional.of(key).filter(k -> !k.isEmpty()));
  }

  private ExecutionId current() {
    return state.run(Jobs.run(1)).orElseThrow().last().orElseThrow().id();
  }

  private TaskAnswer hear(TaskCall call) {
    var agent = state.execution(call.execution()).map(ExecutionRecord::agent).orElse(Jobs.ONE);
    TaskCallRules.Verdict verdict = TaskCallRules.decide(state, call, agent, now);
    verdict.events().forEach(event -> state = stored.next(state.evolve(event)));
    later = verdict.later();
    return verdict.answer();
  }

  private TaskAnswer put(String name, String value) {
    return hear(call(new TaskCall.PutVariable(name, value), ""));
  }

  private TaskAnswer note(String text, String key) {
    return hear(call(new TaskCall.Note(text), key));
  }

  private Told told() {
    return state.run(Jobs.run(1)).orElseThrow().told();
  }

  private static TaskAnswer.Code code(TaskAnswer answer) {
    return ((TaskAnswer.Refused) answer).code();
  }

  @Test
  void aVariableIsKeptWithTheFencingTokenOfItsWriter() {
    assertThat(put("state", "a b")).isEqualTo(DONE);

    assertThat(hear(call(new TaskCall.GetVariable("state"), "")))
        .isEqualTo(new TaskAnswer.Value("a b", new FencingToken(1)));
    assertThat(code(hear(call(new TaskCall.GetVariable("other"), ""))))
        .isEqualTo(TaskAnswer.Code.UNKNOWN);
  }

  @Test
  void aLaterExecutionOfTheRunReadsWhatTheFormerOneWrote() {
    put("state", "half");
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));

    assertThat(current()).isEqualTo(Jobs.execution(1, 2));
    assertThat(hear(call(new TaskCall.GetVariable("state"), "")))
        .isEqualTo(new TaskAnswer.Value("half", new FencingToken(1)));
    put("state", "all");
    assertThat(told().variables().get("state").token()).isEqualTo(new FencingToken(2));
  }

  @Test
  void R5_aRepeatedCallIsAnsweredAgainWithoutASecondEffect() {
    TaskCall note = call(new TaskCall.Note("once"), "");
    assertThat(hear(note)).isEqualTo(DONE);
    assertThat(hear(note)).isEqualTo(DONE);
    assertThat(told().notes()).hasSize(1);

    TaskCall late = call(new TaskCall.PutVariable("x", "1"), "");
    hear(late);
    put("x", "2");
    assertThat(hear(late)).isEqualTo(DONE);
    assertThat(told().variables().get("x").value()).isEqualTo("2");
  }

  @Test
  void R5_anotherLifeOfTheAgentCountsItsCallsAnew() {
    note("first", "");
    TaskCall old =
        new TaskCall(
            current(),
            new TaskCall.Id(new Incarnation(life), number),
            new TaskCall.Note("first"),
            Optional.empty());
    life = "life-2";
    number = 0;
    note("second", "");

    assertThat(hear(old)).isEqualTo(DONE);
    assertThat(told().notes()).extracting(Told.Note::text).containsExactly("first", "second");
  }

  @Test
  void R5_theLivesOfAnAgentThatAreRememberedAreBounded() {
    for (int i = 0; i < Told.KEPT_LIVES + 3; i++) {
      life = "life-" + i;
      note("of " + life, "");
    }
    assertThat(told().heard()).hasSize(Told.KEPT_LIVES);
  }

  @Test
  void R5_callsWithOneKeyHaveOneEffect() {
    assertThat(note("paid", "pay-1")).isEqualTo(DONE);
    life = "life-2";
    number = 0;
    assertThat(note("paid", "pay-1")).isEqualTo(DONE);
    assertThat(told().notes()).hasSize(1);

    assertThat(code(note("paid twice", "pay-1"))).isEqualTo(TaskAnswer.Code.CONFLICT);
    assertThat(code(hear(call(new TaskCall.PutVariable("paid", "1"), "pay-1"))))
        .isEqualTo(TaskAnswer.Code.CONFLICT);
  }

  @Test
  void R5_aKeyedPutThatComesAgainDoesNotUndoALaterOne() {
    hear(call(new TaskCall.PutVariable("x", "1"), "k-1"));
    put("x", "2");
    assertThat(hear(call(new TaskCall.PutVariable("x", "1"), "k-1"))).isEqualTo(DONE);
    assertThat(told().variables().get("x").value()).isEqualTo("2");
  }

  @Test
  void theNewestHundredKeysAreRemembered() {
    for (int i = 0; i <= Told.KEPT_KEYS; i++) {
      note("n" + i, "k-" + i);
    }
    assertThat(told().keys()).hasSize(Told.KEPT_KEYS).containsKey("k-1").doesNotContainKey("k-0");
  }

  @Test
  void p1WhatIsNotTheCurrentExecutionIsRefused() {
    TaskCall late = call(new TaskCall.PutVariable("x", "old"), "");
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));
    assertThat(code(hear(late))).isEqualTo(TaskAnswer.Code.ENDED);

    TaskCall stranger = call(new TaskCall.Note("hello"), "");
    var other =
        state.execution(current()).orElseThrow().agent().equals(Jobs.ONE) ? Jobs.TWO : Jobs.ONE;
    assertThat(code(TaskCallRules.decide(state, stranger, other, now).answer()))
        .isEqualTo(TaskAnswer.Code.ENDED);

    TaskCall unknown = new TaskCall(Jobs.execution(9, 1), late.id(), late.ask(), Optional.empty());
    assertThat(code(hear(unknown))).isEqualTo(TaskAnswer.Code.ENDED);
    assertThat(told().variables()).isEmpty();
  }

  @Test
  void whatIsMalformedNamesItsField() {
    assertThat(put(".x", "1")).matches(is("MALFORMED", "name"));
    assertThat(put("x", "v".repeat(TaskCall.MOST_VALUE + 1))).matches(is("TOO_LARGE", "value"));
    assertThat(put("x", "v".repeat(TaskCall.MOST_VALUE))).isEqualTo(DONE);
    assertThat(note(" ", "")).matches(is("MALFORMED", "text"));
    assertThat(note("n".repeat(TaskCall.MOST_NOTE + 1), "")).matches(is("TOO_LARGE", "text"));
    assertThat(note("n", "a b")).matches(is("MALFORMED", "Idempotency-Key"));
    assertThat(progress(101, "")).matches(is("MALFORMED", "percent"));
    assertThat(progress(1, "n".repeat(TaskCall.MOST_TEXT + 1))).matches(is("TOO_LARGE", "text"));
  }

  private static Predicate<TaskAnswer> is(String code, String field) {
    return answer ->
        answer instanceof TaskAnswer.Refused refused
            && refused.code().name().equals(code)
            && refused.field().equals(field)
            && !refused.message().isEmpty();
  }

  @Test
  void variablesAndNotesAreBounded() {
    for (int i = 0; i < TaskCallRules.MOST_VARIABLES; i++) {
      assertThat(put("v" + i, "1")).isEqualTo(DONE);
    }
    assertThat(code(put("one-more", "1"))).isEqualTo(TaskAnswer.Code.CONFLICT);
    assertThat(put("v0", "2")).isEqualTo(DONE);
    int fit = TaskCallRules.MOST_VALUES / TaskCall.MOST_VALUE;
    for (int i = 0; i < fit - 1; i++) {
      assertThat(put("v" + i, "x".repeat(TaskCall.MOST_VALUE))).isEqualTo(DONE);
    }
    assertThat(code(put("v50", "x".repeat(TaskCall.MOST_VALUE))))
        .isEqualTo(TaskAnswer.Code.CONFLICT);

    for (int i = 0; i < TaskCallRules.MOST_NOTES; i++) {
      assertThat(note("n", "")).isEqualTo(DONE);
    }
    assertThat(code(note("n", ""))).isEqualTo(TaskAnswer.Code.CONFLICT);
    while (told().writes() < TaskCallRules.MOST_WRITES) {
      put("v99", "1");
    }
    assertThat(code(put("v99", "2"))).isEqualTo(TaskAnswer.Code.CONFLICT);
  }

  @Test
  void whatIsNotedIsBoundedInAll() {
    int fit = TaskCallRules.MOST_NOTED / TaskCall.MOST_NOTE;
    for (int i = 0; i < fit; i++) {
      assertThat(note("x".repeat(TaskCall.MOST_NOTE), "")).isEqualTo(DONE);
    }
    assertThat(code(note("x", ""))).isEqualTo(TaskAnswer.Code.CONFLICT);
  }

  private TaskAnswer progress(int percent, String text) {
    return hear(call(new TaskCall.Progress(percent, text), ""));
  }

  @Test
  void progressIsWrittenSeldomAndTheNewestIsWrittenAtLast() {
    assertThat(progress(1, "begun")).isEqualTo(DONE);
    assertThat(told().progress().orElseThrow().percent()).isEqualTo(1);
    now = now.plus(TaskCallRules.PROGRESS_AFTER.minusMillis(1));
    assertThat(progress(2, "more")).isEqualTo(DONE);
    assertThat(told().progress().orElseThrow().percent()).isEqualTo(1);
    assertThat(TaskCallRules.due(state, later.orElseThrow(), now)).isEmpty();
    now = now.plusMillis(1);
    assertThat(TaskCallRules.due(state, later.orElseThrow(), now)).containsExactly(later.get());

    now = Jobs.NOW.minusSeconds(60);
    progress(3, "after the clock was set back");
    assertThat(told().progress().orElseThrow().percent()).isEqualTo(3);
  }

  @Test
  void theJournalOfALongRunIsNotFilledByItsProgress() {
    int written = 0;
    Duration day = Duration.ofDays(1);
    for (Instant end = now.plus(day); now.isBefore(end); now = now.plusSeconds(2)) {
      progress(1, "");
      written += later.isEmpty() ? 1 : 0;
    }
    assertThat(written).isLessThan(5000);
  }

  @Test
  void progressOfWhatHasEndedIsNotWrittenLater() {
    progress(1, "");
    progress(2, "");
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));
    assertThat(TaskCallRules.due(state, later.orElseThrow(), now.plusSeconds(60))).isEmpty();
    assertThat(progress(0, "again")).isEqualTo(DONE);
    assertThat(told().progress().orElseThrow().writer()).isEqualTo(Jobs.execution(1, 2));
  }
}
