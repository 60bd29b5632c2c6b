package io.holdfast.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.InventoryItem;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session on the real journal, with a clock and processes that the test moves. */
class MasterSessionTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final TimingPolicy TIMING = TimingPolicy.DEFAULT;
  private static final JournalId MASTER_JOURNAL = new JournalId("mj-1");
  private static final JournalId REBUILT = new JournalId("mj-2");
  private static final ExecutionId A = ExecutionId.parse("a#1.1");
  private static final ExecutionId B = ExecutionId.parse("b#1.1");
  private static final ExecutionId C = ExecutionId.parse("c#1.1");

  @TempDir static Path journal;
  private static ActorTestKit kit;
  private static int masters;

  private final FakeMachine machine = new FakeMachine();
  private final List<Exchange.Report> reports = new ArrayList<>();
  private Duration tick = Duration.ofMillis(10);
  private MasterId master;
  private ActorRef<MasterSession.Message> session;
  private TestProbe<Answer> answers;
  private Couple.Response coupled;
  private Duration anchor;
  private long number;

  @BeforeAll
  static void start() {
    kit =
        ActorTestKit.create(
            "sessions",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseMap(Map.of("holdfast.journal.leveldb.dir", journal.toString()))
                    .withFallback(ConfigFactory.parseResources("agent-akka.conf"))));
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @BeforeEach
  void open() {
    masters++;
    master = new MasterId("m" + masters);
    answers = kit.createTestProbe();
    spawn(4);
  }

  private void spawn(int limit) {
    session =
        kit.spawn(
            MasterSession.create(
                master,
                known(),
                new MasterSession.Setting(
                    new AgentId("agent-1"),
                    new JournalId("aj-1"),
                    new Incarnation("i-1"),
                    limit,
                    tick,
                    machine)));
  }

  private List<ExecutionId> known() {
    String prefix = "task|" + master + "|";
    return JournalStore.get(kit.system())
        .persistenceIds(prefix)
        .toCompletableFuture()
        .join()
        .stream()
        .map(id -> ExecutionId.parse(id.substring(prefix.length())))
        .toList();
  }

  private void restart(int limit) {
    kit.stop(session);
    spawn(limit);
  }

  private Answer coupleOnce(long epoch) {
    return coupleOnce(MASTER_JOURNAL, epoch);
  }

  private Answer coupleOnce(JournalId masterJournal, long epoch) {
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(
                new AgentId("agent-1"), masterJournal, new MasterEpoch(epoch), TIMING),
            answers.getRef()));
    return answers.receiveMessage(SOON);
  }

  /** Couples; an agent that is not ready yet, or still stopping, is asked again. */
  private void couple(long epoch) {
    couple(MASTER_JOURNAL, epoch);
  }

  private void couple(JournalId masterJournal, long epoch) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              Answer answer = coupleOnce(masterJournal, epoch);
              if (answer instanceof Answer.Coupled ok) {
                coupled = ok.response();
                anchor = coupled.anchor();
                number = 0;
              }
              return answer instanceof Answer.Coupled;
            });
  }

  private void send(SessionId of, long epoch, long exchange, MasterCommand... commands) {
    session.tell(
        new MasterSession.ExchangeArrived(
            new Exchange.Request(of, new MasterEpoch(epoch), exchange, anchor, List.of(commands)),
            answers.getRef()));
  }

  private void send(MasterCommand... commands) {
    number++;
    send(coupled.session(), 1, number, commands);
  }

  private Exchange.Response answer() {
    Answer answer = answers.receiveMessage(SOON);
    assertThat(answer).isInstanceOf(Answer.Exchanged.class);
    Exchange.Response response = ((Answer.Exchanged) answer).response();
    anchor = response.anchor();
    reports.addAll(response.reports());
    return response;
  }

  /** Exchanges until the event is reported. */
  private <T extends TaskEvent> T awaitReport(ExecutionId execution, Class<T> type) {
    for (int i = 0; i < 20; i++) {
      for (Exchange.Report report : reports) {
        if (report.execution().equals(execution) && type.isInstance(report.event())) {
          return type.cast(report.event());
        }
      }
      send();
      answer();
    }
    throw new AssertionError("no " + type.getSimpleName() + " of " + execution + ": " + reports);
  }

  private Refusal refusal() {
    return refusal(answers.receiveMessage(SOON));
  }

  private static Refusal refusal(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Refused.class);
    return ((Answer.Refused) answer).refusal();
  }

  private static MasterCommand start(ExecutionId id, ConnectionLossPolicy policy) {
    TaskSpec spec =
        new TaskSpec(
            id,
            new FencingToken(1),
            "true",
            new TreeMap<>(),
            Optional.empty(),
            Duration.ofSeconds(1),
            policy);
    return new MasterCommand.Start(spec, id.request(1), Optional.empty());
  }

  private static MasterCommand start(ExecutionId id) {
    return start(id, ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  private void startAndAwait(ExecutionId id) {
    send(start(id));
    answer();
    awaitReport(id, TaskEvent.Started.class);
  }

  @Test
  void aMasterCouplesAndLearnsWhatTheAgentHolds() {
    couple(1);
    assertThat(coupled.inventory()).isEmpty();
    assertThat(coupled.taskLimit()).isEqualTo(4);
    startAndAwait(A);
    couple(1);
    assertThat(coupled.inventory()).extracting(InventoryItem::execution).containsExactly(A);
    assertThat(coupled.inventory().get(0).phase()).isEqualTo(TaskPhase.RUNNING);
  }

  // ---- a rebuilt master, and one that has lost the tail of its journal

  @Test
  void R5_aRebuiltMasterNeitherGetsNorTouchesTheTaskThatHasItsId() {
    couple(1);
    startAndAwait(A);
    couple(REBUILT, 2);
    assertThat(coupled.inventory().get(0).masterJournal()).contains(MASTER_JOURNAL);

    number++;
    send(coupled.session(), 2, number, start(A));
    Exchange.Response response = answer();
    assertThat(response.refused()).extracting(Exchange.RefusedStart::execution).containsExactly(A);
    assertThat(response.refused().get(0).why()).contains("former master");
    assertThat(machine.log).filteredOn(line -> line.startsWith("launch")).hasSize(1);

    machine.end(A, new Outcome.Exited(0));
    reports.clear();
    await()
        .atMost(SOON)
        .until(
            () -> {
              number++;
              send(coupled.session(), 2, number);
              answer();
              return !reports.isEmpty();
            });
    assertThat(reports).allMatch(report -> report.foreign().equals(Optional.of(MASTER_JOURNAL)));
  }

  @Test
  void R4_twoJournalsOfOneNameCannotShareAnEpoch() {
    couple(3);
    Refusal refused = refusal(coupleOnce(REBUILT, 3));
    assertThat(refused.code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
    assertThat(refused.epoch()).contains(new MasterEpoch(3));
    couple(REBUILT, 4);
    assertThat(refusal(coupleOnce(MASTER_JOURNAL, 3)).code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
  }

  private Answer coupleOnce(long epoch, String life) {
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(
                new AgentId("agent-1"),
                MASTER_JOURNAL,
                new MasterEpoch(epoch),
                TIMING,
                Optional.of(new Incarnation(life))),
            answers.getRef()));
    return answers.receiveMessage(SOON);
  }

  @Test
  void R4_twoLivesOfOneJournalCannotShareAnEpochAlsoForTheNextLifeOfTheAgent() {
    assertThat(coupleOnce(3, "first")).isInstanceOf(Answer.Coupled.class);
    assertThat(coupleOnce(3, "first")).as("again").isInstanceOf(Answer.Coupled.class);
    assertThat(refusal(coupleOnce(3, "copy")).code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
    restart(4);
    assertThat(refusal(coupleOnce(3, "copy")).code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
    assertThat(coupleOnce(4, "copy")).isInstanceOf(Answer.Coupled.class);
    assertThat(refusal(coupleOnce(3, "first")).code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
  }

  @Test
  void R5_theNumbersOfWhatIsReleasedOutliveItAndTheAgentsLife() {
    couple(1);
    assertThat(coupled.used()).isEmpty();
    startAndAwait(A);
    machine.end(A, new Outcome.Exited(0));
    awaitReport(A, TaskEvent.Finished.class);
    send(new MasterCommand.Release(A));
    send();
    answer();
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(new AgentId("agent-1"), MASTER_JOURNAL, new MasterEpoch(1), TIMING),
            kit.<Answer>createTestProbe().getRef()));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.OTHER_SESSION);
    couple(1);
    UsedNumbers.Mark mark = new UsedNumbers.Mark(1, new FencingToken(1));
    assertThat(coupled.used().orElseThrow().of(A.job())).isEqualTo(mark);
    restart(4);
    couple(1);
    assertThat(coupled.inventory()).isEmpty();
    assertThat(coupled.used().orElseThrow().of(A.job())).isEqualTo(mark);
  }

  @Test
  void R7_aStartOfWhatWasGivenUpIsRefused() {
    couple(1);
    send(new MasterCommand.GiveUp(A));
    answer();
    send(start(A));
    assertThat(answer().refused()).extracting(Exchange.RefusedStart::execution).containsExactly(A);
  }

  @Test
  void anotherAgentIsMeant() {
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(new AgentId("agent-9"), MASTER_JOURNAL, new MasterEpoch(1), TIMING),
            answers.getRef()));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.WRONG_AGENT);
  }

  @Test
  void r4AnOlderEpochIsRefusedAlsoByTheNextLifeOfTheAgent() {
    couple(5);
    Refusal refusal = refusal(coupleOnce(4));
    assertThat(refusal.code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
    assertThat(refusal.epoch()).contains(new MasterEpoch(5));
    send(coupled.session(), 4, 1);
    assertThat(refusal().code()).isEqualTo(Refusal.Code.OLDER_EPOCH);

    restart(4);
    assertThat(refusal(coupleOnce(4)).code()).isEqualTo(Refusal.Code.OLDER_EPOCH);
    couple(5);
  }

  @Test
  void r4WhatComesFromAnotherSessionIsRefusedAndChangesNothing() {
    couple(1);
    SessionId old = coupled.session();
    couple(1);
    send(old, 1, 1, start(A));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.OTHER_SESSION);
    couple(1);
    assertThat(coupled.inventory()).isEmpty();
    assertThat(machine.log).doesNotContain("launch " + A);
  }

  @Test
  void r4ANewSessionEndsTheExchangesOfTheOld() {
    couple(1);
    send();
    session.tell(
        new MasterSession.CoupleArrived(
            new Couple.Request(new AgentId("agent-1"), MASTER_JOURNAL, new MasterEpoch(1), TIMING),
            answers.getRef()));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.OTHER_SESSION);
    assertThat(answers.receiveMessage(SOON)).isInstanceOf(Answer.Coupled.class);
  }

  @Test
  void r4AnExchangeThatWasSeenIsRefused() {
    couple(1);
    startAndAwait(A);
    send(coupled.session(), 1, number, start(B));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.STALE_EXCHANGE);
    assertThat(machine.log).doesNotContain("launch " + B);
  }

  @Test
  void r2TheDeadlineIsOnDiskBeforeAnythingIsLaunched() {
    couple(1);
    startAndAwait(A);
    assertThat(machine.log.subList(0, 2)).containsExactly("deadline", "launch " + A);
    assertThat(machine.deadline).contains(coupled.anchor().plus(TIMING.lease()));
  }

  @Test
  void r2AnAnchorFromBeforeTheSessionProvesNothing() {
    couple(1);
    anchor = machine.now.minus(Duration.ofSeconds(1));
    send(start(A));
    assertThat(refusal().code()).isEqualTo(Refusal.Code.OTHER_SESSION);
  }

  @Test
  void r4WithoutALeaseOnDiskNothingIsStarted() {
    couple(1);
    machine.diskIsFull = true;
    send(start(A));
    answer();
    Outcome outcome = awaitReport(A, TaskEvent.Finished.class).outcome();
    assertThat(outcome).isEqualTo(new Outcome.Refused("no living lease"));
    assertThat(machine.log).isEmpty();
  }

  @Test
  void r2WhenTheLeaseIsOverItsTasksAreStoppedAndThenTheMasterMayCoupleAgain() {
    couple(1);
    startAndAwait(A);
    send(start(B, ConnectionLossPolicy.KEEP));
    answer();
    awaitReport(B, TaskEvent.Started.class);
    send();
    machine.pass(TIMING.lease());

    assertThat(refusal().code()).isEqualTo(Refusal.Code.LEASE_OVER);
    couple(1);

    assertThat(machine.log)
        .contains("stop " + A + " lease-over")
        .noneMatch(line -> line.startsWith("stop " + B));
    assertThat(coupled.inventory())
        .filteredOn(item -> item.execution().equals(A))
        .singleElement()
        .satisfies(item -> assertThat(item.phase()).isNotEqualTo(TaskPhase.RUNNING));
  }

  @Test
  void P1_nobodyCouplesWhileSomethingOfAnOldLeaseMayStillBegin() {
    couple(1);
    startAndAwait(A);
    machine.forbidden = new CompletableFuture<>();
    machine.pass(TIMING.lease());
    await().atMost(SOON).until(() -> machine.log.contains("stop " + A + " lease-over"));
    for (int n = 0; n < 3; n++) {
      assertThat(refusal(coupleOnce(1)).code()).isEqualTo(Refusal.Code.LEASE_OVER);
    }
    machine.forbidden.complete(null);
    couple(1);
  }

  @Test
  void r2ALeaseThatEndedWhileTheAgentWasAwayStopsTheTasksOfItsFormerLife() {
    couple(1);
    startAndAwait(A);
    kit.stop(session);
    machine.pass(TIMING.lease());
    spawn(4);
    await().atMost(SOON).until(() -> machine.log.contains("stop " + A + " lease-over"));
    couple(1);
    assertThat(coupled.inventory()).hasSize(1);
  }

  @Test
  void p3ATaskIsTakenUpByTheNextLifeOfTheAgent() {
    couple(1);
    startAndAwait(A);
    restart(4);
    couple(1);
    assertThat(coupled.inventory()).extracting(InventoryItem::phase).contains(TaskPhase.RUNNING);
    await().atMost(SOON).until(() -> machine.log.contains("adopt " + A));
    assertThat(machine.log).containsOnlyOnce("launch " + A).doesNotContain("stop " + A);
    machine.end(A, new Outcome.Exited(7));
    assertThat(awaitReport(A, TaskEvent.Finished.class).outcome()).isEqualTo(new Outcome.Exited(7));
  }

  @Test
  void R5_R14_anOutcomeThatNobodyAcknowledgedIsToldByTheNextLifeUntilItIsReleased() {
    couple(1);
    startAndAwait(A);
    machine.end(A, new Outcome.Exited(7));
    TaskEvent.Finished finished = awaitReport(A, TaskEvent.Finished.class);
    Exchange.Report report =
        reports.stream().filter(told -> told.event().equals(finished)).findFirst().orElseThrow();

    restart(4);
    couple(1);
    assertThat(coupled.inventory())
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.execution()).isEqualTo(A);
              assertThat(item.phase()).isEqualTo(TaskPhase.FINISHED);
              assertThat(item.outcome()).contains(new Outcome.Exited(7));
              assertThat(item.newestEvent()).isEqualTo(report.number());
            });
    assertThat(machine.log).containsOnlyOnce("launch " + A).doesNotContain("adopt " + A);

    send(new MasterCommand.Release(A));
    send();
    answer();
    restart(4);
    couple(1);
    assertThat(coupled.inventory()).as("released, and its master does not know yet").isEmpty();
  }

  @Test
  void r1AnIdleExchangeIsAnsweredWhenItsTimeIsUpAndNotBefore() {
    couple(1);
    send();
    answers.expectNoMessage(Duration.ofMillis(100));
    machine.pass(TIMING.exchangeHold());
    assertThat(answer().number()).isEqualTo(1);
  }

  @Test
  void P3_anAnswerIsNotLateBecauseTheTickIsSlow() {
    tick = Duration.ofHours(1);
    restart(4);
    couple(1);
    Duration moment = Duration.ofMillis(50);
    machine.pass(TIMING.exchangeHold().minus(moment));
    send();
    await().atMost(SOON).until(() -> machine.log.contains("deadline"));
    machine.pass(moment);
    assertThat(answer().number()).isEqualTo(1);
  }

  @Test
  void aNewerExchangeReleasesTheOlder() {
    couple(1);
    send();
    send();
    assertThat(answer().number()).isEqualTo(1);
    answers.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void r14AnAnswerComesOnlyAfterItsCommandsAreInTheJournal() {
    couple(1);
    send(start(A), new MasterCommand.GiveUp(B), start(C));
    send();
    answer();
    assertThat(known()).contains(A, B, C);
  }

  @Test
  void ordersForUnknownTasksLeaveNothingBehindAndTakeNoPlace() {
    restart(1);
    couple(1);
    send(new MasterCommand.Stop(A, StopReason.CANCELLED), new MasterCommand.Release(B), start(C));
    answer();
    awaitReport(C, TaskEvent.Started.class);
    assertThat(known()).containsExactly(C);
    couple(1);
    assertThat(coupled.inventory()).extracting(InventoryItem::execution).containsExactly(C);
  }

  @Test
  void beyondTheTaskLimitAStartIsRefusedInTheHistory() {
    restart(1);
    couple(1);
    send(start(A), start(B));
    answer();
    assertThat(awaitReport(B, TaskEvent.Finished.class).outcome())
        .isInstanceOf(Outcome.Refused.class);
    assertThat(machine.log).doesNotContain("launch " + B);
  }

  @Test
  void P2_aNearlyFullDiskRefusesNewTasksAndLeavesTheOthersAlone() {
    couple(1);
    startAndAwait(A);
    machine.refusal = Optional.of("the disk is nearly full");
    send(start(B));
    answer();
    assertThat(awaitReport(B, TaskEvent.Finished.class).outcome())
        .isEqualTo(new Outcome.Refused("the disk is nearly full"));
    assertThat(machine.log)
        .doesNotContain("launch " + B)
        .noneMatch(line -> line.startsWith("stop"));
    machine.refusal = Optional.empty();
    startAndAwait(C);
  }

  @Test
  void r7WhatWasGivenUpNeverStarts() {
    couple(1);
    send(new MasterCommand.GiveUp(A));
    answer();
    awaitReport(A, TaskEvent.Tombstoned.class);
    send(start(A));
    send();
    answer();
    assertThat(machine.log).doesNotContain("launch " + A);
  }

  @Test
  void aReleasedTaskIsForgotten() {
    couple(1);
    startAndAwait(A);
    machine.end(A, new Outcome.Exited(0));
    awaitReport(A, TaskEvent.Finished.class);
    send(new MasterCommand.Release(A));
    send();
    answer();
    await().atMost(SOON).until(() -> machine.log.contains("delete " + A));
    couple(1);
    assertThat(coupled.inventory()).isEmpty();
  }

  @Test
  void everyCommandOfAMasterIsAnOrder() {
    couple(1);
    List<MasterCommand> commands =
        List.of(
            start(A),
            new MasterCommand.Stop(A, StopReason.CANCELLED),
            new MasterCommand.GiveUp(B),
            new MasterCommand.Release(B),
            new MasterCommand.Answer(
                C, new TaskCall.Id(new Incarnation("i-1"), 1), new TaskAnswer.Done()));
    assertThat(commands)
        .extracting(command -> (Object) command.getClass())
        .containsExactlyInAnyOrder((Object[]) MasterCommand.class.getPermittedSubclasses());
    send(commands.toArray(MasterCommand[]::new));
    answer();
    assertThat(awaitReport(A, TaskEvent.Finished.class).outcome())
        .isEqualTo(new Outcome.Stopped(StopReason.CANCELLED));
  }

  private CompletableFuture<TaskAnswer> note(ExecutionId id, String text) {
    CompletableFuture<TaskAnswer> reply = new CompletableFuture<>();
    session.tell(
        new MasterSession.TaskCalled(id, new TaskCall.Note(text), Optional.empty(), reply));
    return reply;
  }

  private List<TaskCall> awaitCalls() {
    for (; ; ) {
      Exchange.Response response = answer();
      if (!response.calls().isEmpty()) {
        return response.calls();
      }
      send();
    }
  }

  @Test
  void R5_aCallOfATaskWaitsForTheNextSessionAndKeepsItsId() throws Exception {
    couple(1);
    startAndAwait(A);
    CompletableFuture<TaskAnswer> reply = note(A, "half");
    send();
    List<TaskCall> first = awaitCalls();

    couple(1);
    send();
    List<TaskCall> again = awaitCalls();
    assertThat(again).isEqualTo(first);
    assertThat(reply).isNotDone();

    send(new MasterCommand.Answer(A, again.get(0).id(), new TaskAnswer.Done()));
    assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo(new TaskAnswer.Done());
  }

  @Test
  void aCallThatWaitsEndsWithItsTask() throws Exception {
    couple(1);
    startAndAwait(A);
    CompletableFuture<TaskAnswer> waits = note(A, "half");
    send(new MasterCommand.Stop(A, StopReason.CANCELLED));

    assertThat(code(waits)).isEqualTo(TaskAnswer.Code.ENDED);
    assertThat(code(note(A, "late"))).isEqualTo(TaskAnswer.Code.ENDED);
    assertThat(code(note(B, "never heard of"))).isEqualTo(TaskAnswer.Code.ENDED);
    assertThat(standing(A).mine()).isFalse();
  }

  private static TaskAnswer.Code code(CompletableFuture<TaskAnswer> reply) throws Exception {
    return ((TaskAnswer.Refused) reply.get(20, TimeUnit.SECONDS)).code();
  }

  private Standing standing(ExecutionId id) throws Exception {
    CompletableFuture<Optional<Standing>> reply = new CompletableFuture<>();
    session.tell(new MasterSession.StandingAsked(id, reply));
    return reply.get(20, TimeUnit.SECONDS).orElseThrow();
  }

  @Test
  void R2_aTaskIsToldHowMuchOfItsLeaseIsLeft() throws Exception {
    couple(1);
    startAndAwait(A);
    send(start(B, ConnectionLossPolicy.KEEP));
    answer();
    awaitReport(B, TaskEvent.Started.class);
    machine.pass(Duration.ofSeconds(20));

    assertThat(standing(A).mine()).isTrue();
    assertThat(standing(A).fencingToken()).contains(new FencingToken(1));
    assertThat(standing(A).leaseRemaining().orElseThrow())
        .isBetween(Duration.ofSeconds(1), TIMING.lease().minusSeconds(20));
    assertThat(standing(B).leaseRemaining()).isEmpty();

    machine.pass(TIMING.lease());
    assertThat(standing(A).mine()).isFalse();
    assertThat(standing(B).mine()).isTrue();
  }

  @Test
  void everyEventOfASessionHasAMeaning() {
    var seen =
        new SessionEvent.MasterSeen(new MasterEpoch(7), MASTER_JOURNAL, java.time.Instant.EPOCH);
    assertThat(SessionEvent.class.getPermittedSubclasses())
        .as("the others are in SessionStateTest")
        .containsExactlyInAnyOrder(
            seen.getClass(),
            SessionEvent.NumbersUsed.class,
            SessionEvent.Summed.class,
            SessionEvent.JournalDamaged.class);
    SessionState state = SessionState.NEVER_COUPLED.evolve(seen);
    assertThat(state.epoch()).isEqualTo(new MasterEpoch(7));
    assertThat(state.isNews(seen)).isFalse();
  }
}
