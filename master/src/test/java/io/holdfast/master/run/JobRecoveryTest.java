package io.holdfast.master.run;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Adapter;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.StoredActors;
import io.holdfast.master.config.MasterConfig;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.log.LogStore;
import io.holdfast.master.view.EventFeed;
import io.holdfast.master.view.ReadModel;
import io.holdfast.persistence.JournalRepair;
import io.holdfast.persistence.snapshot.SnapshotDeletion;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.testing.journal.DamagedLog;
import io.holdfast.testing.journal.LargeCommit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that recovers from a snapshot is the one that recovers from all its events. */
class JobRecoveryTest {
  private static final String ID = "job|" + Jobs.JOB;
  private static final int EVERY = 5;

  @TempDir Path directory;
  private StoredActors actors;
  private ActorRef<JobEntity.Message> job;
  private TestProbe<JobState> caller;
  private ReadModel model;
  private long handedOver;
  private final List<JobDirective> told = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    start(EVERY);
  }

  private void start(int every) {
    actors = new StoredActors(directory, every);
    told.clear();
    model =
        new ReadModel(
            MasterConfig.of(
                ConfigFactory.parseString(
                        "holdfast.master.agents = [{ id = agent-1, url = \"http://127.0.0.1:1\" }]")
                    .withFallback(ConfigFactory.load())),
            new LogStore(directory.resolve("logs")),
            new EventFeed());
    caller = actors.kit.createTestProbe();
    job = actors.kit.spawn(JobEntity.create(new JobName(Jobs.JOB), new World()));
  }

  @AfterEach
  void close() {
    actors.close();
  }

  private JobState tell(JobCommand command) {
    job.tell(new JobEntity.Ask(command, caller.getRef()));
    return caller.receiveMessage(SOON);
  }

  private JobState state() {
    return tell(new JobCommand.Cancel(Jobs.run(999), "no such run: asks for the state"));
  }

  private JobState restart() {
    actors.close();
    start(EVERY);
    return state();
  }

  private void end(long run) {
    TestProbe<JobEntity.Taken> link = actors.kit.createTestProbe();
    job.tell(new JobEntity.FromLink(Jobs.end(Jobs.execution(run, 1), Jobs.SUCCESS), link.getRef()));
    link.receiveMessage(SOON);
  }

  /** Runs that have ended, one that is open, one that waits. */
  private JobState lived() {
    tell(new JobCommand.Define(Jobs.onGroup(OnLost.ERROR)));
    for (int run = 1; run <= 6; run++) {
      tell(Jobs.request("r-" + run));
      handOver();
      end(run);
      handOver();
    }
    tell(Jobs.request());
    handOver();
    tell(Jobs.request("r-8"));
    handOver();
    // Behind it is one more, so that it is not made again from what lies beside LevelDB.
    tell(Jobs.request("r-9"));
    return state();
  }

  /** LevelDB gets what was written so far by itself. */
  private void handOver() {
    JobDefinition large =
        Jobs.job(new Target.Group("all"), OnLost.ERROR, "true " + "x".repeat(5000));
    LargeCommit.write(
        Adapter.toClassic(actors.kit.system()),
        "job|other",
        ++handedOver,
        new JobEvent.Defined(large, Jobs.NOW));
  }

  @Test
  void p5RecoveryFromASnapshotIsThatFromAllEvents() throws Exception {
    JobState before = lived();
    assertThat(StoredActors.snapshots(directory)).hasSize(2);
    List<RunRecord> shown = model.runs();
    assertThat(restart()).isEqualTo(before);
    assertThat(model.runs()).isEqualTo(shown).hasSize(9);
    List<JobDirective> toldFromSnapshot = List.copyOf(told);
    StoredActors.forget(directory);
    assertThat(restart()).isEqualTo(before);
    assertThat(model.runs()).isEqualTo(shown);
    assertThat(List.copyOf(told)).isEqualTo(toldFromSnapshot).isNotEmpty();

    // And it goes on in the same way.
    end(7);
    assertThat(state().run(Jobs.run(8)).orElseThrow().openExecution()).isPresent();
  }

  @Test
  void onlyTheEventsBehindTheSnapshotAreRead() throws Exception {
    JobState before = lived();
    OptionalLong deleted =
        new SnapshotDeletion(actors.kit.system())
            .delete(ID)
            .toCompletableFuture()
            .get(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(deleted.orElseThrow()).isGreaterThan(EVERY);
    // What is not there is not read, and yet nothing is missing.
    assertThat(restart()).isEqualTo(before);
  }

  @Test
  void p1ASnapshotOfALostTailDoesNotForgetAnOpenExecution() throws Exception {
    tell(new JobCommand.Define(Jobs.onGroup(OnLost.ERROR)));
    tell(Jobs.request());
    JobState open = state();
    actors.close();
    StoredActors.copy(directory.resolve("journal"), directory.resolve("copy"));
    start(EVERY);
    end(1);
    for (int run = 2; run <= 4; run++) {
      tell(Jobs.request());
      end(run);
    }
    assertThat(StoredActors.snapshots(directory)).isNotEmpty();
    actors.close();
    StoredActors.copy(directory.resolve("copy"), directory.resolve("journal"));
    start(EVERY);

    assertThat(state()).isEqualTo(open);
    JobState asked = tell(Jobs.request());
    assertThat(asked.open()).hasSize(2);
    assertThat(asked.run(Jobs.run(2)).orElseThrow().executions())
        .as("the first may still be alive")
        .isEmpty();
  }

  private JobState repaired(String damaged) {
    actors.close();
    DamagedLog.behind(directory.resolve("journal"), damaged);
    assertThat(JournalRepair.of(directory).cuts())
        .extracting(JournalRepair.Cut::persistenceId)
        .contains(ID);
    start(EVERY);
    return state();
  }

  @Test
  void p5ASnapshotFromBeforeACutIsUsedAndTheCutComesBehindIt() throws Exception {
    JobState before = lived();
    JobState cut = repaired("\"r-8\"");
    assertThat(cut.cut()).isPresent();
    assertThat(cut.runs().keySet()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(cut.newestRun()).isGreaterThan(before.newestRun());
    assertThat(cut.runs().headMap(7L)).isEqualTo(before.runs().headMap(7L));
    StoredActors.forget(directory);
    assertThat(restart()).isEqualTo(cut);
  }

  @Test
  void p1ASnapshotOfEventsThatARepairDidNotKeepIsNotUsed() {
    lived();
    JobState cut = repaired("\"r-3\"");
    assertThat(cut.cut()).isPresent();
    assertThat(cut.runs().keySet()).containsExactly(1L, 2L);
    JobState asked = tell(Jobs.request());
    assertThat(asked.runs()).as("no run before each link was heard").isEqualTo(cut.runs());
    assertThat(told).isEmpty();
  }

  private final class World implements JobEntity.Surroundings {
    @Override
    public Fleet fleet() {
      return Jobs.fleet(true, true);
    }

    @Override
    public void tell(JobDirective directive, ActorRef<AgentLink.Accepted> replyTo) {
      told.add(directive);
      replyTo.tell(
          new AgentLink.Accepted(directive.execution(), directive instanceof JobDirective.Stop));
    }

    @Override
    public void show(JobName name, JobState state, List<RunId> changed) {
      model.show(name, state, new ArrayList<>(changed));
    }
  }
}
