package io.holdfast.master.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a reconciler does over more than one reading of its journal. */
class ReconcilingTest implements Reconciling.Surroundings {
  private final List<MasterCommand> sent = new ArrayList<>();
  private final Map<JobName, UsedNumbers.Mark> raised = new HashMap<>();
  private LinkState state = LinkState.EMPTY;
  private final Reconciling reconciling =
      new Reconciling(Links.MASTER, Links.LIFE, Optional.empty(), this);

  private void perform(Reconciling.Change change) {
    for (LinkEvent event : change.events()) {
      state = state.evolve(event);
    }
    change.afterwards().accept(state);
  }

  private void activate() {
    assertThat(reconciling.isSuperseded(state)).isFalse();
    perform(reconciling.activate(state, after -> {}));
  }

  private void couple(JournalId agent, InventoryItem... inventory) {
    perform(
        reconciling.coupled(
            state,
            new Couple.Response(
                new AgentId("agent-1"),
                agent,
                new Incarnation("i-1"),
                new SessionId("s-1"),
                Duration.ZERO,
                4,
                Arrays.asList(inventory),
                Optional.empty())));
  }

  @Test
  void R13_aPredecessorThatReadsTheJournalAgainSeesItsSuccessor() {
    activate();
    state = activatedBy(Links.OTHER_LIFE);
    assertThat(reconciling.isSuperseded(state)).as("the same actor").isTrue();
    var next = new Reconciling(Links.MASTER, Links.LIFE, Optional.of(new MasterEpoch(1)), this);
    assertThat(next.isSuperseded(state)).as("after it has stepped down").isTrue();
    var successor =
        new Reconciling(Links.MASTER, Links.OTHER_LIFE, Optional.of(new MasterEpoch(2)), this);
    assertThat(successor.isSuperseded(state)).isFalse();
  }

  private LinkState activatedBy(Incarnation life) {
    return state.evolve(
        new LinkEvent.Activated(state.epoch().next(), Optional.of(life), Links.NOW));
  }

  @Test
  void R13_anActivationOfItsOwnOfWhichItWasNotToldIsNoSuccessors() {
    assertThat(reconciling.isSuperseded(state)).isFalse();
    state = activatedBy(Links.LIFE);
    assertThat(reconciling.isSuperseded(state)).isFalse();
    assertThat(reconciling.isActivated()).as("it need not activate again").isTrue();

    state = activatedBy(Links.LIFE);
    assertThat(reconciling.isSuperseded(state)).as("a newer epoch of its own").isFalse();
    state = activatedBy(Links.OTHER_LIFE);
    assertThat(reconciling.isSuperseded(state)).as("a successor after all").isTrue();
  }

  @Test
  void R13_anActivationOfBeforeLivesWereNotedIsNotItsOwn() {
    assertThat(reconciling.isSuperseded(state)).isFalse();
    state =
        state.evolve(new LinkEvent.Activated(state.epoch().next(), Optional.empty(), Links.NOW));
    assertThat(reconciling.isSuperseded(state)).isTrue();
  }

  @Test
  void R5_aJobThatWentBackLearnsWhatIsOnItsWayToTheAgent() {
    activate();
    perform(reconciling.assign(state, Links.spec(Links.A, 7), true, () -> {}));
    couple(Links.AGENT);
    assertThat(raised.get(Links.A.job()).token()).isEqualTo(new FencingToken(7));
    assertThat(raised.get(Links.A.job()).run()).isEqualTo(Links.A.run().number());
  }

  @Test
  void R13_whoWasOvertakenBeforeItsActivationDoesNotOvertakeInTurn() {
    assertThat(reconciling.isSuperseded(state)).isFalse();
    state = activatedBy(Links.OTHER_LIFE);
    assertThat(reconciling.isSuperseded(state)).isTrue();
    assertThat(reconciling.isActivated()).isFalse();
  }

  @Test
  void R3_whatIsReleasedByTimeWhileTheLinkIsUpIsClosedWithoutANewSession() {
    activate();
    couple(Links.AGENT);
    perform(reconciling.assign(state, Links.spec(Links.A), true, () -> {}));
    couple(Links.WIPED);
    perform(reconciling.leaseOver(state, Optional.of(Set.of(Links.A)), "wiped"));
    perform(reconciling.jobTook(state, Links.A, false));
    assertThat(state.executions()).isEmpty();
  }

  @Test
  void R12_whatIsToBeStoppedIsToldWithTheFirstExchangeAndOnlyOnce() {
    activate();
    couple(Links.AGENT);
    perform(reconciling.assign(state, Links.spec(Links.A), true, () -> {}));
    perform(reconciling.assign(state, Links.spec(Links.B), true, () -> {}));
    perform(reconciling.leaseOver(state, Optional.of(Set.of(Links.A)), "not heard"));
    perform(reconciling.stop(state, Links.B, () -> {}));
    sent.clear();
    couple(
        Links.AGENT,
        Links.item(Links.A, TaskPhase.RUNNING),
        Links.item(Links.B, TaskPhase.RUNNING));
    var stops =
        List.of(
            new MasterCommand.Stop(Links.A, StopReason.LOST_ELSEWHERE),
            new MasterCommand.Stop(Links.B, StopReason.CANCELLED));
    assertThat(sent).containsExactlyInAnyOrderElementsOf(stops);
    perform(reconciling.repeat(state));
    assertThat(sent).hasSize(2);
  }

  @Test
  void P2_theAgentForgetsALateOutcomeOnlyWhenTheJobHasIt() {
    activate();
    couple(Links.AGENT);
    perform(reconciling.assign(state, Links.spec(Links.A), true, () -> {}));
    perform(reconciling.leaseOver(state, Optional.empty(), "not heard"));
    perform(reconciling.jobTook(state, Links.A, false));
    var end =
        new TaskEvent.Finished(new Outcome.Exited(0), 0, 0, Optional.of(Links.NOW), Links.NOW);
    perform(
        reconciling.responded(
            state, List.of(new Exchange.Report(Links.A, 3, end)), List.of(), List.of()));
    assertThat(sent).noneMatch(isRelease());
    perform(reconciling.jobTook(state, Links.A, false));
    assertThat(sent).as("a late word about the verdict").noneMatch(isRelease());
    perform(reconciling.jobTook(state, Links.A, true));
    assertThat(sent).anyMatch(isRelease());
  }

  private static Predicate<MasterCommand> isRelease() {
    return MasterCommand.Release.class::isInstance;
  }

  @Test
  void R7_theTombstoneOfWhatTheAgentHasForgottenIsNewsThoughItsNumberIsSmall() {
    activate();
    couple(Links.AGENT);
    perform(reconciling.assign(state, Links.spec(Links.A), true, () -> {}));
    couple(Links.AGENT, Links.item(Links.A, TaskPhase.RUNNING));
    couple(Links.AGENT);
    var tombstone = new TaskEvent.Tombstoned(Links.MASTER, Links.NOW);
    perform(
        reconciling.responded(
            state, List.of(new Exchange.Report(Links.A, 1, tombstone)), List.of(), List.of()));
    assertThat(state.execution(Links.A).orElseThrow().outcome()).isPresent();
  }

  @Test
  void P1_aJobIsAnsweredOnlyWhenTheAgentWasHeardOrSomebodyVouchesForIt() {
    activate();
    JobName job = Links.A.job();
    perform(reconciling.assign(state, Links.spec(Links.A, 7), true, () -> {}));
    reconciling.asked(state, job);
    assertThat(answers).as("what lives there is not known yet").isEmpty();
    couple(Links.AGENT);
    reconciling.asked(state, job);
    assertThat(answers)
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.token().value()).isEqualTo(7);
              assertThat(answer.held())
                  .extracting(JobCommand.Adopt::execution)
                  .containsExactly(Links.A);
            });

    var next = new Reconciling(Links.MASTER, Links.LIFE, Optional.of(state.epoch()), this);
    next.asked(state, job);
    assertThat(answers).hasSize(1);
    perform(next.confirmLost(state, false, "ann", "burnt down", done -> {}));
    next.asked(state, job);
    assertThat(answers).hasSize(2);
  }

  @Test
  void P1_aLinkThatMayHaveLostADirectoryAnswersNothing() {
    activate();
    couple(Links.AGENT);
    perform(
        new Reconciling.Change(
            List.of(new LinkEvent.JournalDamaged("damaged", Links.NOW)), after -> {}));
    couple(Links.WIPED);
    reconciling.asked(state, Links.A.job());
    assertThat(answers).isEmpty();
    couple(Links.AGENT);
    reconciling.asked(state, Links.A.job());
    assertThat(answers).hasSize(1);
  }

  @Test
  void whatComesToLightInTheMiddleOfASessionIsComparedAnew() {
    activate();
    perform(
        new Reconciling.Change(
            List.of(new LinkEvent.JournalDamaged("damaged", Links.NOW)), after -> {}));
    perform(reconciling.assign(state, Links.spec(Links.A), true, true, () -> {}));
    assertThat(comparedAgain).as("the first coupling will tell").isZero();
    couple(Links.AGENT);
    perform(reconciling.assign(state, Links.spec(Links.B), true, true, () -> {}));
    assertThat(comparedAgain).isEqualTo(1);
  }

  private final List<JobCommand.LinkAnswered> answers = new ArrayList<>();
  private int comparedAgain;

  @Override
  public void raiseNumbering(JobName job, UsedNumbers.Mark used) {
    raised.merge(job, used, UsedNumbers.Mark::or);
  }

  @Override
  public void answer(JobName job, JobCommand.LinkAnswered answer) {
    answers.add(answer);
  }

  @Override
  public void compareAgain() {
    comparedAgain++;
  }

  @Override
  public AgentId agent() {
    return new AgentId("agent-1");
  }

  @Override
  public Instant wallClock() {
    return Links.NOW;
  }

  @Override
  public void ready(
      SessionId session,
      LinkEvent.Reconciled report,
      Set<ExecutionId> waiting,
      List<MasterCommand> commands) {
    send(commands);
  }

  @Override
  public void send(List<MasterCommand> commands) {
    sent.addAll(commands);
  }

  @Override
  public void fetch(ExecutionId execution, long stdoutBytes, long stderrBytes) {}

  @Override
  public void tellJob(JobCommand fact, ExecutionId about) {}

  @Override
  public void show(LinkState shown, Set<ExecutionId> changed, Set<ExecutionId> gone) {}

  @Override
  public void show(LinkEvent.Reconciled report) {}

  @Override
  public void repeatSoon() {}
}
