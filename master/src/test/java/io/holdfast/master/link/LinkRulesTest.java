package io.holdfast.master.link;

import static io.holdfast.master.link.Links.A;
import static io.holdfast.master.link.Links.AGENT;
import static io.holdfast.master.link.Links.B;
import static io.holdfast.master.link.Links.C;
import static io.holdfast.master.link.Links.FORMER;
import static io.holdfast.master.link.Links.NOW;
import static io.holdfast.master.link.Links.SUCCESS;
import static io.holdfast.master.link.Links.WIPED;
import static io.holdfast.master.link.Links.item;
import static io.holdfast.master.link.Links.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a link sends, takes over and gives up. */
class LinkRulesTest {
  private final Links link = new Links();

  /** P5: whatever a test did, its journal alone leads to the same state. */
  @AfterEach
  void replayed() {
    LinkState again = LinkState.EMPTY;
    for (LinkEvent event : link.journal) {
      again = again.evolve(event);
    }
    assertThat(again).isEqualTo(link.state);
    assertThat(List.copyOf(again.executions().keySet()))
        .isEqualTo(List.copyOf(link.state.executions().keySet()));
  }

  private ReconcileEntry entry(ExecutionId id) {
    return link.state.reports().get(0).entries().stream()
        .filter(entry -> entry.execution().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void assignedTwiceIsAssignedOnce() {
    link.assign(A);
    assertThat(LinkRules.assign(link.state, Links.spec(A), true, NOW)).isEmpty();
    assertThat(link.journal).hasSize(1);
  }

  @Test
  void nothingIsSentWithoutASession() {
    assertThat(link.assign(A)).isEmpty();
    assertThat(link.couple(AGENT, 4)).containsExactly(start(A));
    link.memory.end();
    assertThat(link.assign(B)).isEmpty();
  }

  @Test
  void r14AStartLeavesOnlyWithItsEventBeforeIt() {
    link.couple(AGENT, 4);
    assertThat(link.assign(A)).containsExactly(start(A));
    assertThat(link.journal).contains(new LinkEvent.Sending(List.of(A.request(1)), NOW));
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.SENT);
    assertThat(link.at(A).sentTo()).contains(AGENT);
    assertThat(link.step(List.of())).as("sent once in a session").isEmpty();
  }

  @Test
  void beyondTheTaskLimitExecutionsQueueInTheOrderOfTheirAssignment() {
    link.couple(AGENT, 1);
    assertThat(link.assign(C)).containsExactly(start(C));
    assertThat(link.assign(B)).isEmpty();
    assertThat(link.assign(A)).isEmpty();
    link.report(C, 1, Links.accepted(C));
    link.report(C, 2, Links.started());

    assertThat(link.finished(C, 3, SUCCESS, 0)).containsExactly(start(B));
    assertThat(link.finished(B, 3, SUCCESS, 0)).containsExactly(start(A));
  }

  @Test
  void aCancelledExecutionThatWasNeverSentIsWithdrawnAndNeverSent() {
    link.assign(A);
    link.stop(A);
    assertThat(link.journal).last().isInstanceOf(LinkEvent.Withdrawn.class);
    assertThat(link.at(A).outcome().orElseThrow()).isInstanceOf(Outcome.NeverStarted.class);
    assertThat(link.couple(AGENT, 4)).isEmpty();
    link.jobTook(A);
    assertThat(link.state.executions()).isEmpty();
    assertThat(link.sent).isEmpty();
  }

  @Test
  void aStopIsWantedOnceAndSentOncePerSession() {
    link.couple(AGENT, 4);
    link.assign(A);
    var stop = new MasterCommand.Stop(A, StopReason.CANCELLED);
    assertThat(link.stop(A)).containsExactly(stop);
    assertThat(link.stop(A)).isEmpty();
    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.RUNNING))).containsExactly(stop);
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.STOP);
    assertThat(link.at(A).stop()).contains(StopReason.CANCELLED);
  }

  @Test
  void r5ReportsThatAreHereAlreadyAreDropped() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.report(A, 1, Links.accepted(A));
    link.report(A, 2, Links.started());
    int events = link.journal.size();
    LinkState before = link.state;

    link.report(A, 2, Links.started());
    link.report(A, 1, Links.accepted(A));
    assertThat(link.journal).hasSize(events);
    assertThat(link.state).isEqualTo(before);
    assertThat(before.evolve(link.journal.get(events - 1))).isEqualTo(before);
  }

  @Test
  void r5ReportsOfUnknownExecutionsAreDropped() {
    link.couple(AGENT, 4);
    link.report(A, 1, Links.accepted(A));
    assertThat(link.journal).hasSize(1);
  }

  @Test
  void resendNamesThePriorRequest() {
    link.couple(AGENT, 4);
    link.assign(A);

    List<MasterCommand> commands = link.couple(AGENT, 4);

    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.RESEND);
    assertThat(commands)
        .containsExactly(
            new MasterCommand.Start(Links.spec(A), A.request(2), Optional.of(A.request(1))));
    assertThat(link.at(A).requests()).containsExactly(A.request(1), A.request(2));
  }

  @Test
  void aNewDataDirectoryIsWaitedForAndNeverResentTo() {
    link.couple(AGENT, 4);
    link.assign(A);

    assertThat(link.couple(WIPED, 4)).isEmpty();
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.WAIT);
    assertThat(link.couple(WIPED, 4)).as("after another coupling").isEmpty();
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.WAIT);

    link.leaseOver(A);
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.LOST);
    assertThat(link.sent).containsExactly(start(A));
  }

  @Test
  void r3LeaseOverGivesUpOnlyWhatMayBeReleasedByTime() {
    link.couple(AGENT, 4);
    link.assign(A, true);
    link.assign(B, false);
    link.memory.end();
    link.assign(C, true);

    link.leaseOver();

    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.LOST);
    assertThat(link.at(B).phase()).isEqualTo(ExecutionPhase.SENT);
    assertThat(link.at(C).phase()).as("never sent").isEqualTo(ExecutionPhase.QUEUED);
    int events = link.journal.size();
    link.leaseOver();
    assertThat(link.journal).hasSize(events);
  }

  @Test
  void r3LeaseOverForSomeLeavesTheOthers() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.assign(B);
    link.leaseOver(B);
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.SENT);
    assertThat(link.at(B).phase()).isEqualTo(ExecutionPhase.LOST);
  }

  @Test
  void theVerdictStaysAndTheLateOutcomeIsAdded() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.leaseOver();

    link.couple(AGENT, 4, item(A, TaskPhase.FINISHED));

    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.AMEND);
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.LOST);
    assertThat(link.at(A).outcome()).contains(new Outcome.Lost("not heard"));
    assertThat(link.at(A).late()).contains(SUCCESS);
    assertThat(link.at(A).isSettled()).isTrue();
  }

  @Test
  void p1WhatWasGivenUpAndLivesIsStoppedAndHoldsItsJobBack() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.leaseOver();
    ExecutionId again = ExecutionId.parse("a#1.2");
    link.memory.end();
    link.step(LinkRules.assign(link.state, Links.spec(again, 2), true, NOW));
    link.assign(B);

    List<MasterCommand> commands = link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));

    assertThat(entry(A).alarm()).isTrue();
    assertThat(commands)
        .containsExactlyInAnyOrder(new MasterCommand.Stop(A, StopReason.LOST_ELSEWHERE), start(B));
    assertThat(link.at(A).outcome()).contains(new Outcome.Lost("not heard"));

    List<MasterCommand> after =
        link.finished(A, 3, new Outcome.Stopped(StopReason.LOST_ELSEWHERE), 0);
    assertThat(after).containsExactly(Links.start(again, 2));
    assertThat(link.at(A).late()).contains(new Outcome.Stopped(StopReason.LOST_ELSEWHERE));
  }

  @Test
  void p1WhatWasGivenUpAndLivesHasNoGraceThoughItsEndWasAskedForBefore() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.memory.end();
    link.step(LinkRules.stop(link.state, A, NOW));
    link.leaseOver();

    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.RUNNING)))
        .contains(new MasterCommand.Stop(A, StopReason.LOST_ELSEWHERE));
  }

  @Test
  void whatWasGivenUpAndLivesKeepsItsPlaceUnderTheTaskLimit() {
    link.couple(AGENT, 1);
    link.assign(A);
    link.leaseOver();
    link.memory.end();
    link.assign(B);

    assertThat(link.couple(AGENT, 1, item(A, TaskPhase.STOPPING))).doesNotContain(start(B));
    assertThat(link.finished(A, 3, new Outcome.Stopped(StopReason.LEASE_OVER), 0))
        .containsExactly(start(B));
  }

  @Test
  void releasedOnlyOnceJobAndLogStoreHaveItAndClosedOnlyThen() {
    link.couple(AGENT, 4);
    link.assign(A);
    assertThat(link.finished(A, 2, SUCCESS, 10)).isEmpty();
    assertThat(link.jobTook(A)).as("its output is missing").isEmpty();
    link.memory.outputStored(A);
    assertThat(link.step(List.of())).containsExactly(new MasterCommand.Release(A));
    assertThat(link.step(List.of())).as("once in a session").isEmpty();
    assertThat(link.state.executions()).containsKey(A);

    link.released(A);
    assertThat(link.state.executions()).isEmpty();
    assertThat(link.journal).last().isEqualTo(new LinkEvent.Closed(List.of(A), NOW));
  }

  @Test
  void releasedOnlyWhenTheJobHasItToo() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.finished(A, 2, SUCCESS, 10);
    link.memory.outputStored(A);
    assertThat(link.step(List.of())).isEmpty();
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  @Test
  void aReleaseThatWasAnsweredWithSilenceIsSaidAgainInTheNextSession() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.finished(A, 2, SUCCESS, 0);
    link.jobTook(A);
    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.FINISHED)))
        .containsExactly(new MasterCommand.Release(A));
    assertThat(link.couple(AGENT, 4)).as("the agent forgot it: the release arrived").isEmpty();
    assertThat(link.state.executions()).isEmpty();
  }

  @Test
  void whatIsCancelledAndUnknownToTheAgentIsGivenUp() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.stop(A);

    assertThat(link.couple(AGENT, 4)).contains(new MasterCommand.GiveUp(A));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.GIVE_UP);
    link.report(A, 1, new TaskEvent.Tombstoned(Links.MASTER, NOW));
    assertThat(link.at(A).outcome().orElseThrow()).isInstanceOf(Outcome.NeverStarted.class);
  }

  @Test
  void whatEndedUnheardIsTakenOver() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.couple(AGENT, 4, item(A, TaskPhase.FINISHED));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.COMPLETE);
    assertThat(link.at(A).outcome()).contains(SUCCESS);
    assertThat(link.at(A).stdoutBytes()).isEqualTo(5);
  }

  @Test
  void whatRunsIsResumed() {
    link.couple(AGENT, 4);
    link.assign(A);
    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.RUNNING))).isEmpty();
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.RESUME);
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);
  }

  @Test
  void R7_whatRanAndIsUnknownToTheAgentIsGivenUpBeforeItIsCalledLost() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.report(A, 1, Links.accepted(A));
    assertThat(link.couple(AGENT, 4)).containsExactly(new MasterCommand.GiveUp(A));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.GIVE_UP);
    assertThat(entry(A).alarm()).isTrue();
    assertThat(link.at(A).outcome()).as("it may still start").isEmpty();

    link.report(A, 1, new TaskEvent.Tombstoned(Links.MASTER, NOW));
    assertThat(link.at(A).outcome())
        .as("its journal there begins anew, with the number 1")
        .contains(new Outcome.Lost("agent has no record"));
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  @Test
  void P2_whatOnlyTheAgentKnowsIsAdoptedAndFollowed() {
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.ADOPT);
    assertThat(entry(A).alarm()).isTrue();
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);
    assertThat(link.at(A).isAdopted()).isTrue();
    assertThat(link.at(A).sentTo()).contains(AGENT);
    assertThat(link.leaseOver()).as("its policy is not known").isEmpty();
    link.finished(A, 3, SUCCESS, 0);
    assertThat(link.at(A).outcome()).contains(SUCCESS);
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  @Test
  void P1_whatIsAdoptedHoldsBackTheJobThatDoesNotKnowOfIt() {
    ExecutionId next = ExecutionId.parse("a#2.1");
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));
    assertThat(link.step(LinkRules.assign(link.state, Links.spec(next, 2), true, NOW))).isEmpty();
    assertThat(link.finished(A, 3, SUCCESS, 0)).containsExactly(Links.start(next, 2));
  }

  @Test
  void P2_anIdThatWasUsedAgainIsRefusedWhenTheTaskThatHasItIsOver() {
    link.assign(A);
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.ADOPT);
    assertThat(link.at(A).outcome()).as("P1: the job must not go on").isEmpty();
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);

    link.finished(A, 3, SUCCESS, 0);
    assertThat(link.at(A).outcome().orElseThrow().words()).contains("number was used");
    assertThat(link.at(A).late()).as("nothing is lost").contains(SUCCESS);
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  @Test
  void P2_anIdThatIsUsedAgainAfterTheCouplingIsRefusedAsWell() {
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));
    assertThat(link.assign(A)).isEmpty();
    assertThat(link.at(A).whose()).isEqualTo(Whose.EARLIER);
    link.finished(A, 3, SUCCESS, 0);
    assertThat(link.at(A).outcome().orElseThrow()).isInstanceOf(Outcome.Refused.class);
    assertThat(link.at(A).late()).contains(SUCCESS);
  }

  @Test
  void P2_anIdThatIsUsedAgainWhenItsTaskIsOverIsRefusedAtOnce() {
    link.couple(AGENT, 4, item(A, TaskPhase.FINISHED));
    link.assign(A);
    assertThat(link.at(A).outcome().orElseThrow()).isInstanceOf(Outcome.Refused.class);
    assertThat(link.at(A).late()).contains(SUCCESS);
  }

  @Test
  void R5_aNumberThatTheAgentHasSeenIsNotSentButRefused() {
    var released =
        Optional.of(UsedNumbers.NONE.plus(ExecutionId.parse("a#7.1"), Optional.of(Links.token(7))));
    link.assign(A);
    assertThat(link.couple(AGENT, 4, released)).isEmpty();
    assertThat(link.at(A).outcome()).contains(new Outcome.Refused(LinkRules.NUMBER_USED));
    link.jobTook(A);
    assertThat(link.state.executions()).as("nothing is left to do").isEmpty();

    ExecutionId newer = ExecutionId.parse("a#8.1");
    assertThat(link.step(LinkRules.assign(link.state, Links.spec(newer, 8), true, NOW)))
        .containsExactly(Links.start(newer, 8));
  }

  @Test
  void R5_aStartThatTheAgentRefusesEndsWithItsReasonAndOnlyOnce() {
    link.couple(AGENT, 4);
    link.assign(A);
    var refused = List.of(new Exchange.RefusedStart(A, "held by another"));
    link.step(LinkRules.responded(link.state, List.of(), List.of(), refused, NOW));
    assertThat(link.at(A).outcome()).contains(new Outcome.Refused("held by another"));
    assertThat(LinkRules.responded(link.state, List.of(), List.of(), refused, NOW)).isEmpty();
  }

  // ---- a former master of this name

  private static Exchange.Report foreign(long number, TaskEvent event) {
    return new Exchange.Report(A, number, event, Optional.of(FORMER));
  }

  private static TaskEvent end(Outcome outcome) {
    return new TaskEvent.Finished(outcome, 0, 0, Optional.of(NOW), NOW);
  }

  @Test
  void R5_aFormerMastersTaskIsStoppedAndToldToNobody() {
    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.RUNNING, FORMER)))
        .containsExactly(new MasterCommand.Stop(A, StopReason.DISOWNED));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.DISOWN);
    assertThat(entry(A).alarm()).isTrue();
    var stopped = foreign(3, end(new Outcome.Stopped(StopReason.DISOWNED)));
    assertThat(
            link.step(LinkRules.responded(link.state, List.of(stopped), List.of(), List.of(), NOW)))
        .as("no job waits for it")
        .containsExactly(new MasterCommand.Release(A));
    assertThat(link.at(A).outcome()).isEmpty();
  }

  @Test
  void R5_theEndOfAFormerMastersTaskIsNotThatOfOurs() {
    link.assign(A);
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING, FORMER));
    assertThat(link.sent).containsExactly(new MasterCommand.Stop(A, StopReason.DISOWNED));
    assertThat(link.at(A).outcome()).as("P1: it still lives").isEmpty();

    // It ended by itself between the inventory and the stop.
    var ended = foreign(3, end(SUCCESS));
    link.step(LinkRules.responded(link.state, List.of(ended), List.of(), List.of(), NOW));
    assertThat(link.at(A).outcome().orElseThrow().words()).contains("former master");
  }

  @Test
  void R5_aForeignReportChangesNothingOfOurExecution() {
    link.couple(AGENT, 4);
    link.assign(A);
    LinkState before = link.state;
    var late = List.of(foreign(9, end(SUCCESS)));
    assertThat(LinkRules.responded(link.state, late, List.of(), List.of(), NOW)).isEmpty();
    assertThat(before.evolve(new LinkEvent.Reported(late, NOW))).isEqualTo(before);
  }

  @Test
  void R5_anIdThatAFormerMasterHoldsIsRefusedInEachOfItsPhases() {
    for (TaskPhase phase :
        List.of(
            TaskPhase.ACCEPTED,
            TaskPhase.RUNNING,
            TaskPhase.STOPPING,
            TaskPhase.FINISHED,
            TaskPhase.TOMBSTONED)) {
      Links one = new Links();
      one.couple(AGENT, 4);
      one.assign(A);
      one.couple(AGENT, 4, item(A, phase, FORMER));
      if (phase.mayBeAlive()) {
        assertThat(one.at(A).outcome()).as("%s", phase).isEmpty();
        one.finished(A, 3, SUCCESS, 0);
      }
      assertThat(one.at(A).outcome().orElseThrow().words())
          .as("%s", phase)
          .contains("former master");
      assertThat(one.at(A).startedAt().isEmpty() || one.at(A).whose() == Whose.FOREIGN).isTrue();
    }
  }

  @Test
  void R5_aFormerMastersOutcomeIsNotTakenForOurs() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.couple(AGENT, 4, item(A, TaskPhase.FINISHED, FORMER));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.DISOWN);
    assertThat(link.at(A).outcome().orElseThrow()).isInstanceOf(Outcome.Refused.class);
    assertThat(link.at(A).late()).contains(SUCCESS);
  }

  @Test
  void R5_theVerdictOnOursStaysWhenAFormerMasterHasItsId() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.finished(A, 3, SUCCESS, 0);
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING, FORMER));
    assertThat(link.at(A).outcome()).contains(SUCCESS);
    link.step(
        LinkRules.responded(
            link.state,
            List.of(foreign(4, end(new Outcome.Stopped(StopReason.DISOWNED)))),
            List.of(),
            List.of(),
            NOW));
    assertThat(link.at(A).outcome()).contains(SUCCESS);
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  // ---- an operator's word

  @Test
  void R6_whatAnOperatorConfirmsIsLostAtOnceWhateverItsPolicy() {
    link.couple(AGENT, 4);
    link.assign(A, false);
    link.assign(B);
    link.report(A, 1, Links.accepted(A));
    link.memory.end();
    link.assign(C);
    link.step(LinkRules.confirmLost(link.state, false, "ann", "it burnt down", NOW));
    for (ExecutionId id : List.of(A, B)) {
      assertThat(link.at(id).outcome())
          .contains(new Outcome.Lost("confirmed by ann: it burnt down"));
    }
    assertThat(link.at(C).phase()).as("it never was there").isEqualTo(ExecutionPhase.QUEUED);
    assertThat(link.state.confirmations())
        .containsExactly(new LinkEvent.ConfirmedLost(List.of(A, B), "ann", "it burnt down", NOW));

    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.RUNNING), item(B, TaskPhase.FINISHED)))
        .contains(new MasterCommand.Stop(A, StopReason.LOST_ELSEWHERE));
    assertThat(entry(A).alarm()).as("P1 was at risk").isTrue();
    assertThat(entry(B).decision()).isEqualTo(ReconcileDecision.AMEND);
    assertThat(link.at(B).late()).contains(SUCCESS);
  }

  @Test
  void R6_ofAnAgentThatIsHeardOnlyWhatItsFormerDirectoryHeldIsConfirmed() {
    link.couple(AGENT, 4);
    link.assign(A, false);
    assertThat(LinkRules.confirmLost(link.state, true, "ann", "off", NOW))
        .as("it says itself what runs")
        .isEmpty();
    link.couple(WIPED, 4);
    link.assign(B, false);
    link.step(LinkRules.confirmLost(link.state, true, "ann", "the old disk is gone", NOW));
    assertThat(link.at(A).outcome())
        .contains(new Outcome.Lost("confirmed by ann: the old disk is gone"));
    assertThat(link.at(B).outcome()).isEmpty();
  }

  @Test
  void R6_anOperatorsWordIsKeptThoughNothingRanAndIsBounded() {
    for (int n = 0; n < LinkState.KEPT_REPORTS + 5; n++) {
      link.step(LinkRules.confirmLost(link.state, false, "ann", "time " + n, NOW));
    }
    assertThat(link.state.confirmations()).hasSize(LinkState.KEPT_REPORTS);
    assertThat(link.state.confirmations().get(0).why())
        .isEqualTo("time " + (LinkState.KEPT_REPORTS + 4));
  }

  @Test
  void r7ATombstoneThatNobodyHereKnowsIsReleased() {
    assertThat(link.couple(AGENT, 4, item(A, TaskPhase.TOMBSTONED)))
        .containsExactly(new MasterCommand.Release(A));
    assertThat(entry(A).decision()).isEqualTo(ReconcileDecision.RELEASE);
    assertThat(link.state.executions()).isEmpty();
  }

  @Test
  void onlySoManyReportsAreKept() {
    for (int i = 0; i < LinkState.KEPT_REPORTS + 5; i++) {
      link.couple(AGENT, 4);
    }
    assertThat(link.state.reports()).hasSize(LinkState.KEPT_REPORTS);
  }

  @Test
  void everyDecisionOfAReconciliationIsAppliedInATestHere() {
    // The tests above assert one each; a new decision must be given one, and be added here.
    Set<ReconcileDecision> covered =
        EnumSet.of(
            ReconcileDecision.RESEND,
            ReconcileDecision.RESUME,
            ReconcileDecision.COMPLETE,
            ReconcileDecision.LOST,
            ReconcileDecision.WAIT,
            ReconcileDecision.STOP,
            ReconcileDecision.AMEND,
            ReconcileDecision.ADOPT,
            ReconcileDecision.DISOWN,
            ReconcileDecision.GIVE_UP,
            ReconcileDecision.RELEASE);
    assertThat(covered).isEqualTo(EnumSet.allOf(ReconcileDecision.class));
  }

  @Test
  void everyEventHasAMeaningAndIsShown() {
    link.couple(AGENT, 1);
    link.assign(A);
    link.stop(A);
    link.assign(B);
    link.stop(B);
    link.leaseOver();
    link.report(A, 1, Links.accepted(A));
    link.jobTook(B);
    link.assign(C);
    link.step(
        LinkRules.responded(
            link.state, List.of(), List.of(), List.of(new Exchange.RefusedStart(A, "held")), NOW));
    link.step(LinkRules.confirmLost(link.state, false, "ann", "off", NOW));
    link.step(List.of(new LinkEvent.Activated(link.state.epoch().next(), Optional.empty(), NOW)));
    link.step(List.of(new LinkEvent.JournalDamaged("the checksum does not match", NOW)));
    link.step(LinkRules.assign(link.state, Links.spec(B), true, true, NOW));
    LinkState before = link.state;
    link.step(List.of(new LinkEvent.Unheard(Optional.of(NOW), NOW)));
    assertThat(link.state).as("nothing follows from silence").isEqualTo(before);
    assertThat(
            link.journal.stream()
                .map(event -> (Object) event.getClass())
                .collect(Collectors.toSet()))
        .as("a sequence that leads to every event: give a new one its cause here")
        .contains((Object[]) LinkEvent.class.getPermittedSubclasses());
    for (LinkEvent event : link.journal) {
      ChangedExecutions changed = ChangedExecutions.of(List.of(event));
      boolean shown = !changed.changed().isEmpty() || !changed.gone().isEmpty();
      boolean concerned =
          !(event instanceof LinkEvent.Activated)
              && !(event instanceof LinkEvent.JournalDamaged)
              && !(event instanceof LinkEvent.Unheard)
              && !(event instanceof LinkEvent.Reconciled r && r.entries().isEmpty());
      assertThat(shown).as("%s is shown", event).isEqualTo(concerned);
    }
  }
}
