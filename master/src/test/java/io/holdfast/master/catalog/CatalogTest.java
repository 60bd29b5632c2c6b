package io.holdfast.master.catalog;

import static io.holdfast.master.MasterActors.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.holdfast.master.MasterActors;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.persistence.JournalCut;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Job files take effect whole or not at all, and each job is told until it has its definition. */
class CatalogTest {
  private record Told(JobDefinition job, ActorRef<JobState> replyTo) {}

  private final MasterActors actors = new MasterActors();
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final List<Set<String>> recovered = new CopyOnWriteArrayList<>();
  private final TestProbe<Catalog.Answer> caller = actors.kit.createTestProbe();
  private ActorRef<Catalog.Message> catalog;

  @BeforeEach
  void spawn() {
    catalog = actors.kit.spawn(Catalog.create(this::tellJob, recovered::add));
  }

  @AfterEach
  void stop() {
    actors.close();
  }

  private void tellJob(JobName name, JobEntity.Message message) {
    var ask = (JobEntity.Ask) message;
    if (!(ask.command() instanceof JobCommand.Define)) {
      known.answer(name, ask);
      return;
    }
    told.add(new Told(((JobCommand.Define) ask.command()).definition(), ask.replyTo()));
  }

  private interface Known {
    void answer(JobName name, JobEntity.Ask ask);
  }

  private Known known = (name, ask) -> {};

  @Test
  void ofALostPartTheJobsThemselvesTellHowTheyAreDefined() {
    actors.kit.stop(catalog);
    actors.journal.persistForRecovery(
        "catalog",
        List.of(
            new CatalogEvent.JobsApplied(
                List.of(job("old", "1"), job("same", "1"), job("mute", "1")), Instant.EPOCH),
            new JournalCut(1L << 40, 1, 9, "the checksum does not match", Instant.EPOCH)));
    known =
        (name, ask) -> {
          JobState answer =
              switch (name.value()) {
                case "old", "unlisted" -> defined(job(name.value(), "2"));
                case "same" -> defined(job("same", "1"));
                // It has lost its own, and takes what it is told.
                case "mute" -> defined(((JobCommand.DefineUnlessKnown) ask.command()).definition());
                default -> JobState.EMPTY;
              };
          ask.replyTo().tell(answer);
        };
    catalog =
        actors.kit.spawn(
            Catalog.create(
                this::tellJob,
                recovered::add,
                () ->
                    java.util.concurrent.CompletableFuture.completedFuture(
                        List.of("old", "unlisted", "gone"))));
    await().atMost(SOON).until(() -> actors.journal.persistedInStorage("catalog").size() == 4);
    assertThat(actors.journal.persistedInStorage("catalog").toString())
        .contains("name=old, run=2")
        .contains("name=unlisted, run=2");
    assertThat(told).as("no job is defined as it once was").isEmpty();

    apply(job("old", "3"));
    confirm("old");
    assertThat(caller.receiveMessage(SOON).changes()).containsEntry("old", "updated");
    // What was applied since is certain: it is told again, and the job is not asked.
    actors.kit.stop(catalog);
    told.clear();
    spawn();
    await().atMost(SOON).until(() -> told.stream().anyMatch(t -> t.job().run().equals("3")));
  }

  private static JobState defined(JobDefinition job) {
    return JobState.EMPTY.evolve(new JobEvent.Defined(job, Instant.EPOCH));
  }

  private static JobDefinition job(String name, String script) {
    return new JobDefinition(
        name,
        script,
        new Target.Group("all"),
        Collections.emptySortedMap(),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        OnLost.ERROR);
  }

  private void apply(JobDefinition... jobs) {
    catalog.tell(new Catalog.Apply(List.of(jobs), Optional.empty(), caller.getRef()));
  }

  @Test
  void whoAppliedAFileIsInTheJournal() {
    catalog.tell(new Catalog.Apply(List.of(job("a", "1")), Optional.of("ann"), caller.getRef()));
    await().atMost(SOON).until(() -> actors.journal.persistedInStorage("catalog").size() == 1);
    assertThat(actors.journal.persistedInStorage("catalog"))
        .first()
        .isInstanceOfSatisfying(
            CatalogEvent.JobsApplied.class, applied -> assertThat(applied.by()).contains("ann"));
  }

  /** Each job that was told answers that it has what it was told. */
  private void confirm(String name) {
    await().atMost(SOON).until(() -> told.stream().anyMatch(t -> t.job().name().equals(name)));
    told.stream()
        .filter(t -> t.job().name().equals(name))
        .forEach(
            t ->
                t.replyTo()
                    .tell(JobState.EMPTY.evolve(new JobEvent.Defined(t.job(), Instant.EPOCH))));
  }

  @Test
  void theCallerIsAnsweredWhenAllJobsOfTheFileHaveTheirDefinition() {
    apply(job("a", "true"), job("b", "true"));
    confirm("a");
    // It is told again and again; nobody is answered on the word of one.
    await()
        .atMost(SOON)
        .until(() -> told.stream().filter(t -> t.job().name().equals("b")).count() > 1);
    caller.expectNoMessage(Duration.ZERO);
    confirm("b");
    assertThat(caller.receiveMessage(SOON).changes())
        .containsEntry("a", "created")
        .containsEntry("b", "created");

    apply(job("a", "false"), job("b", "true"));
    await()
        .atMost(SOON)
        .until(() -> told.stream().anyMatch(t -> t.job().equals(job("a", "false"))));
    confirm("a");
    assertThat(caller.receiveMessage(SOON).changes())
        .containsEntry("a", "updated")
        .containsEntry("b", "unchanged");
  }

  @Test
  void R14_nobodyIsToldOfAFileThatIsNotInTheJournal() {
    actors.journal.failNextPersisted("catalog");
    apply(job("a", "true"));
    apply(job("b", "true"));
    confirm("b");
    assertThat(caller.receiveMessage(SOON).changes()).containsOnlyKeys("b");
    assertThat(told).noneMatch(t -> t.job().name().equals("a"));
  }

  @Test
  void afterARestartEachJobIsToldAgain() {
    apply(job("a", "true"));
    confirm("a");
    caller.receiveMessage(SOON);
    actors.kit.stop(catalog);
    told.clear();
    spawn();
    await().atMost(SOON).until(() -> !told.isEmpty());
    assertThat(told.get(0).job()).isEqualTo(job("a", "true"));
    assertThat(recovered).last().isEqualTo(Set.of("a"));
  }

  @Test
  void aFileThatLeadsBeyondTheBoundIsRefusedWhole() {
    apply(
        IntStream.rangeClosed(0, Catalog.MOST_JOBS)
            .mapToObj(i -> job("j" + i, "true"))
            .toArray(JobDefinition[]::new));
    Catalog.Answer answer = caller.receiveMessage(SOON);
    assertThat(answer.refused()).hasValueSatisfying(why -> assertThat(why).contains("10000"));
    assertThat(actors.journal.persistedInStorage("catalog")).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void onlySoManyFilesWaitAndOneMoreIsRefused() {
    for (int i = 0; i <= Catalog.MOST_PENDING; i++) {
      apply(job("a", "true"));
    }
    assertThat(caller.receiveMessage(SOON).refused())
        .hasValueSatisfying(why -> assertThat(why).contains("1000"));
    confirm("a");
    for (int i = 0; i < Catalog.MOST_PENDING; i++) {
      assertThat(caller.receiveMessage(SOON).refused()).isEmpty();
    }
  }
}
