package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A session without actor, clock and disk. */
class SessionTest implements Session.Surroundings<String> {
  private static final Instant NOW = Instant.parse("2026-11-22T15:00:00Z");
  private static final JournalId MASTER = new JournalId("mj-1");
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final ExecutionId A = ExecutionId.parse("a#1.1");
  private static final ExecutionId B = ExecutionId.parse("b#1.1");

  private static final Duration LEASE = TimingPolicy.DEFAULT.lease();

  private Duration now = Duration.ofHours(1);
  private Duration deadline;
  private Duration proven;
  private Duration flushAfter;
  private long ordered;
  private final List<Answer> answers = new ArrayList<>();
  private final Session<String> session =
      new Session<>(
          new Session.Identity(AGENT, new JournalId("aj-1"), new Incarnation("i-1"), 4),
          List.of(),
          this);

  @Test
  void P2_anOutcomeOfWhichNoReportCanBeSentIsToldByComparingAnew() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    session.couple(
        new Couple.Request(AGENT, MASTER, new MasterEpoch(1), TimingPolicy.DEFAULT), "master");
    session.exchange(
        new Exchange.Request(new SessionId("s-1"), new MasterEpoch(1), 1, now(), List.of()),
        "master");
    TaskEvent accepted = new TaskEvent.Accepted(spec(A), A.request(1), MASTER, "boot-1", NOW);
    TaskState state = TaskRules.evolve(TaskState.UNKNOWN, accepted);
    session.news(A, state, List.of(accepted));
    assertThat(answers).hasSize(1);
    // The write of its end had an unknown fate: it has read its journal again, and there it is.
    TaskState ended =
        TaskRules.evolve(
            state, new TaskEvent.Finished(new Outcome.Exited(0), 0, 0, Optional.empty(), NOW));
    session.news(A, ended, List.of());
    assertThat(answers).hasSize(2);
    assertThat(((Answer.Refused) answers.get(1)).refusal().code())
        .isEqualTo(Refusal.Code.OTHER_SESSION);
    session.couple(
        new Couple.Request(AGENT, MASTER, new MasterEpoch(1), TimingPolicy.DEFAULT), "master");
    var response = ((Answer.Coupled) answers.get(2)).response();
    assertThat(response.inventory())
        .singleElement()
        .satisfies(i -> assertThat(i.outcome()).isPresent());
  }

  private void couple() {
    var request = new Couple.Request(AGENT, MASTER, new MasterEpoch(1), TimingPolicy.DEFAULT);
    Optional<Refusal> refusal = session.refuseCouple(request);
    if (refusal.isPresent()) {
      answers.add(new Answer.Refused(refusal.get()));
    } else {
      session.couple(request, "master");
    }
  }

  private Couple.Response coupled() {
    couple();
    return ((Answer.Coupled) last()).response();
  }

  private Refusal refusedToCouple() {
    couple();
    return ((Answer.Refused) last()).refusal();
  }

  private Answer last() {
    return answers.get(answers.size() - 1);
  }

  private void order(SessionId in, long number, ExecutionId id, int request) {
    var start = new MasterCommand.Start(spec(id), id.request(request), Optional.empty());
    session.exchange(
        new Exchange.Request(in, new MasterEpoch(1), number, now(), List.of(start)), "master");
  }

  private static TaskSpec spec(ExecutionId id) {
    return new TaskSpec(
        id,
        new FencingToken(1),
        "true",
        new TreeMap<>(),
        Optional.empty(),
        Duration.ZERO,
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  private void wakes(ExecutionId id) {
    session.news(id, TaskState.UNKNOWN, List.of());
  }

  private void accepts(ExecutionId id) {
    TaskEvent accepted = new TaskEvent.Accepted(spec(id), id.request(1), MASTER, "boot-1", NOW);
    session.news(id, TaskRules.evolve(TaskState.UNKNOWN, accepted), List.of(accepted));
  }

  @Test
  void R14_nobodyCouplesWhileAnOrderIsOnItsWayToItsJournal() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    order(coupled().session(), 1, A, 1);
    wakes(A);
    // A slow disk: the master hears nothing and couples again.
    assertThat(refusedToCouple().code()).isEqualTo(Refusal.Code.NOT_READY);
    accepts(A);
    assertThat(coupled().inventory()).extracting(InventoryItem::execution).containsExactly(A);
  }

  @Test
  void R7_R14_nobodyCouplesWhileATombstoneIsOnItsWayToItsJournal() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    session.exchange(
        new Exchange.Request(
            coupled().session(),
            new MasterEpoch(1),
            1,
            now(),
            List.of(new MasterCommand.GiveUp(A))),
        "master");
    wakes(A);
    assertThat(refusedToCouple().code()).isEqualTo(Refusal.Code.NOT_READY);
    TaskEvent tombstoned = new TaskEvent.Tombstoned(MASTER, NOW);
    session.news(A, TaskRules.evolve(TaskState.UNKNOWN, tombstoned), List.of(tombstoned));
    assertThat(coupled().inventory()).extracting(InventoryItem::execution).containsExactly(A);
  }

  @Test
  void R4_whoWaitsForOrdersUnderWayEndsTheSessionThatGivesThem() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    SessionId first = coupled().session();
    order(first, 1, A, 1);
    assertThat(refusedToCouple().code()).isEqualTo(Refusal.Code.NOT_READY);
    order(first, 2, B, 1);
    assertThat(((Answer.Refused) last()).refusal().code()).isEqualTo(Refusal.Code.OTHER_SESSION);
    accepts(A);
    assertThat(coupled().inventory()).extracting(InventoryItem::execution).containsExactly(A);
  }

  @Test
  void R14_anOrderThatItsJournalRefusedHoldsNobodyUpAndTakesNoPlace() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    SessionId first = coupled().session();
    order(first, 1, A, 1);
    order(first, 2, A, 2);
    wakes(A);
    assertThat(refusedToCouple().code()).as("both").isEqualTo(Refusal.Code.NOT_READY);
    // After a write that failed the journal is read again.
    wakes(A);
    assertThat(refusedToCouple().code()).as("the second").isEqualTo(Refusal.Code.NOT_READY);
    wakes(A);
    assertThat(coupled().inventory()).isEmpty();
    assertThat(session.standing(A).orElseThrow().mine()).isFalse();
  }

  @Test
  void R14_aTaskThatIsGoneHasNoOrderUnderWay() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    order(coupled().session(), 1, A, 1);
    wakes(A);
    session.taskGone(A);
    order(coupled().session(), 1, A, 1);
    wakes(A);
    assertThat(refusedToCouple().code())
        .as("its next actor has only woken up")
        .isEqualTo(Refusal.Code.NOT_READY);
  }

  @Test
  void R4_anEpochThatIsDurableIsTheHighestEvenIfItsCouplingIsRefused() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    var first = new Couple.Request(AGENT, MASTER, new MasterEpoch(1), TimingPolicy.DEFAULT);
    session.couple(first, "first");
    session.exchange(
        new Exchange.Request(new SessionId("s-1"), new MasterEpoch(1), 1, now(), List.of()),
        "first");
    // The second one's epoch took so long to be written that the lease is over.
    now = now.plus(TimingPolicy.DEFAULT.lease());
    session.couple(
        new Couple.Request(AGENT, MASTER, new MasterEpoch(2), TimingPolicy.DEFAULT), "second");
    session.tick();
    assertThat(session.refuseCouple(first).orElseThrow().code())
        .isEqualTo(Refusal.Code.OLDER_EPOCH);
  }

  private void exchange(SessionId in, long number, MasterCommand... commands) {
    exchange(in, number, now(), commands);
  }

  private void exchange(SessionId in, long number, Duration anchor, MasterCommand... commands) {
    session.exchange(
        new Exchange.Request(in, new MasterEpoch(1), number, anchor, List.of(commands)), "master");
  }

  /**
   * It is posted before the answer to the one before it is there, so that it hands back no newer
   * anchor than that one did.
   */
  @Test
  void P3_whatBringsCommandsIsAnsweredBeforeTheAnchorThatItHandsBackIsAPeriodOld() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    Couple.Response in = coupled();
    Duration anchor = in.anchor();
    exchange(in.session(), 1, anchor);
    now = now.plus(TimingPolicy.DEFAULT.exchangeHold()).minusMillis(1);
    exchange(in.session(), 2, anchor, new MasterCommand.Stop(A, StopReason.CANCELLED));
    session.performed(A, TaskState.UNKNOWN, ordered);
    session.flush();
    session.tick();
    assertThat(exchanged()).containsExactly(1L);
    assertThat(deadline).isEqualTo(anchor.plus(LEASE));
    assertThat(flushAfter).isEqualTo(Duration.ofMillis(1));

    now = now.plusMillis(1);
    session.flush();
    assertThat(exchanged()).containsExactly(1L, 2L);
    assertThat(now.minus(anchor)).isLessThan(TimingPolicy.DEFAULT.heartbeatPeriod());
  }

  private List<Long> exchanged() {
    return answers.stream()
        .filter(Answer.Exchanged.class::isInstance)
        .map(answer -> ((Answer.Exchanged) answer).response().number())
        .toList();
  }

  @Test
  void R12_theGuardianIsToldThatTheMasterWasHeardWhenWhatItWantsStoppedIsBeingStopped() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    SessionId first = coupled().session();
    exchange(first, 1);
    Duration heard = now;
    assertThat(proven).isEqualTo(heard);
    now = now.plusSeconds(5);
    exchange(first, 2, new MasterCommand.Stop(A, StopReason.CANCELLED));
    assertThat(proven).as("an order came with it").isEqualTo(heard);
    now = now.plusSeconds(5);
    exchange(first, 3);
    assertThat(proven).as("it is on its way to the journal").isEqualTo(heard);
    assertThat(deadline).as("the lease is renewed").isEqualTo(now.plus(LEASE));
    session.performed(A, TaskState.UNKNOWN, ordered);
    session.flush();
    now = now.plusMillis(1);
    exchange(first, 4);
    assertThat(proven).as("however little the lease gains by it").isEqualTo(now);
  }

  @Test
  void R12_whatAnEndedSessionHadNotStoppedIsToldToTheNextOne() {
    session.recovered(SessionState.NEVER_COUPLED, Optional.empty());
    exchange(coupled().session(), 1, new MasterCommand.Stop(A, StopReason.CANCELLED));
    assertThat(proven).isZero();
    SessionId next = coupled().session();
    exchange(next, 1, new MasterCommand.Stop(A, StopReason.CANCELLED));
    assertThat(proven).isZero();
    session.performed(A, TaskState.UNKNOWN, ordered);
    exchange(next, 2);
    assertThat(proven).isEqualTo(now);
  }

  @Override
  public Duration now() {
    return now;
  }

  @Override
  public String bootId() {
    return "boot-1";
  }

  @Override
  public SessionId newSession() {
    return new SessionId("s-" + (answers.size() + 1));
  }

  @Override
  public boolean writeDeadline(Duration until, Duration killGrace, Duration anchor) {
    deadline = until;
    proven = anchor;
    return true;
  }

  @Override
  public Exchange.OutputSize outputSize(ExecutionId execution) {
    return new Exchange.OutputSize(execution, 0, 0);
  }

  @Override
  public void perform(ExecutionId execution, TaskCommand command, long correlation) {
    ordered = correlation;
  }

  @Override
  public void answer(String replyTo, Answer answer) {
    answers.add(answer);
  }

  @Override
  public void flushSoon() {}

  @Override
  public void flushAfter(Duration delay) {
    flushAfter = delay;
  }
}
