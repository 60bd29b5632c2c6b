package io.holdfast.master.link;

import static io.holdfast.master.link.Links.A;
import static io.holdfast.master.link.Links.AGENT;
import static io.holdfast.master.link.Links.B;
import static io.holdfast.master.link.Links.C;
import static io.holdfast.master.link.Links.NOW;
import static io.holdfast.master.link.Links.SUCCESS;
import static io.holdfast.master.link.Links.WIPED;
import static io.holdfast.master.link.Links.item;
import static io.holdfast.master.link.Links.spec;
import static io.holdfast.master.link.Links.start;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.MasterCommand;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A link of whose journal a part is lost, while its jobs are whole: nothing that may have been sent
 * is sent anywhere else, and nothing that may be over is begun again.
 */
class LinkDamageTest {
  private static final Outcome VANISHED = new Outcome.Vanished("journal damaged");
  private final Links link = new Links();

  private void cut() {
    link.memory.end();
    link.step(List.of(new LinkEvent.JournalDamaged("the checksum does not match", NOW)));
  }

  /** What a job says after a restart. */
  private List<MasterCommand> assignAgain(ExecutionId id) {
    return link.step(LinkRules.assign(link.state, spec(id), true, true, NOW));
  }

  private ReconcileDecision decision(ExecutionId id) {
    return link.state.reports().get(0).entries().stream()
        .filter(entry -> entry.execution().equals(id))
        .findFirst()
        .orElseThrow()
        .decision();
  }

  @Test
  void whatTheLostPartHadAssignedIsRecognisedAtTheAgent() {
    link.couple(AGENT, 4);
    cut();
    assertThat(assignAgain(A)).isEmpty();
    assertThat(assignAgain(B)).isEmpty();
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.UNSURE);

    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING), item(B, TaskPhase.FINISHED));
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);
    assertThat(link.at(B).outcome()).contains(SUCCESS);
    assertThat(link.sent).noneMatch(MasterCommand.Start.class::isInstance);
  }

  @Test
  void whatWasFoundBeforeItsJobSpokeIsTheSameExecution() {
    cut();
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING), item(B, TaskPhase.FINISHED));
    assertThat(decision(A)).isEqualTo(ReconcileDecision.ADOPT);
    assignAgain(A);
    assignAgain(B);
    assertThat(link.at(A).isOurs()).isTrue();
    assertThat(link.at(A).spec()).contains(spec(A));
    assertThat(link.at(A).releaseByTime()).isTrue();
    assertThat(link.at(B).outcome()).contains(SUCCESS);

    // Another token is another execution, whose id was used before.
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING), item(C, TaskPhase.RUNNING));
    link.step(LinkRules.assign(link.state, spec(C, 7), true, true, NOW));
    assertThat(link.at(C).isOurs()).isFalse();
  }

  @Test
  void whatTheSameDirectoryNeverHeardOfIsSentWhenThereIsRoom() {
    link.couple(AGENT, 1);
    cut();
    assignAgain(A);
    assignAgain(B);
    assertThat(link.couple(AGENT, 1)).containsExactly(start(A));
    assertThat(link.at(B).phase()).isEqualTo(ExecutionPhase.QUEUED);
    assertThat(link.at(A).sentTo()).contains(AGENT);
  }

  @Test
  void R3_whatMayHaveBeenSentToAnotherDirectoryIsReleasedByTimeAloneAndNeverSent() {
    link.couple(AGENT, 4);
    link.assign(A);
    cut();
    assignAgain(B);
    assertThat(link.couple(WIPED, 4)).isEmpty();
    for (ExecutionId id : List.of(A, B)) {
      assertThat(decision(id)).isEqualTo(ReconcileDecision.WAIT);
      assertThat(link.leaseOver(id)).isEmpty();
      assertThat(link.at(id).outcome()).containsInstanceOf(Outcome.Lost.class);
    }
    assertThat(link.sent).containsExactly(start(A));
  }

  @Test
  void R3_whereNothingIsReadableNoDirectoryIsKnownToBeTheOne() {
    cut();
    assignAgain(A);
    assertThat(link.couple(AGENT, 4)).isEmpty();
    assertThat(decision(A)).isEqualTo(ReconcileDecision.WAIT);
    assertThat(link.state.isComplete()).isFalse();
    // An operator can vouch for a directory of before, though the agent is heard.
    link.step(LinkRules.confirmLost(link.state, true, "ann", "burnt down", NOW));
    assertThat(link.at(A).outcome()).containsInstanceOf(Outcome.Lost.class);
    assertThat(link.state.isComplete()).isTrue();
  }

  @Test
  void P1_whatTheAgentHoldsAliveIsNotGivenUpByAWordAboutItsFormerDirectory() {
    link.couple(AGENT, 4);
    link.assign(A);
    // In the lost part: the directory was replaced, and A was sent to the new one.
    cut();
    link.couple(WIPED, 4, item(A, TaskPhase.RUNNING));
    link.step(LinkRules.confirmLost(link.state, true, "ann", "burnt down", NOW));
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);
    assertThat(link.at(A).sentTo()).contains(WIPED);
  }

  @Test
  void R7_whatIsReadableMayBeOverAndIsNotSentAgainUnlessItsJobWaitsForIt() {
    link.couple(AGENT, 1);
    link.assign(A);
    link.assign(B);
    assertThat(link.at(B).phase()).isEqualTo(ExecutionPhase.QUEUED);
    cut();
    assignAgain(B);
    // A was sent, and its job says nothing of it: it may have ended, and been forgotten, since.
    assertThat(link.couple(AGENT, 4))
        .containsExactlyInAnyOrder(new MasterCommand.GiveUp(A), start(B));
    link.report(A, 1, new TaskEvent.Tombstoned(Links.MASTER, NOW));
    assertThat(link.at(A).outcome()).containsInstanceOf(Outcome.Lost.class);
    assertThat(link.state.cut().orElseThrow().unsure()).isEmpty();
  }

  @Test
  void R5_whatTheAgentWasToldToForgetIsNotSentAgain() {
    link.couple(AGENT, 4);
    link.assign(A);
    cut();
    var used = UsedNumbers.NONE.plus(A, Optional.of(Links.token(1)));
    assertThat(link.couple(AGENT, 4, Optional.of(used))).isEmpty();
    // Of what nothing is known but the number, no more is claimed than that.
    assertThat(link.at(A).outcome()).containsInstanceOf(Outcome.Lost.class);
  }

  @Test
  void P1_ofWhatWasReadableAndLivesTheJobIsAsked() {
    link.couple(AGENT, 4);
    link.assign(A);
    link.report(A, 1, Links.accepted(A));
    cut();
    var agent = new io.holdfast.protocol.id.AgentId("agent-1");
    link.couple(AGENT, 4, item(A, TaskPhase.RUNNING));
    assertThat(JobFact.doubt(link.state, link.at(A), agent)).isPresent();
    assignAgain(A);
    assertThat(JobFact.doubt(link.state, link.at(A), agent)).isEmpty();
    assertThat(link.at(A).phase()).isEqualTo(ExecutionPhase.RUNNING);
  }

  /** A task of which the agent has lost all but the name. */
  private static InventoryItem nobodys(TaskPhase phase) {
    return new InventoryItem(
        A,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        phase,
        1L << 40,
        Optional.empty(),
        Optional.empty(),
        phase == TaskPhase.FINISHED ? Optional.of(VANISHED) : Optional.empty(),
        0,
        0);
  }

  @Test
  void P2_ofATaskThatNobodyButItsJobKnowsNobodySaysThatItNeverRan() {
    link.couple(AGENT, 4);
    cut();
    link.couple(AGENT, 4, nobodys(TaskPhase.STOPPING));
    assignAgain(A);
    link.finished(A, (1L << 40) + 1, VANISHED, 0);
    assertThat(link.at(A).outcome()).as("its job spoke before its end").contains(VANISHED);

    Links other = new Links();
    other.step(List.of(new LinkEvent.JournalDamaged("the checksum does not match", NOW)));
    other.couple(AGENT, 4, nobodys(TaskPhase.FINISHED));
    other.step(LinkRules.assign(other.state, spec(A), true, true, NOW));
    assertThat(other.at(A).outcome()).as("its job spoke after its end").contains(VANISHED);
  }

  @Test
  void R5_aTaskThatNobodyKnowsIsNotForgottenBeforeItsJobWasToldOfItsEnd() {
    link.couple(AGENT, 4);
    cut();
    link.couple(AGENT, 4, nobodys(TaskPhase.STOPPING));
    var agent = new io.holdfast.protocol.id.AgentId("agent-1");
    assertThat(JobFact.of(link.at(A), agent)).isEmpty();
    assertThat(JobFact.held(link.at(A), agent)).as("it may live").isPresent();
    // Forgotten now, it would be sent again to this agent if its job spoke after that.
    assertThat(link.finished(A, (1L << 40) + 1, VANISHED, 0)).isEmpty();
    assertThat(JobFact.of(link.at(A), agent))
        .hasValueSatisfying(
            fact -> assertThat(((JobCommand.End) fact).outcome()).isEqualTo(VANISHED));
    assertThat(link.jobTook(A)).containsExactly(new MasterCommand.Release(A));
  }

  @Test
  void P1_aTaskOfWhichTheAgentHasLostTheTokenHoldsItsJobBack() {
    cut();
    link.couple(AGENT, 4, nobodys(TaskPhase.STOPPING));
    ExecutionId next = ExecutionId.parse("a#2.1");
    assertThat(link.step(LinkRules.assign(link.state, spec(next, 2), true, NOW))).isEmpty();
    var end =
        new TaskEvent.Finished(
            new Outcome.Vanished("journal damaged"), 0, 0, Optional.empty(), NOW);
    assertThat(
            link.step(
                LinkRules.responded(
                    link.state,
                    List.of(new io.holdfast.protocol.wire.Exchange.Report(A, (1L << 40) + 1, end)),
                    List.of(),
                    List.of(),
                    NOW)))
        .containsExactly(start(next, 2));
  }

  @Test
  void aLinkWhoseJournalIsWholeTakesAnAssignmentForWhatItIs() {
    link.couple(AGENT, 4);
    assertThat(assignAgain(A)).containsExactly(start(A));
  }
}
