package io.holdfast.master.run;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.holdfast.master.MasterActors;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.link.AgentLink;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shell of a job: what it says, and when. What it decides is {@link RunRulesTest}'s. */
class JobEntityTest {
  private static final String ID = "job|" + Jobs.JOB;

  private final MasterActors actors = new MasterActors();
  private final List<JobDirective> told = new CopyOnWriteArrayList<>();
  private final List<Integer> shownRuns = new CopyOnWriteArrayList<>();
  private final AtomicReference<ActorRef<AgentLink.Accepted>> link = new AtomicReference<>();
  private final TestProbe<JobState> caller = actors.kit.createTestProbe();
  private final TestProbe<JobEntity.Taken> reconciler = actors.kit.createTestProbe();
  private ActorRef<JobEntity.Message> job;

  @BeforeEach
  void aJobIsDefined() {
    spawn();
    ask(new JobCommand.Define(Jobs.onGroup(OnLost.ERROR)));
    caller.receiveMessage(SOON);
  }

  @AfterEach
  void stop() {
    actors.close();
  }

  private void spawn() {
    job = actors.kit.spawn(JobEntity.create(new JobName(Jobs.JOB), new World()));
  }

  private void restart() {
    actors.kit.stop(job);
    told.clear();
    spawn();
  }

  private void ask(JobCommand command) {
    job.tell(new JobEntity.Ask(command, caller.getRef()));
  }

  private long journalled() {
    return actors.journal.persistedInStorage(ID).size();
  }

  @Test
  void R14_neitherCallerNorLinkHearOfARunThatIsNotInTheJournal() {
    actors.journal.failNextPersisted(ID);
    ask(Jobs.request("r-1"));
    // It fails and reads its journal again; what it is asked then, it answers from there.
    ask(new JobCommand.Cancel(Jobs.run(1), "no such run"));
    JobState state = caller.receiveMessage(SOON);
    assertThat(state.runs()).isEmpty();
    assertThat(told).isEmpty();
    assertThat(shownRuns).doesNotContain(1);

    ask(Jobs.request("r-1"));
    assertThat(caller.receiveMessage(SOON).run(Jobs.run(1))).isPresent();
    await().atMost(SOON).until(() -> !told.isEmpty());
  }

  @Test
  void R5_aRequestThatComesAgainIsOneRun() {
    ask(Jobs.request("r-1"));
    caller.receiveMessage(SOON);
    long before = journalled();
    ask(Jobs.request("r-1"));
    assertThat(caller.receiveMessage(SOON).runs()).hasSize(1);
    assertThat(journalled()).isEqualTo(before);
  }

  @Test
  void R5_anAssignmentIsRepeatedUntilTheLinkHasIt() {
    ask(Jobs.request());
    caller.receiveMessage(SOON);
    await().atMost(SOON).until(() -> told.size() >= 2);
    assertThat(told).allMatch(told.get(0)::equals);
    link.get().tell(new AgentLink.Accepted(Jobs.execution(1, 1), false));
    // A stop that nobody confirms is repeated; each round would bring the assignment, too.
    ask(new JobCommand.Cancel(Jobs.run(1), "enough"));
    caller.receiveMessage(SOON);
    int before = told.size();
    await().atMost(SOON).until(() -> told.size() >= before + 2);
    assertThat(told.subList(before, told.size())).allMatch(JobDirective.Stop.class::isInstance);
  }

  @Test
  void R5_afterARestartItSaysAgainWhatNoLinkHasConfirmedAndJournalsNothing() {
    ask(Jobs.request());
    caller.receiveMessage(SOON);
    long before = journalled();
    restart();
    await().atMost(SOON).until(() -> !told.isEmpty());
    assertThat(told.get(0))
        .isInstanceOfSatisfying(
            JobDirective.Assign.class, assign -> assertThat(assign.again()).isTrue());
    assertThat(journalled()).isEqualTo(before);
  }

  @Test
  void R14_anOutcomeIsConfirmedOnlyWhenItIsInTheJournalAndTakenOnce() {
    ask(Jobs.request());
    caller.receiveMessage(SOON);
    var end = Jobs.end(Jobs.execution(1, 1), Jobs.SUCCESS);
    actors.journal.failNextPersisted(ID);
    job.tell(new JobEntity.FromLink(end, reconciler.getRef()));
    ask(new JobCommand.Cancel(Jobs.run(9), "to hear of the state"));
    assertThat(caller.receiveMessage(SOON).open()).hasSize(1);
    reconciler.expectNoMessage(Duration.ZERO);

    job.tell(new JobEntity.FromLink(end, reconciler.getRef()));
    assertThat(reconciler.receiveMessage(SOON).execution()).isEqualTo(Jobs.execution(1, 1));
    long before = journalled();
    job.tell(new JobEntity.FromLink(end, reconciler.getRef()));
    reconciler.receiveMessage(SOON);
    assertThat(journalled()).isEqualTo(before);
  }

  @Test
  void thousandsOfQuestionsThatWaitForOneWriteAreAllAnswered() {
    int many = 4_000;
    for (int i = 0; i <= many; i++) {
      ask(Jobs.request("r-1"));
    }
    for (int i = 0; i <= many; i++) {
      assertThat(caller.receiveMessage(SOON).runs()).hasSize(1);
    }
  }

  @Test
  void aJobThatIsNotDefinedTakesNothing() {
    var nobody = actors.kit.spawn(JobEntity.create(new JobName("nobody"), new World()));
    nobody.tell(new JobEntity.Ask(Jobs.request(), caller.getRef()));
    assertThat(caller.receiveMessage(SOON)).isEqualTo(JobState.EMPTY);
    assertThat(actors.journal.persistedInStorage("job|nobody")).isEmpty();
  }

  @Test
  void P1_aJobWhoseJournalWasCutAsksEachLinkAndTakesNoEndBeforeItIsAnswered() {
    String name = "cut";
    actors.journal.persistForRecovery(
        "job|" + name,
        List.of(
            new JobEvent.Defined(Jobs.onGroup(OnLost.ERROR), Jobs.NOW),
            new JournalCut(1L << 40, 1, 9, "the checksum does not match", Jobs.NOW)));
    var cut = actors.kit.spawn(JobEntity.create(new JobName(name), new World()));
    await().atMost(SOON).until(() -> asked.containsAll(List.of(Jobs.ONE, Jobs.TWO)));
    var end = Jobs.end(Jobs.execution(9, 1), Jobs.SUCCESS);
    cut.tell(new JobEntity.FromLink(end, reconciler.getRef()));
    cut.tell(new JobEntity.Ask(Jobs.request(), caller.getRef()));
    assertThat(caller.receiveMessage(SOON).runs()).isEmpty();
    reconciler.expectNoMessage(Duration.ZERO);

    var held =
        new JobCommand.Adopt(
            Jobs.execution(9, 1),
            Jobs.ONE,
            Optional.of(new FencingToken(9)),
            Optional.empty(),
            Optional.of(end));
    cut.tell(
        new JobEntity.Note(
            new JobCommand.LinkAnswered(Jobs.ONE, 9, new FencingToken(9), List.of(held))));
    cut.tell(
        new JobEntity.Note(
            new JobCommand.LinkAnswered(Jobs.TWO, 0, new FencingToken(0), List.of())));
    cut.tell(new JobEntity.FromLink(end, reconciler.getRef()));
    reconciler.receiveMessage(SOON);
    cut.tell(new JobEntity.Ask(Jobs.request(), caller.getRef()));
    JobState after = caller.receiveMessage(SOON);
    assertThat(after.runs()).hasSize(2);
    assertThat(after.run(Jobs.run(9)).orElseThrow().end()).isPresent();
  }

  private final List<AgentId> asked = new CopyOnWriteArrayList<>();

  private final class World implements JobEntity.Surroundings {
    @Override
    public Fleet fleet() {
      return Jobs.fleet(true, true);
    }

    @Override
    public void tell(JobDirective directive, ActorRef<AgentLink.Accepted> replyTo) {
      link.set(replyTo);
      told.add(directive);
    }

    @Override
    public void ask(AgentId agent, JobName of) {
      asked.add(agent);
    }

    @Override
    public void show(JobName name, JobState state, List<RunId> changed) {
      shownRuns.add(state.runs().size());
    }
  }
}
