package io.holdfast.master.catalog;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.persistence.typed.EventAdapter;
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
import io.holdfast.persistence.CutAdapter;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

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

  /** How often a job is asked how it is defined, after a part of the catalog's journal was lost. */
  private static final int MOST_ASKS = 30;

  private static final Duration REPEAT = Duration.ofSeconds(2);

  /** What the catalog is told. */
  public sealed interface Message extends MasterMessage {}

  /**
   * Apply these, all or none.
   *
   * @param by who asks for it, if he says so
   */
  public record Apply(List<JobDefinition> jobs, Optional<String> by, ActorRef<Answer> replyTo)
      implements Message {
    public Apply {
      by = by == null ? Optional.empty() : by;
    }
  }

  /** Come alive after a restart. */
  public record Wake() implements Message {}

  private record Defined(JobState state) implements Message {}

  private record Repeat() implements Message {}

  private record JobsFound(List<String> names) implements Message {}

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

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final SnapshotSettings snapshots;
  private final Supplier<CompletionStage<List<String>>> journalled;
  private final BiConsumer<JobName, JobEntity.Message> tellJob;
  private final Consumer<Set<String>> recovered;
  private final ActorRef<JobState> defined;
  private final Map<String, JobDefinition> unconfirmed = new HashMap<>();
  private final Map<String, JobCommand> asked = new HashMap<>();
  private int asksLeft = MOST_ASKS;
  private final List<Pending> pending = new ArrayList<>();

  /**
   * @param recovered told after a restart which jobs there are
   */
  public static Behavior<Message> create(
      BiConsumer<JobName, JobEntity.Message> tellJob, Consumer<Set<String>> recovered) {
    return create(tellJob, recovered, () -> CompletableFuture.completedFuture(List.of()));
  }

  /**
   * The same.
   *
   * @param journalled the names of the jobs that have a journal; asked when a part of the catalog's
   *     own is lost
   */
  public static Behavior<Message> create(
      BiConsumer<JobName, JobEntity.Message> tellJob,
      Consumer<Set<String>> recovered,
      Supplier<CompletionStage<List<String>>> journalled) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Catalog(context, timers, tellJob, recovered, journalled)));
  }

  private Catalog(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      BiConsumer<JobName, JobEntity.Message> tellJob,
      Consumer<Set<String>> recovered,
      Supplier<CompletionStage<List<String>>> journalled) {
    super(
        PersistenceId.ofUniqueId("catalog"),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.context = context;
    this.timers = timers;
    this.snapshots = SnapshotSettings.of(context.getSystem().settings().config());
    this.journalled = journalled;
    this.tellJob = tellJob;
    this.recovered = recovered;
    this.defined = context.messageAdapter(JobState.class, Defined::new);
  }

  @Override
  public CatalogState emptyState() {
    return CatalogState.EMPTY;
  }

  @Override
  public EventAdapter<CatalogEvent, Object> eventAdapter() {
    return new CutAdapter<>(
        CatalogEvent.class, cut -> new CatalogEvent.JournalDamaged(cut.what(), cut.at()));
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
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(CatalogState state) {
    timers.startTimerWithFixedDelay("repeat", new Repeat(), REPEAT);
    state
        .jobs()
        .forEach(
            (name, job) -> {
              if (state.isUnsure(name)) {
                asked.put(name, new JobCommand.DefineUnlessKnown(job));
              } else {
                unconfirmed.put(name, job);
              }
            });
    recovered.accept(state.jobs().keySet());
    tellUnconfirmed();
    state
        .damage()
        .ifPresent(
            what -> {
              context
                  .getLog()
                  .error(
                      "a part of the catalog's journal is lost ({}); {} job(s) are asked how they"
                          + " are defined",
                      what,
                      asked.size());
              context.pipeToSelf(
                  journalled.get(),
                  (names, failure) -> new JobsFound(failure == null ? names : List.of()));
            });
  }

  /** Jobs that have a journal, and were applied in the lost part. */
  private Effect<CatalogEvent, CatalogState> onJobsFound(CatalogState state, JobsFound found) {
    found.names().stream()
        .filter(name -> !state.jobs().containsKey(name))
        .limit(MOST_JOBS)
        .forEach(name -> asked.put(name, new JobCommand.Proceed()));
    asksLeft = MOST_ASKS;
    tellUnconfirmed();
    return Effect().none();
  }

  @Override
  public CommandHandler<Message, CatalogEvent, CatalogState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Apply.class, this::onApply)
        .onCommand(Defined.class, (state, answer) -> onDefined(state, answer.state()))
        .onCommand(JobsFound.class, this::onJobsFound)
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
            news.isEmpty()
                ? List.of()
                : List.of(new CatalogEvent.JobsApplied(news, apply.by(), Instant.now())))
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
    // One of which nothing is known by now either never answers by its name.
    if (asksLeft-- > 0) {
      asked.forEach(
          (name, question) ->
              tellJob.accept(new JobName(name), new JobEntity.Ask(question, defined)));
    }
  }

  private Effect<CatalogEvent, CatalogState> onDefined(CatalogState state, JobState answer) {
    Optional<JobDefinition> definition = answer.definition();
    definition.ifPresent(job -> unconfirmed.remove(job.name(), job));
    answerPending();
    boolean isNews =
        definition
            .filter(job -> asked.remove(job.name()) != null && state.isUnsure(job.name()))
            .filter(job -> !job.equals(state.jobs().get(job.name())))
            .isPresent();
    return isNews
        ? Effect()
            .persist(new CatalogEvent.JobsApplied(List.of(definition.orElseThrow()), Instant.now()))
        : Effect().none();
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
