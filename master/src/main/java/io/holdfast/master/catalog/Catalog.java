package io.holdfast.master.catalog;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.holdfast.master.MasterMessage;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.master.run.JobState;
import io.holdfast.persistence.snapshot.SnapshotSettings;
import io.holdfast.protocol.id.JobName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Which jobs there are, as applied: a job file takes effect as one event, whole or not at all, and
 * then each job is told its definition until it has it. After a restart it wakes all jobs.
 *
 * <p>Hard state: the definitions, journalled as {@code catalog}. Soft state: which jobs have not
 * confirmed theirs, and who waits for that.
 */
public final class Catalog
    extends EventSourcedBehavior<Catalog.Message, CatalogEvent, CatalogState> {
  /** How sharding knows the catalog; its only entity is {@link #ONLY}. */
  public static final EntityTypeKey<Message> TYPE = EntityTypeKey.create(Message.class, "Catalog");

  /** The id of the only entity. */
  public static final String ONLY = "jobs";

  /** Jobs of one master; a file that would lead beyond it is refused. */
  public static final int MOST_JOBS = 10_000;

  /** Job files that wait until their jobs have confirmed; one more is refused. */
  static final int MOST_PENDING = 1_000;

  private static final Duration REPEAT = Duration.ofSeconds(2);

  /** What the catalog is told. */
  public sealed interface Message extends MasterMessage {}

  /** Apply these, all or none. */
  public record Apply(List<JobDefinition> jobs, ActorRef<Answer> replyTo) implements Message {}

  /** Come alive after a restart. */
  public record Wake() implements Message {}

  private record Defined(JobState state) implements Message {}

  private record Repeat() implements Message {}

  /** What came of it: for each job created, updated or unchanged; or why nothing was applied. */
  public record Answer(Map<String, String> changes, Optional<String> refused)
      implements MasterMessage {}

  private static final class Pending {
    final Apply apply;
    final Map<String, String> changes;

    Pending(Apply apply, Map<String, String> changes) {
      this.apply = apply;
      this.changes = changes;
    }
  }

  private final TimerScheduler<Message> timers;
  private final SnapshotSettings snapshots;
  private final BiConsumer<JobName, JobEntity.Message> tellJob;
  private final Consumer<Set<String>> recovered;
  private final ActorRef<JobState> defined;
  private final Map<String, JobDefinition> unconfirmed = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();

  /**
   * @param recovered told after a restart which jobs there are
   */
  public static Behavior<Message> create(
      BiConsumer<JobName, JobEntity.Message> tellJob, Consumer<Set<String>> recovered) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new Catalog(context, timers, tellJob, recovered)));
  }

  private Catalog(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      BiConsumer<JobName, JobEntity.Message> tellJob,
      Consumer<Set<String>> recovered) {
    super(
        PersistenceId.ofUniqueId("catalog"),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.timers = timers;
    this.snapshots = SnapshotSettings.of(context.getSystem().settings().config());
    this.tellJob = tellJob;
    this.recovered = recovered;
    this.defined = context.messageAdapter(JobState.class, Defined::new);
  }

  @Override
  public CatalogState emptyState() {
    return CatalogState.EMPTY;
  }

  @Override
  public EventHandler<CatalogState, CatalogEvent> eventHandler() {
    return CatalogState::evolve;
  }

  @Override
  public boolean shouldSnapshot(CatalogState state, CatalogEvent event, long sequenceNr) {
    return snapshots.isDue(sequenceNr);
  }

  @Override
  public SignalHandler<CatalogState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.instance(),
            state -> {
              timers.startTimerWithFixedDelay("repeat", new Repeat(), REPEAT);
              unconfirmed.putAll(state.jobs());
              recovered.accept(state.jobs().keySet());
              tellUnconfirmed();
            })
        .build();
  }

  @Override
  public CommandHandler<Message, CatalogEvent, CatalogState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Apply.class, this::onApply)
        .onCommand(Defined.class, (state, answer) -> onDefined(answer.state()))
        .onCommand(Wake.class, (state, wake) -> Effect().none())
        .onCommand(
            Repeat.class,
            (state, repeat) -> {
              tellUnconfirmed();
              return Effect().none();
            })
        .build();
  }

  private Effect<CatalogEvent, CatalogState> onApply(CatalogState state, Apply apply) {
    if (pending.size() >= MOST_PENDING) {
      return refuse(apply, MOST_PENDING + " job files wait to take effect already");
    }
    Map<String, String> changes = new TreeMap<>();
    List<JobDefinition> news = new ArrayList<>();
    for (JobDefinition job : apply.jobs()) {
      JobDefinition before = state.jobs().get(job.name());
      boolean same = job.equals(before);
      changes.put(job.name(), same ? "unchanged" : before == null ? "created" : "updated");
      if (!same) {
        news.add(job);
      }
    }
    long created = changes.values().stream().filter("created"::equals).count();
    if (state.jobs().size() + created > MOST_JOBS) {
      return refuse(apply, "there would be more than " + MOST_JOBS + " jobs");
    }
    return Effect()
        .persist(
            news.isEmpty() ? List.of() : List.of(new CatalogEvent.JobsApplied(news, Instant.now())))
        .thenRun(
            after -> {
              news.forEach(job -> unconfirmed.put(job.name(), job));
              pending.add(new Pending(apply, changes));
              tellUnconfirmed();
              answerPending();
            });
  }

  private Effect<CatalogEvent, CatalogState> refuse(Apply apply, String why) {
    apply.replyTo().tell(new Answer(Map.of(), Optional.of(why)));
    return Effect().none();
  }

  private void tellUnconfirmed() {
    unconfirmed
        .values()
        .forEach(
            job ->
                tellJob.accept(
                    new JobName(job.name()),
                    new JobEntity.Ask(new JobCommand.Define(job), defined)));
  }

  private Effect<CatalogEvent, CatalogState> onDefined(JobState state) {
    state.definition().ifPresent(job -> unconfirmed.remove(job.name(), job));
    answerPending();
    return Effect().none();
  }

  private void answerPending() {
    pending.removeIf(
        waiting -> {
          boolean all =
              waiting.apply.jobs().stream()
                  .noneMatch(job -> job.equals(unconfirmed.get(job.name())));
          if (all) {
            waiting.apply.replyTo().tell(new Answer(waiting.changes, Optional.empty()));
          }
          return all;
        });
  }
}
