package io.holdfast.master.link;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.holdfast.master.StoredActors;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.wire.Couple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link that recovers from a snapshot is the one that recovers from all its events. */
class LinkRecoveryTest {
  private static final AgentId AGENT = new AgentId("agent-1");

  @TempDir Path directory;
  private StoredActors actors;
  private ActorRef<Reconciler.Message> reconciler;
  private final List<LinkState> shown = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    actors = new StoredActors(directory, 4);
    shown.clear();
    TestProbe<ReconcilerNote> link = actors.kit.createTestProbe();
    reconciler =
        actors.kit.spawn(
            Reconciler.create(
                AGENT,
                Links.MASTER,
                Links.newLife(),
                Optional.empty(),
                link.getRef(),
                new World()));
    link.receiveMessage(SOON);
  }

  @AfterEach
  void close() {
    actors.close();
  }

  private LinkState restart() {
    actors.close();
    start();
    return shown.get(0);
  }

  private void assign(int job) {
    TestProbe<AgentLink.Accepted> accepted = actors.kit.createTestProbe();
    ExecutionId id = ExecutionId.parse("job-" + job + "#1.1");
    reconciler.tell(new Reconciler.Assign(Links.spec(id, job), true, false, accepted.getRef()));
    accepted.receiveMessage(SOON);
  }

  @Test
  void p5RecoveryFromASnapshotIsThatFromAllEvents() throws Exception {
    for (int job = 1; job <= 6; job++) {
      assign(job);
    }
    reconciler.tell(
        new Reconciler.Coupled(
            new Couple.Response(
                AGENT,
                Links.AGENT,
                new Incarnation("i-1"),
                new SessionId("s-1"),
                Duration.ZERO,
                16,
                List.of(
                    Links.item(ExecutionId.parse("other#1.1"), TaskPhase.RUNNING),
                    Links.item(ExecutionId.parse("theirs#1.1"), TaskPhase.RUNNING, Links.FORMER)),
                Optional.empty())));
    await()
        .atMost(SOON)
        .until(
            () ->
                shown.get(shown.size() - 1).executions().values().stream()
                    .allMatch(e -> e.phase() != ExecutionPhase.QUEUED));
    LinkState before = shown.get(shown.size() - 1);
    assertThat(StoredActors.snapshots(directory)).isNotEmpty();
    LinkState fromSnapshot = restart();
    assertThat(fromSnapshot).isEqualTo(before);
    assertThat(fromSnapshot.executions().keySet())
        .as("in the order in which they were assigned")
        .containsExactlyElementsOf(before.executions().keySet());
    StoredActors.forget(directory);
    LinkState fromEvents = restart();
    // Each life of this side takes an epoch of its own.
    assertThat(fromEvents.epoch()).isEqualTo(fromSnapshot.epoch().next());
    assertThat(fromEvents.executions()).isEqualTo(before.executions());
    assertThat(fromEvents.reports()).isEqualTo(before.reports()).isNotEmpty();
  }

  private final class World implements Reconciler.Surroundings {
    @Override
    public void tellJob(JobCommand fact, ExecutionId about, ActorRef<JobEntity.Taken> replyTo) {}

    @Override
    public void raiseNumbering(JobName job, UsedNumbers.Mark used) {}

    @Override
    public void show(
        AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
      shown.add(state);
    }

    @Override
    public void show(AgentId agent, LinkEvent.Reconciled report) {}
  }
}
