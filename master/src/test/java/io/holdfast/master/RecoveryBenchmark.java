package io.holdfast.master;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.persistence.AtomicWrite;
import akka.persistence.JournalProtocol;
import akka.persistence.Persistence;
import akka.persistence.PersistentRepr;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotProtocol;
import akka.testkit.javadsl.TestKit;
import com.typesafe.config.ConfigFactory;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.link.AgentLink;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How long a job of many events takes to recover, with a snapshot and without. Not a test: run its
 * main by hand, with the number of events (100,000 if none is given).
 */
final class RecoveryBenchmark {
  private static final JobName JOB = new JobName("grown");
  private static final String ID = "job|grown";
  private static final int ROUNDS = 5;

  private RecoveryBenchmark() {}

  public static void main(String[] args) throws Exception {
    int events = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    Path directory = Files.createTempDirectory("holdfast-recovery");
    try (StoredActors actors = new StoredActors(directory, 0)) {
      double[] without = new double[ROUNDS];
      double[] with = new double[ROUNDS];
      JobState behind = write(actors, events);
      for (int i = 0; i < ROUNDS; i++) {
        without[i] = recover(actors, events);
      }
      ask(
          actors,
          Persistence.get(actors.kit.system().classicSystem())
              .snapshotStoreFor("", ConfigFactory.empty()),
          new SnapshotProtocol.SaveSnapshot(
              new SnapshotMetadata(ID, events - 400, System.currentTimeMillis()), behind));
      for (int i = 0; i < ROUNDS; i++) {
        with[i] = recover(actors, events);
      }
      long bytes = Files.size(StoredActors.snapshots(directory).get(0));
      System.out.printf(
          "%d events: %.0f ms from all of them, %.0f ms from a snapshot of %d KiB and the last 400:"
              + " 1/%.0f%n",
          events, median(without), median(with), bytes >> 10, median(without) / median(with));
    }
  }

  private static double median(double[] values) {
    java.util.Arrays.sort(values);
    return values[values.length / 2];
  }

  /** Writes a history of runs; the state behind all but the last 400 events. */
  private static JobState write(StoredActors actors, int count) {
    JobState state = JobState.EMPTY;
    JobState behind = state;
    List<PersistentRepr> batch = new ArrayList<>();
    for (int n = 1; n <= count; n++) {
      JobEvent event = event(n);
      state = state.evolve(event);
      if (n == count - 400) {
        behind = state;
      }
      batch.add(PersistentRepr.apply(event, n, ID, "", false, null, "writer-1"));
      if (batch.size() == 500 || n == count) {
        var write = new AtomicWrite(CollectionConverters.asScala(List.copyOf(batch)).toList());
        Object done =
            ask(
                actors,
                Persistence.get(actors.kit.system().classicSystem())
                    .journalFor("", ConfigFactory.empty()),
                write);
        if (done instanceof JournalProtocol.WriteMessagesFailed failed) {
          throw new IllegalStateException(failed.cause());
        }
        batch.clear();
      }
    }
    return behind;
  }

  /** The n-th event of a job that is run again and again: four events a run, behind one. */
  private static JobEvent event(int n) {
    Instant at = Instant.EPOCH.plusSeconds(n);
    if (n == 1) {
      return new JobEvent.Defined(
          new JobDefinition(
              JOB.value(),
              "true",
              new Target.Group("all"),
              Collections.emptySortedMap(),
              Optional.empty(),
              Duration.ofSeconds(15),
              ConnectionLossPolicy.STOP_AFTER_LEASE,
              OnLost.ERROR),
          at);
    }
    long number = 1 + (n - 2) / 4;
    RunId run = new RunId(JOB, number);
    ExecutionId execution = run.execution(1);
    return switch ((n - 2) % 4) {
      case 0 -> new JobEvent.RunRequested(run, Collections.emptySortedMap(), Optional.empty(), at);
      case 1 ->
          new JobEvent.ExecutionBegun(
              execution, new AgentId("agent-1"), new FencingToken(number), at);
      case 2 ->
          new JobEvent.ExecutionEnded(
              execution, new Outcome.Exited(0), Optional.of(at), Optional.of(at), at);
      default -> new JobEvent.RunEnded(run, RunResult.SUCCEEDED, "exited 0", at);
    };
  }

  private static Object ask(StoredActors actors, akka.actor.ActorRef plugin, Object message) {
    TestKit probe = new TestKit(actors.kit.system().classicSystem());
    plugin.tell(
        message instanceof AtomicWrite write
            ? new JournalProtocol.WriteMessages(
                CollectionConverters.asScala(List.<akka.persistence.PersistentEnvelope>of(write))
                    .toList(),
                probe.getRef(),
                1)
            : message,
        probe.getRef());
    return probe.receiveOne(Duration.ofMinutes(5));
  }

  /** Milliseconds until the job has shown itself. */
  private static double recover(StoredActors actors, int events) throws Exception {
    CompletableFuture<JobState> shown = new CompletableFuture<>();
    long begun = System.nanoTime();
    ActorRef<JobEntity.Message> job = actors.kit.spawn(JobEntity.create(JOB, new World(shown)));
    JobState state = shown.get(10, TimeUnit.MINUTES);
    double millis = (System.nanoTime() - begun) / 1e6;
    if (state.newestRun() != 1 + (events - 2) / 4) {
      throw new IllegalStateException("recovered to run " + state.newestRun());
    }
    TestProbe<Object> probe = actors.kit.createTestProbe();
    actors.stop(job);
    probe.expectTerminated(job, Duration.ofMinutes(1));
    return millis;
  }

  private record World(CompletableFuture<JobState> shown) implements JobEntity.Surroundings {
    @Override
    public Fleet fleet() {
      return new Fleet(List.of(), Map.of());
    }

    @Override
    public void tell(JobDirective directive, ActorRef<AgentLink.Accepted> replyTo) {}

    @Override
    public void show(JobName job, JobState state, List<RunId> changed) {
      shown.complete(state);
    }
  }
}
