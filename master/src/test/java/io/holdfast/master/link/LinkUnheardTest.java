package io.holdfast.master.link;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.holdfast.master.MasterActors;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.UsedNumbers;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P5: that an agent was not heard is in the journal, and has no effect on anything else. */
class LinkUnheardTest {
  private static final AgentId AGENT = new AgentId("agent-1");
  private static final String ID = "agent|agent-1";

  private final MasterActors actors = new MasterActors();
  private final TestProbe<ReconcilerNote> link = actors.kit.createTestProbe();

  @AfterEach
  void close() {
    actors.close();
  }

  private ActorRef<Reconciler.Message> spawn() {
    return actors.kit.spawn(
        Reconciler.create(
            AGENT, Links.MASTER, Links.newLife(), Optional.empty(), link.getRef(), new World()));
  }

  @Test
  void p5ThatAnAgentWasNotHeardIsJournalledAndChangesNothing() {
    ActorRef<Reconciler.Message> reconciler = spawn();
    assertThat(link.receiveMessage(SOON))
        .isEqualTo(new ReconcilerNote.Recovered(new MasterEpoch(1)));
    actors.journal.expectNextPersistedClass(ID, LinkEvent.Activated.class);
    reconciler.tell(new Reconciler.Unheard(Optional.of(Links.NOW)));
    assertThat(actors.journal.expectNextPersistedClass(ID, LinkEvent.Unheard.class).lastHeard())
        .contains(Links.NOW);
    link.expectNoMessage();

    actors.kit.stop(reconciler);
    spawn();
    assertThat(link.receiveMessage(SOON))
        .as("it is recovered as without it")
        .isEqualTo(new ReconcilerNote.Recovered(new MasterEpoch(2)));
  }

  @Test
  void whatCannotBeNotedIsLeftOut() {
    ActorRef<Reconciler.Message> reconciler = spawn();
    link.receiveMessage(SOON);
    actors.journal.expectNextPersistedClass(ID, LinkEvent.Activated.class);
    actors.journal.failNextPersisted(ID);
    reconciler.tell(new Reconciler.Unheard(Optional.of(Links.NOW)));
    assertThat(link.receiveMessage(SOON))
        .as("it has read its journal again, and goes on")
        .isEqualTo(new ReconcilerNote.Recovered(new MasterEpoch(1)));
    TestProbe<AgentLink.Accepted> accepted = actors.kit.createTestProbe();
    reconciler.tell(new Reconciler.Assign(Links.spec(Links.A, 1), true, false, accepted.getRef()));
    accepted.receiveMessage(SOON);
    actors.journal.expectNextPersistedClass(ID, LinkEvent.Assigned.class);
  }

  private static final class World implements Reconciler.Surroundings {
    @Override
    public void tellJob(JobCommand fact, ExecutionId about, ActorRef<JobEntity.Taken> replyTo) {}

    @Override
    public void raiseNumbering(JobName job, UsedNumbers.Mark used) {}

    @Override
    public void show(
        AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {}

    @Override
    public void show(AgentId agent, LinkEvent.Reconciled report) {}
  }
}
