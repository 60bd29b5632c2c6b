package io.holdfast.master.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.job.OnLost;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.task.Outcome;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A job of whose journal a part is lost: it waits rather than run anything twice. */
class CutRulesTest {
  private final Fleet fleet = Jobs.fleet(true, true);
  private JobState state = Jobs.defined(Jobs.onGroup(OnLost.RERUN));
  private List<JobDirective> directives = List.of();

  private List<JobEvent> tell(JobCommand command) {
    Decision<JobEvent, JobDirective> decision = RunRules.decide(state, command, fleet, Jobs.NOW);
    decision.events().forEach(event -> state = state.evolve(event));
    directives = decision.directives();
    return decision.events();
  }

  private RunResult result(long run) {
    return state.run(Jobs.run(run)).flatMap(RunRecord::end).orElseThrow().result();
  }

  private void cut() {
    state =
        state.evolve(
            new JobEvent.JournalDamaged(1L << 40, "the checksum does not match", Jobs.NOW));
  }

  private static JobCommand.LinkAnswered answer(
      AgentId agent, long run, long token, JobCommand.Adopt... held) {
    return new JobCommand.LinkAnswered(agent, run, new FencingToken(token), List.of(held));
  }

  private static JobCommand.Adopt held(ExecutionId id, AgentId agent, Optional<JobCommand> then) {
    return new JobCommand.Adopt(
        id, agent, Optional.of(new FencingToken(id.run().number())), Optional.empty(), then);
  }

  @Test
  void P1_nothingBeginsBeforeEachLinkHasToldWhatItHolds() {
    tell(Jobs.request());
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS));
    tell(Jobs.end(Jobs.execution(2, 1), Jobs.SUCCESS));
    state =
        state.evolve(
            new JobEvent.RunRequested(
                Jobs.run(3), new java.util.TreeMap<>(), Optional.empty(), Jobs.NOW));
    cut();
    assertThat(RunRules.toAsk(state, fleet)).containsExactly(Jobs.ONE, Jobs.TWO);
    assertThat(tell(new JobCommand.Proceed())).isEmpty();
    assertThat(RunRules.refuseRun(state))
        .hasValueSatisfying(why -> assertThat(why).contains("none"));
    assertThat(tell(Jobs.request())).isEmpty();

    assertThat(tell(answer(Jobs.ONE, 0, 0))).hasExactlyElementsOfTypes(JobEvent.LinkHeard.class);
    assertThat(RunRules.refuseRun(state))
        .hasValueSatisfying(why -> assertThat(why).contains("agent-1"));
    assertThat(tell(answer(Jobs.ONE, 0, 0))).as("the same again").isEmpty();
    assertThat(tell(answer(Jobs.TWO, 0, 0)))
        .hasExactlyElementsOfTypes(
            JobEvent.LinkHeard.class, JobEvent.RunEnded.class, JobEvent.AllLinksHeard.class);
    assertThat(result(3)).as("it may have been begun in the lost part").isEqualTo(RunResult.LOST);
    assertThat(RunRules.refuseRun(state)).isEmpty();
    assertThat(tell(Jobs.request())).hasAtLeastOneElementOfType(JobEvent.ExecutionBegun.class);
  }

  @Test
  void P2_whatOnlyALinkKnowsIsInTheHistoryAgainAndHoldsTheJobBack() {
    cut();
    tell(answer(Jobs.ONE, 5, 5, held(Jobs.execution(5, 1), Jobs.ONE, Optional.empty())));
    tell(
        answer(
            Jobs.TWO,
            4,
            4,
            held(
                Jobs.execution(4, 1),
                Jobs.TWO,
                Optional.of(Jobs.end(Jobs.execution(4, 1), Jobs.SUCCESS)))));
    assertThat(state.run(Jobs.run(4)).orElseThrow().end().orElseThrow().result())
        .isEqualTo(RunResult.SUCCEEDED);
    assertThat(state.run(Jobs.run(5)).orElseThrow().openExecution()).isPresent();
    assertThat(state.cut()).isEmpty();

    assertThat(tell(Jobs.request())).hasExactlyElementsOfTypes(JobEvent.RunRequested.class);
    assertThat(tell(Jobs.end(Jobs.execution(5, 1), Jobs.SUCCESS)))
        .hasAtLeastOneElementOfType(JobEvent.ExecutionBegun.class);
  }

  @Test
  void P2_whatWasAdoptedIsLostWhenItsLinkHoldsItNoMore() {
    ExecutionId adopted = Jobs.execution(5, 1);
    tell(held(adopted, Jobs.ONE, Optional.empty()));
    assertThat(RunRules.toAsk(state, fleet)).containsExactly(Jobs.ONE);
    assertThat(tell(answer(Jobs.TWO, 5, 5))).as("it says nothing of others").isEmpty();
    assertThat(tell(answer(Jobs.ONE, 5, 5, held(adopted, Jobs.ONE, Optional.empty()))))
        .as("it is held")
        .isEmpty();
    assertThat(tell(answer(Jobs.ONE, 5, 5))).hasAtLeastOneElementOfType(JobEvent.RunEnded.class);
    assertThat(result(5)).isEqualTo(RunResult.LOST);
    assertThat(RunRules.toAsk(state, fleet)).isEmpty();
  }

  @Test
  void P1_whatTheJobItselfBeganIsNotLostBecauseALinkDoesNotKnowOfItYet() {
    tell(Jobs.request());
    assertThat(RunRules.toAsk(state, fleet)).isEmpty();
    AgentId agent = state.execution(Jobs.execution(1, 1)).orElseThrow().agent();
    assertThat(tell(answer(agent, 0, 0))).isEmpty();
    assertThat(state.execution(Jobs.execution(1, 1)).orElseThrow().isOpen()).isTrue();
  }

  @Test
  void R5_noNumberThatAnybodyHasSeenIsUsedAgain() {
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS));
    cut();
    tell(answer(Jobs.ONE, 57, 61));
    tell(answer(Jobs.TWO, 0, (1L << 30) + 80));
    tell(Jobs.request());
    ExecutionRecord begun = state.runs().get(state.runs().lastKey()).openExecution().orElseThrow();
    // Nor one that nobody who can be heard has seen.
    assertThat(begun.id().run().number()).isEqualTo(1 + (1L << 30) + 1);
    assertThat(begun.token().value()).isEqualTo((1L << 30) + 81);
  }

  @Test
  void R5_aSecondCutThatLosesTheFirstGoesOnAboveIt() {
    cut();
    long first = state.newestRun();
    state =
        Jobs.defined(Jobs.onGroup(OnLost.RERUN))
            .evolve(new JobEvent.JournalDamaged((1L << 41) + 1000, "again", Jobs.NOW));
    assertThat(state.newestRun()).isGreaterThan(first + 1000);
    assertThat(state.newestToken().value()).isGreaterThan(first + 1000);
  }

  @Test
  void P2_whatLivesIsNotTakenBeforeItsEndIsTold() {
    var end = Jobs.end(Jobs.execution(5, 1), Jobs.SUCCESS);
    assertThat(RunRules.isTaken(end)).isTrue();
    assertThat(RunRules.isTaken(held(Jobs.execution(5, 1), Jobs.ONE, Optional.of(end)))).isTrue();
    assertThat(RunRules.isTaken(held(Jobs.execution(5, 1), Jobs.ONE, Optional.empty()))).isFalse();
    assertThat(RunRules.isTaken(new JobCommand.FoundAlive(Jobs.execution(5, 1), Jobs.ONE)))
        .isFalse();
  }

  @Test
  void R5_aCutThatLosesSeveralOthersGoesOnAboveAllOfThem() {
    long margin = 1L << 40;
    JobState cutOften = Jobs.defined(Jobs.onGroup(OnLost.RERUN));
    for (int i = 1; i <= 60; i++) {
      cutOften = cutOften.evolve(new JobEvent.JournalDamaged(i * margin + i, "again", Jobs.NOW));
    }
    JobState cutOnce =
        Jobs.defined(Jobs.onGroup(OnLost.RERUN))
            .evolve(new JobEvent.JournalDamaged(61 * margin + 61, "all of it", Jobs.NOW));
    assertThat(cutOnce.newestRun()).isGreaterThan(cutOften.newestRun() + 1000);
    assertThat(cutOnce.newestToken()).isGreaterThan(cutOften.newestToken());
  }

  @Test
  void P1_anOlderTryThatIsAdoptedAfterTheOneThatRunsDoesNotHideIt() {
    for (boolean olderFirst : new boolean[] {true, false}) {
      state = Jobs.defined(Jobs.onGroup(OnLost.RERUN));
      cut();
      ExecutionId older = Jobs.execution(5, 1);
      ExecutionId runs = Jobs.execution(5, 2);
      List<JobCommand> answers =
          new java.util.ArrayList<>(
              List.of(
                  answer(
                      Jobs.ONE,
                      5,
                      1,
                      held(older, Jobs.ONE, Optional.of(Jobs.end(older, Jobs.LOST)))),
                  answer(Jobs.TWO, 5, 2, held(runs, Jobs.TWO, Optional.empty()))));
      if (!olderFirst) {
        java.util.Collections.reverse(answers);
      }
      answers.forEach(this::tell);
      assertThat(state.cut()).isEmpty();
      assertThat(tell(Jobs.request())).hasExactlyElementsOfTypes(JobEvent.RunRequested.class);
      assertThat(tell(Jobs.end(runs, Jobs.SUCCESS)))
          .hasAtLeastOneElementOfType(JobEvent.ExecutionBegun.class);
    }
  }

  @Test
  void anOlderTryThatNoLinkHoldsIsOverThoughANewerOneLives() {
    tell(Jobs.request());
    ExecutionRecord older = state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow();
    AgentId other = older.agent().equals(Jobs.ONE) ? Jobs.TWO : Jobs.ONE;
    cut();
    tell(answer(other, 1, 2, held(Jobs.execution(1, 2), other, Optional.empty())));
    tell(answer(older.agent(), 1, 1));
    assertThat(state.execution(older.id()).orElseThrow().isOpen()).isFalse();
    assertThat(state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow().id())
        .isEqualTo(Jobs.execution(1, 2));
  }

  @Test
  void whatTheJobTookForRunningAndNoLinkHoldsIsLostAndNotBegunAgainByItself() {
    tell(Jobs.request());
    ExecutionRecord open = state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow();
    cut();
    assertThat(RunRules.outstanding(state)).as("it may be over").isEmpty();
    AgentId other = open.agent().equals(Jobs.ONE) ? Jobs.TWO : Jobs.ONE;
    tell(answer(other, 0, 0));
    assertThat(state.execution(open.id()).orElseThrow().isOpen()).isTrue();
    tell(answer(open.agent(), 0, 0));
    assertThat(state.execution(open.id()).orElseThrow().end().orElseThrow().outcome())
        .isInstanceOf(Outcome.Lost.class);
    assertThat(result(1)).as("though the job says rerun").isEqualTo(RunResult.LOST);
  }

  @Test
  void whatALinkHoldsGoesOnAsItWas() {
    tell(Jobs.request());
    ExecutionRecord open = state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow();
    cut();
    tell(answer(Jobs.ONE, 1, 1, held(open.id(), open.agent(), Optional.empty())));
    tell(answer(Jobs.TWO, 1, 1, held(open.id(), open.agent(), Optional.empty())));
    assertThat(state.execution(open.id()).orElseThrow().isOpen()).isTrue();
    assertThat(RunRules.outstanding(state)).singleElement().isInstanceOf(JobDirective.Assign.class);
  }

  @Test
  void P2_theEndOfWhatIsNotKnownYetIsToBeToldAgain() {
    cut();
    assertThat(RunRules.isTooEarly(state, Jobs.execution(9, 1))).isTrue();
    tell(answer(Jobs.ONE, 9, 9, held(Jobs.execution(9, 1), Jobs.ONE, Optional.empty())));
    assertThat(RunRules.isTooEarly(state, Jobs.execution(9, 1))).isFalse();
    tell(answer(Jobs.TWO, 0, 0));
    assertThat(RunRules.isTooEarly(state, Jobs.execution(7, 1))).isFalse();
  }

  @Test
  void P1_whatTheJobHasGivenUpAndALinkFindsAliveIsStopped() {
    tell(Jobs.request());
    ExecutionRecord open = state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow();
    var found = new JobCommand.FoundAlive(open.id(), open.agent());
    tell(found);
    assertThat(directives).as("it is waited for").isEmpty();
    tell(Jobs.end(open.id(), Jobs.LOST));
    tell(found);
    assertThat(directives).containsExactly(new JobDirective.Stop(open.agent(), open.id()));
    tell(held(open.id(), open.agent(), Optional.empty()));
    assertThat(directives).containsExactly(new JobDirective.Stop(open.agent(), open.id()));
    tell(new JobCommand.FoundAlive(Jobs.execution(99, 1), Jobs.ONE));
    assertThat(directives).as("nobody here knows it").isEmpty();
  }

  @Test
  void P2_anOutcomeFromALinkThatHasLostItsVerdictIsAddedToIt() {
    tell(Jobs.request());
    ExecutionRecord open = state.run(Jobs.run(1)).orElseThrow().openExecution().orElseThrow();
    tell(Jobs.end(open.id(), Jobs.LOST));
    assertThat(tell(Jobs.end(open.id(), new Outcome.Lost("for another reason")))).isEmpty();
    assertThat(tell(held(open.id(), open.agent(), Optional.of(Jobs.end(open.id(), Jobs.SUCCESS)))))
        .hasExactlyElementsOfTypes(JobEvent.ExecutionAmended.class);
    assertThat(state.execution(open.id()).orElseThrow().amended()).contains(Jobs.SUCCESS);
    assertThat(tell(Jobs.end(open.id(), Jobs.FAILURE))).as("once").isEmpty();
  }
}
