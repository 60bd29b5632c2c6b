package io.holdfast.master.catalog;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorRef;
import io.holdfast.master.StoredActors;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A catalog that recovers from a snapshot is the one that recovers from all its events. */
class CatalogRecoveryTest {
  @TempDir Path directory;
  private StoredActors actors;
  private ActorRef<Catalog.Message> catalog;
  private final Map<String, JobDefinition> told = new ConcurrentHashMap<>();
  private final List<Set<String>> recovered = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    actors = new StoredActors(directory, 3);
    told.clear();
    recovered.clear();
    catalog = actors.kit.spawn(Catalog.create(this::tellJob, recovered::add));
    await().atMost(SOON).until(() -> !recovered.isEmpty());
  }

  @AfterEach
  void close() {
    actors.close();
  }

  private void tellJob(JobName name, JobEntity.Message message) {
    var ask = (JobEntity.Ask) message;
    JobDefinition job = ((JobCommand.Define) ask.command()).definition();
    told.put(name.value(), job);
    ask.replyTo().tell(JobState.EMPTY.evolve(new JobEvent.Defined(job, Instant.EPOCH)));
  }

  private static JobDefinition job(String name, String script) {
    return new JobDefinition(
        name,
        script,
        new Target.OneAgent("agent-1"),
        Collections.emptySortedMap(),
        Optional.of(Duration.ofMinutes(3)),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        OnLost.WAIT);
  }

  @Test
  void p5RecoveryFromASnapshotIsThatFromAllEvents() throws Exception {
    var caller = actors.kit.<Catalog.Answer>createTestProbe();
    for (int i = 0; i < 8; i++) {
      catalog.tell(
          new Catalog.Apply(
              List.of(job("job-" + i % 5, "v" + i)), Optional.empty(), caller.getRef()));
      caller.receiveMessage(SOON);
    }
    Map<String, JobDefinition> before = Map.copyOf(told);
    assertThat(StoredActors.snapshots(directory)).hasSize(2);
    actors.close();
    start();
    assertThat(recovered.get(0)).isEqualTo(before.keySet());
    await().atMost(SOON).until(() -> told.equals(before));
    StoredActors.forget(directory);
    actors.close();
    start();
    assertThat(recovered.get(0)).isEqualTo(before.keySet());
    await().atMost(SOON).until(() -> told.equals(before));
  }
}
