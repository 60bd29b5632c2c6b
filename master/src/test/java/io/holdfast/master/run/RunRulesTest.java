package io.holdfast.master.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.StoredStates;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a job decides, case by case; {@link RunRulesProperties} has the sequences. */
class RunRulesTest {
  private final StoredStates stored = new StoredStates();
  private JobState state;
  private Fleet fleet = Jobs.fleet(true, true);
  private List<JobDirective> directives = List.of();

  private List<JobEvent> tell(JobCommand command) {
    Decision<JobEvent, JobDirective> decision = RunRules.decide(state, command, fleet, Jobs.NOW);
    decision.events().forEach(event -> state = stored.next(state.evolve(event)));
    directives = decision.directives();
    return decision.events();
  }

  private void given(JobDefinition job) {
    state = Jobs.defined(job);
  }

  private Optional<RunResult> result(long run) {
    return state.run(Jobs.run(run)).flatMap(RunRecord::end).map(JobEvent.RunEnded::result);
  }

  @Test
  void aRequestBeginsAtOnceWhenNothingOfTheJobRuns() {
    given(Jobs.onGroup(OnLost.ERROR));

    List<JobEvent> events = tell(Jobs.request());

    assertThat(events)
        .hasExactlyElementsOfTypes(JobEvent.RunRequested.class, JobEvent.ExecutionBegun.class);
    assertThat(directives).singleElement().isInstanceOf(JobDirective.Assign.class);
    var assign = (JobDirective.Assign) directives.get(0);
    assertThat(assign.spec().execution()).isEqualTo(Jobs.execution(1, 1));
    assertThat(assign.spec().fencingToken().value()).isEqualTo(1);
  }

  @Test
  void p1ASecondRunWaitsForTheOutcomeOfTheFirst() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    assertThat(tell(Jobs.request())).hasExactlyElementsOfTypes(JobEvent.RunRequested.class);
    assertThat(directives).isEmpty();

    assertThat(tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS)))
        .hasExactlyElementsOfTypes(
            JobEvent.ExecutionEnded.class, JobEvent.RunEnded.class, JobEvent.ExecutionBegun.class);
    assertThat(state.run(Jobs.run(2)).orElseThrow().openExecution()).isPresent();
  }

  @Test
  void p1ACancelledExecutionStillHoldsTheNextRunBack() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    tell(Jobs.request());

    assertThat(tell(new JobCommand.Cancel(Jobs.run(1), "enough")))
        .hasExactlyElementsOfTypes(JobEvent.CancelRequested.class);
    assertThat(directives).containsExactly(new JobDirective.Stop(Jobs.ONE, Jobs.execution(1, 1)));
    assertThat(result(1)).isEmpty();

    tell(Jobs.end(Jobs.execution(1, 1), new Outcome.Stopped(StopReason.CANCELLED)));
    assertThat(result(1)).contains(RunResult.CANCELLED);
  }

  @Test
  void whoAskedForARunAndItsEndIsInTheEvents() {
    given(Jobs.onGroup(OnLost.ERROR));
    assertThat(
            tell(
                new JobCommand.RequestRun(
                    Collections.emptySortedMap(), Optional.of("r-1"), Optional.of("ann"))))
        .first()
        .isInstanceOfSatisfying(
            JobEvent.RunRequested.class, asked -> assertThat(asked.by()).contains("ann"));
    assertThat(tell(new JobCommand.Cancel(Jobs.run(1), "enough", Optional.of("bob"))))
        .first()
        .isInstanceOfSatisfying(
            JobEvent.CancelRequested.class, cancel -> assertThat(cancel.by()).contains("bob"));
    assertThat(tell(Jobs.request()))
        .first()
        .isInstanceOfSatisfying(
            JobEvent.RunRequested.class, asked -> assertThat(asked.by()).isEmpty());
  }

  @Test
  void aWaitingRunIsCancelledAtOnce() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    tell(Jobs.request());

    tell(new JobCommand.Cancel(Jobs.run(2), "not needed"));

    assertThat(result(2)).contains(RunResult.CANCELLED);
    assertThat(directives).isEmpty();
    assertThat(tell(new JobCommand.Cancel(Jobs.run(2), "again"))).isEmpty();
  }

  @Test
  void aCancelThatCameTooLateKeepsTheSuccess() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    tell(new JobCommand.Cancel(Jobs.run(1), "enough"));
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS));
    assertThat(result(1)).contains(RunResult.SUCCEEDED);
  }

  @Test
  void r6OnLostErrorEndsTheRunAsLost() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));
    assertThat(result(1)).contains(RunResult.LOST);
  }

  @Test
  void r6OnLostRerunTriesAgainOnAnotherAgentWithAHigherToken() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());

    List<JobEvent> events = tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));

    var begun = (JobEvent.ExecutionBegun) events.get(1);
    assertThat(begun.execution()).isEqualTo(Jobs.execution(1, 2));
    assertThat(begun.agent()).isEqualTo(Jobs.TWO);
    assertThat(begun.token().value()).isEqualTo(2);
    assertThat(result(1)).isEmpty();
  }

  @Test
  void r6OnLostRerunAlsoAfterTheAgentStoppedItAtTheEndOfItsLease() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), new Outcome.Stopped(StopReason.LEASE_OVER)));
    assertThat(state.run(Jobs.run(1)).orElseThrow().executions()).hasSize(2);
  }

  @Test
  void r6OnLostRerunDoesNotRepeatWhatFailedByItself() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.FAILURE));
    assertThat(result(1)).contains(RunResult.FAILED);
  }

  @Test
  void r6OnLostRerunOfACancelledRunEndsIt() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());
    tell(new JobCommand.Cancel(Jobs.run(1), "enough"));
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.LOST));
    assertThat(result(1)).contains(RunResult.LOST);
    assertThat(state.run(Jobs.run(1)).orElseThrow().executions()).hasSize(1);
  }

  @Test
  void r6OnLostRerunGivesUpAfterTheMostAttempts() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(Jobs.request());
    for (int attempt = 1; attempt <= RunRules.MOST_ATTEMPTS; attempt++) {
      assertThat(result(1)).isEmpty();
      tell(Jobs.end(Jobs.execution(1, attempt), Jobs.LOST));
    }
    assertThat(result(1)).contains(RunResult.LOST);
  }

  @Test
  void r6OnlyWaitAndKeepAreNotReleasedByTime() {
    for (OnLost onLost : OnLost.values()) {
      given(Jobs.onGroup(onLost));
      tell(Jobs.request());
      assertThat(((JobDirective.Assign) directives.get(0)).releaseByTime())
          .isEqualTo(onLost != OnLost.WAIT);
    }
  }

  @Test
  void aRunForAnAgentThatIsGoneFailsAndSaysSo() {
    given(Jobs.job(new Target.OneAgent("agent-9"), OnLost.ERROR));
    tell(Jobs.request());
    assertThat(result(1)).contains(RunResult.FAILED);
    assertThat(state.run(Jobs.run(1)).orElseThrow().end().orElseThrow().message())
        .contains("agent-9");
  }

  @Test
  void aRunOfAGroupWaitsUntilOneOfItConnects() {
    given(Jobs.onGroup(OnLost.ERROR));
    fleet = Jobs.fleet(false, false);
    tell(Jobs.request());
    assertThat(RunRules.waitsForAgent(state)).isTrue();

    fleet = Jobs.fleet(false, true);
    tell(new JobCommand.Proceed());

    assertThat(directives).extracting(JobDirective::agent).containsExactly(Jobs.TWO);
    assertThat(RunRules.waitsForAgent(state)).isFalse();
  }

  @Test
  void aRequestWithAKnownIdChangesNothing() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request("r-1"));
    assertThat(tell(Jobs.request("r-1"))).isEmpty();
    assertThat(RunRules.repeated(state, Optional.of("r-1")))
        .map(RunRecord::id)
        .contains(Jobs.run(1));
    assertThat(tell(Jobs.request("r-2"))).isNotEmpty();
  }

  @Test
  void aRequestIdIsKnownAfterItsRunHasEndedThoughManyOthersWait() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request("first"));
    for (int i = 0; i < JobState.KEPT + 50; i++) {
      tell(Jobs.request());
    }
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS));

    assertThat(state.run(Jobs.run(1))).isPresent();
    assertThat(tell(Jobs.request("first"))).isEmpty();
  }

  @Test
  void thereIsABoundOnOpenRuns() {
    given(Jobs.onGroup(OnLost.ERROR));
    fleet = Jobs.fleet(false, false);
    for (int i = 0; i < RunRules.MOST_OPEN_RUNS; i++) {
      assertThat(RunRules.refuseRun(state)).isEmpty();
      state =
          state.evolve(
              new JobEvent.RunRequested(
                  Jobs.run(i + 1), Jobs.request().parameters(), Optional.empty(), Jobs.NOW));
    }
    assertThat(RunRules.refuseRun(state)).isPresent();
    assertThat(tell(Jobs.request())).isEmpty();
  }

  @Test
  void onlySoManyEndedRunsAreKeptAndNoNumberComesTwice() {
    given(Jobs.onGroup(OnLost.ERROR));
    for (int i = 1; i <= JobState.KEPT + 10; i++) {
      tell(Jobs.request());
      tell(Jobs.end(Jobs.execution(i, 1), Jobs.SUCCESS));
    }
    assertThat(state.runs()).hasSize(JobState.KEPT);
    assertThat(state.run(Jobs.run(10))).isEmpty();
    assertThat(state.run(Jobs.run(11))).isPresent();
    tell(Jobs.request());
    assertThat(state.newestRun()).isEqualTo(JobState.KEPT + 11);
  }

  @Test
  void onlySoMuchTextOfEndedRunsIsKeptAndTheNewestAlways() {
    given(Jobs.onGroup(OnLost.ERROR));
    String text = "x".repeat((int) JobState.KEPT_CHARACTERS / 3);
    for (int i = 1; i <= 5; i++) {
      var parameters = new TreeMap<>(Map.of("TEXT", i == 5 ? text.repeat(4) : text));
      tell(new JobCommand.RequestRun(parameters, Optional.empty()));
      tell(Jobs.end(Jobs.execution(i, 1), Jobs.SUCCESS));
      // Two of them and their names are within the bound, three are beyond.
      assertThat(state.runs().firstKey()).isEqualTo(i == 5 ? 5 : Math.max(1, i - 1));
    }
  }

  @Test
  void aLateOutcomeIsAddedToTheVerdictOnce() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    JobCommand.End verdict = Jobs.end(Jobs.execution(1, 1), Jobs.LOST);
    tell(verdict);
    var amend = new JobCommand.Amend(verdict, Jobs.SUCCESS);

    assertThat(tell(amend)).hasExactlyElementsOfTypes(JobEvent.ExecutionAmended.class);
    assertThat(tell(amend)).isEmpty();
    assertThat(result(1)).contains(RunResult.LOST);
    ExecutionRecord execution = state.execution(Jobs.execution(1, 1)).orElseThrow();
    assertThat(execution.amended()).contains(Jobs.SUCCESS);
    assertThat(execution.end().orElseThrow().outcome()).isEqualTo(Jobs.LOST);
  }

  @Test
  void aLateOutcomeBringsTheVerdictWithIt() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    var amend = new JobCommand.Amend(Jobs.end(Jobs.execution(1, 1), Jobs.LOST), Jobs.SUCCESS);
    assertThat(tell(amend))
        .hasExactlyElementsOfTypes(
            JobEvent.ExecutionEnded.class,
            JobEvent.RunEnded.class,
            JobEvent.ExecutionAmended.class);
  }

  @Test
  void anOutcomeOfAnExecutionThatTheJobNeverBeganChangesNothing() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    assertThat(tell(Jobs.end(Jobs.execution(7, 1), Jobs.SUCCESS))).isEmpty();
    assertThat(tell(Jobs.end(Jobs.execution(1, 2), Jobs.SUCCESS))).isEmpty();
  }

  @Test
  void r14WhatNoLinkConfirmedIsComputedAnewFromTheState() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    List<JobDirective> first = directives;
    assertThat(RunRules.outstanding(state)).isEqualTo(first);
    tell(new JobCommand.Cancel(Jobs.run(1), "enough"));
    List<JobDirective> both = new ArrayList<>(first);
    both.addAll(directives);
    assertThat(RunRules.outstanding(state)).isEqualTo(both);
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS));
    assertThat(RunRules.outstanding(state)).isEmpty();
  }

  @Test
  void theSameDefinitionAgainIsNoEvent() {
    given(Jobs.onGroup(OnLost.ERROR));
    assertThat(tell(new JobCommand.Define(Jobs.onGroup(OnLost.ERROR)))).isEmpty();
    assertThat(tell(new JobCommand.Define(Jobs.onGroup(OnLost.WAIT)))).hasSize(1);
  }

  // ---- what this journal has lost

  private static JobCommand.Adopt adopt(ExecutionId execution, JobCommand then) {
    return new JobCommand.Adopt(
        execution,
        Jobs.ONE,
        Optional.of(new FencingToken(9)),
        Optional.of(Jobs.NOW),
        Optional.ofNullable(then));
  }

  @Test
  void R5_numbersThatWereUsedAreNeverUsedAgain() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(new JobCommand.RaiseNumbering(7, new FencingToken(11)));
    assertThat(tell(new JobCommand.RaiseNumbering(6, new FencingToken(11))))
        .as("no news")
        .isEmpty();
    tell(Jobs.request());
    ExecutionRecord begun = state.run(Jobs.run(8)).orElseThrow().last().orElseThrow();
    assertThat(begun.token()).isEqualTo(new FencingToken(12));
    assertThat(tell(new JobCommand.RaiseNumbering(3, new FencingToken(20)))).hasSize(1);
    assertThat(state.newestRun()).isEqualTo(8);
    assertThat(state.newestToken()).isEqualTo(new FencingToken(20));
  }

  @Test
  void P2_anAdoptedExecutionIsInTheHistoryAndItsOutcomeToo() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(adopt(Jobs.execution(5, 1), null));
    assertThat(tell(adopt(Jobs.execution(5, 1), null))).as("said again").isEmpty();
    assertThat(state.newestRun()).isEqualTo(5);
    assertThat(state.newestToken()).isEqualTo(new FencingToken(9));
    assertThat(RunRules.outstanding(state)).as("it is with the agent already").isEmpty();

    tell(Jobs.request());
    assertThat(directives).as("P1: it lives").isEmpty();
    tell(adopt(Jobs.execution(5, 1), Jobs.end(Jobs.execution(5, 1), Jobs.SUCCESS)));
    assertThat(result(5)).contains(RunResult.SUCCEEDED);
    assertThat(directives).as("and the next one begins").hasSize(1);
  }

  @Test
  void P2_anAdoptedExecutionThatHasEndedIsTakenInOneStep() {
    given(Jobs.onGroup(OnLost.RERUN));
    tell(adopt(Jobs.execution(5, 1), Jobs.end(Jobs.execution(5, 1), Jobs.LOST)));
    assertThat(result(5)).as("its parameters are not known: no rerun").contains(RunResult.LOST);
  }

  @Test
  void P2_anAdoptedTryOfARunThatHasEndedIsAddedToItAndHoldsTheJobBack() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    tell(Jobs.end(Jobs.execution(1, 1), Jobs.FAILURE));
    tell(adopt(Jobs.execution(1, 2), null));
    tell(Jobs.request());
    assertThat(directives).isEmpty();
    tell(adopt(Jobs.execution(1, 2), Jobs.end(Jobs.execution(1, 2), Jobs.SUCCESS)));
    assertThat(result(1)).as("the verdict stays").contains(RunResult.FAILED);
    assertThat(state.execution(Jobs.execution(1, 2)).orElseThrow().end()).isPresent();
    assertThat(directives).hasSize(1);
  }

  @Test
  void P2_anIdThatWasUsedAgainForAnotherAgentKeepsItsOwnOutcome() {
    state = Jobs.defined(Jobs.onGroup(OnLost.ERROR));
    fleet = Jobs.fleet(false, true);
    tell(Jobs.request());
    assertThat(state.execution(Jobs.execution(1, 1)).orElseThrow().agent()).isEqualTo(Jobs.TWO);
    assertThat(tell(adopt(Jobs.execution(1, 1), Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS))))
        .isEmpty();
    assertThat(result(1)).isEmpty();
  }

  @Test
  void P2_whatIsHeardOfTheTaskThatHadTheNumberIsAddedToTheRefusal() {
    given(Jobs.onGroup(OnLost.ERROR));
    tell(Jobs.request());
    var refused = Jobs.end(Jobs.execution(1, 1), new Outcome.Refused("its number was used"));
    tell(new JobCommand.Amend(refused, Jobs.SUCCESS));
    assertThat(result(1)).contains(RunResult.FAILED);
    assertThat(state.execution(Jobs.execution(1, 1)).orElseThrow().amended())
        .contains(Jobs.SUCCESS);
  }

  @Test
  void everyCommandHasARuleAndEveryEventAMeaning() {
    given(Jobs.onGroup(OnLost.ERROR));
    JobCommand.End lost = Jobs.end(Jobs.execution(1, 1), Jobs.LOST);
    List<JobCommand> commands =
        List.of(
            new JobCommand.Define(Jobs.onGroup(OnLost.WAIT)),
            Jobs.request(),
            new JobCommand.Cancel(Jobs.run(1), "enough"),
            lost,
            new JobCommand.Amend(lost, Jobs.SUCCESS),
            new JobCommand.Adopt(
                Jobs.execution(5, 1),
                Jobs.ONE,
                Optional.of(new FencingToken(9)),
                Optional.empty(),
                Optional.empty()),
            new JobCommand.RaiseNumbering(8, new FencingToken(9)),
            new JobCommand.DefineUnlessKnown(Jobs.onGroup(OnLost.ERROR)),
            new JobCommand.FoundAlive(Jobs.execution(1, 1), Jobs.ONE),
            new JobCommand.LinkAnswered(Jobs.TWO, 9, new FencingToken(9), List.of()),
            new JobCommand.Proceed());
    assertThat(commands)
        .extracting(command -> (Object) command.getClass())
        .containsExactlyInAnyOrder((Object[]) JobCommand.class.getPermittedSubclasses());
    List<JobEvent> events = new ArrayList<>();
    for (JobCommand command : commands) {
      if (command instanceof JobCommand.LinkAnswered) {
        JobEvent damaged =
            new JobEvent.JournalDamaged(1L << 40, "the checksum does not match", Jobs.NOW);
        events.add(damaged);
        state = state.evolve(damaged);
        tell(new JobCommand.LinkAnswered(Jobs.ONE, 0, new FencingToken(0), List.of()));
      }
      events.addAll(tell(command));
      for (TaskCall call :
          command instanceof JobCommand.RequestRun ? calls() : List.<TaskCall>of()) {
        events.addAll(TaskCallRules.decide(state, call, Jobs.ONE, Jobs.NOW).events());
      }
    }
    assertThat(events)
        .extracting(event -> (Object) event.getClass())
        .as("a sequence that leads to every event: give a new one its command here")
        .contains((Object[]) JobEvent.class.getPermittedSubclasses());
    assertThat(events).extracting(JobEvent::at).containsOnly((Instant) Jobs.NOW);
  }

  private static List<TaskCall> calls() {
    var id = new TaskCall.Id(new Incarnation("life-1"), 1);
    return Stream.<TaskCall.Ask>of(
            new TaskCall.PutVariable("x", "1"),
            new TaskCall.Note("n"),
            new TaskCall.Progress(1, ""))
        .map(ask -> new TaskCall(Jobs.execution(1, 1), id, ask, Optional.empty()))
        .toList();
  }
}
