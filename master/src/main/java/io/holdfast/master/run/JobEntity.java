package io.holdfast.master.run;

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
import io.holdfast.master.link.AgentLink;
import io.holdfast.persistence.CutAdapter;
import io.holdfast.persistence.snapshot.SnapshotSettings;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One job: a thin shell around {@link RunRules}. It persists what they decide, then tells the
 * links, then answers.
 *
 * <p>Hard state: {@link JobState}, journalled as {@code job|<name>}. Soft state: which directives
 * no link has confirmed yet; they are repeated each {@link #REPEAT}. Also soft: progress that the
 * journal will take later (see {@link TaskCallRules}), at the latest before its execution ends.
 */
public final class JobEntity extends EventSourcedBehavior<JobEntity.Message, JobEvent, JobState> {
  /** How sharding knows jobs. */
  public static final EntityTypeKey<Message> TYPE = EntityTypeKey.create(Message.class, "Job");

  /** How the persistence id of a job begins. */
  public static final String PREFIX = "job|";

  private static final Duration REPEAT = Duration.ofSeconds(2);

  /** What a job is told. */
  public sealed interface Message extends MasterMessage {}

  /** Do this; answered with the state after it is durable. */
  public record Ask(JobCommand command, ActorRef<JobState> replyTo) implements Message {}

  /** The link knows how an execution ended, or what became of it later. */
  public record FromLink(JobCommand command, ActorRef<Taken> replyTo) implements Message {}

  /** A link knows something of the job that needs no answer: it is said again. */
  public record Note(JobCommand command) implements Message {}

  /** The job has it in its journal; {@code late}: also what came after the verdict. */
  public record Taken(ExecutionId execution, boolean late) implements MasterMessage {}

  /** The link has it in its journal. */
  public record LinkHas(ExecutionId execution, boolean stop) implements Message {}

  /** A task of this job asks something of its master; repeated until it is answered. */
  public record TaskCalled(TaskCall call, AgentId from, ActorRef<TaskAnswered> replyTo)
      implements Message {}

  /** The answer to a task's call; what it says is durable (R14). */
  public record TaskAnswered(MasterCommand.Answer answer) implements MasterMessage {}

  /** Come alive after a restart, and look whether something that waits can begin. */
  public record Wake() implements Message {}

  private record Repeat() implements Message {}

  /** What a job needs of its surroundings. */
  public interface Surroundings {
    /** The agents as they are known now. */
    Fleet fleet();

    /** Brings a directive to its link. */
    void tell(JobDirective directive, ActorRef<AgentLink.Accepted> replyTo);

    /** Asks the link of an agent what it holds of a job; it answers by a {@link Note}. */
    default void ask(AgentId agent, JobName job) {}

    /** The state is durable: show it. */
    void show(JobName job, JobState state, List<RunId> changed);

    /** What a task told is durable: show it. */
    default void told(JobEvent event) {}
  }

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final SnapshotSettings snapshots;
  private final JobName job;
  private final Surroundings surroundings;
  private final ActorRef<AgentLink.Accepted> accepted;
  private final Set<ExecutionId> assignConfirmed = new HashSet<>();
  private final Set<ExecutionId> stopConfirmed = new HashSet<>();
  private final Set<ExecutionId> begunHere = new HashSet<>();
  private final LaterProgress laterProgress = new LaterProgress();

  public static Behavior<Message> create(JobName job, Surroundings surroundings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(timers -> new JobEntity(context, timers, job, surroundings)));
  }

  private JobEntity(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      JobName job,
      Surroundings surroundings) {
    super(
        PersistenceId.ofUniqueId(PREFIX + job),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.context = context;
    this.timers = timers;
    this.snapshots = SnapshotSettings.of(context.getSystem().settings().config());
    this.job = job;
    this.surroundings = surroundings;
    this.accepted =
        context.messageAdapter(
            AgentLink.Accepted.class, has -> new LinkHas(has.execution(), has.stop()));
  }

  @Override
  public JobState emptyState() {
    return JobState.EMPTY;
  }

  @Override
  public EventAdapter<JobEvent, Object> eventAdapter() {
    return new CutAdapter<>(
        JobEvent.class, cut -> new JobEvent.JournalDamaged(cut.number(), cut.what(), cut.at()));
  }

  @Override
  public EventHandler<JobState, JobEvent> eventHandler() {
    return JobState::evolve;
  }

  @Override
  public boolean shouldSnapshot(JobState state, JobEvent event, long sequenceNr) {
    return snapshots.isDue(sequenceNr);
  }

  @Override
  public SignalHandler<JobState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(JobState state) {
    timers.startTimerWithFixedDelay("repeat", new Repeat(), REPEAT);
    if (state.definition().isPresent()) {
      surroundings.show(job, state, state.runs().values().stream().map(RunRecord::id).toList());
    }
    RunRules.outstanding(state).forEach(this::tell);
    state
        .cut()
        .ifPresent(
            cut ->
                context
                    .getLog()
                    .error(
                        "job {}: a part of its journal is lost ({}); it begins nothing before each"
                            + " agent was heard or is vouched for",
                        job,
                        cut.what()));
    ask(state);
  }

  private void ask(JobState state) {
    RunRules.toAsk(state, surroundings.fleet()).forEach(agent -> surroundings.ask(agent, job));
  }

  @Override
  public CommandHandler<Message, JobEvent, JobState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Ask.class, (state, ask) -> onAsk(state, ask))
        .onCommand(FromLink.class, (state, fact) -> onFact(state, fact))
        .onCommand(Note.class, (state, note) -> onNote(state, note))
        .onCommand(TaskCalled.class, this::onTaskCalled)
        .onCommand(LinkHas.class, (state, has) -> onLinkHas(has))
        .onCommand(Wake.class, (state, wake) -> proceed(state))
        .onCommand(Repeat.class, (state, repeat) -> onRepeat(state))
        .build();
  }

  private Effect<JobEvent, JobState> onAsk(JobState state, Ask ask) {
    boolean defines =
        ask.command() instanceof JobCommand.Define
            || ask.command() instanceof JobCommand.DefineUnlessKnown;
    if (!defines && state.definition().isEmpty()) {
      ask.replyTo().tell(state);
      return Effect().none();
    }
    var decision = decide(state, ask.command());
    return Effect()
        .persist(decision.events())
        .thenRun(
            (JobState after) -> {
              act(after, decision);
              ask.replyTo().tell(after);
            });
  }

  private Effect<JobEvent, JobState> onFact(JobState state, FromLink fact) {
    boolean isNews = fact.command() instanceof JobCommand.Adopt;
    if (!isNews && RunRules.isTooEarly(state, about(fact.command()))) {
      return Effect().none();
    }
    var decision = decide(state, fact.command());
    List<JobEvent> events = new ArrayList<>(laterProgress.takeLast(state, about(fact.command())));
    events.addAll(decision.events());
    return Effect()
        .persist(events)
        .thenRun(
            (JobState after) -> {
              act(after, new Decision<>(events, decision.directives()));
              taken(fact.command()).ifPresent(fact.replyTo()::tell);
            });
  }

  private Effect<JobEvent, JobState> onNote(JobState state, Note note) {
    var decision = decide(state, note.command());
    return Effect().persist(decision.events()).thenRun((JobState after) -> act(after, decision));
  }

  private Effect<JobEvent, JobState> onTaskCalled(JobState state, TaskCalled called) {
    TaskCall call = called.call();
    if (laterProgress.isOlder(call)) {
      return Effect().none();
    }
    var verdict = TaskCallRules.decide(state, call, called.from(), Instant.now());
    laterProgress.heard(call, verdict.later());
    return persist(
        verdict.events(),
        () ->
            called
                .replyTo()
                .tell(
                    new TaskAnswered(
                        new MasterCommand.Answer(call.execution(), call.id(), verdict.answer()))));
  }

  private Effect<JobEvent, JobState> persist(List<JobEvent> events, Runnable afterwards) {
    return Effect()
        .persist(events)
        .thenRun(
            (JobState after) -> {
              act(after, new Decision<>(events, List.of()));
              afterwards.run();
            });
  }

  private static ExecutionId about(JobCommand command) {
    if (command instanceof JobCommand.End end) {
      return end.execution();
    }
    if (command instanceof JobCommand.FoundAlive found) {
      return found.execution();
    }
    return command instanceof JobCommand.Adopt adopt
        ? adopt.execution()
        : ((JobCommand.Amend) command).execution();
  }

  private static Optional<Taken> taken(JobCommand command) {
    return RunRules.isTaken(command)
        ? Optional.of(new Taken(about(command), command.isLate()))
        : Optional.empty();
  }

  private Effect<JobEvent, JobState> proceed(JobState state) {
    if (state.definition().isEmpty()) {
      return Effect().none();
    }
    var decision = decide(state, new JobCommand.Proceed());
    return Effect().persist(decision.events()).thenRun((JobState after) -> act(after, decision));
  }

  private Effect<JobEvent, JobState> onRepeat(JobState state) {
    ask(state);
    if (state.cut().isPresent()) {
      return proceed(state);
    }
    if (state.open().isEmpty()) {
      return Effect().none();
    }
    RunRules.outstanding(state).stream()
        .filter(directive -> !confirmed(directive))
        .forEach(this::tell);
    if (RunRules.waitsForAgent(state)) {
      return proceed(state);
    }
    List<JobEvent> due = laterProgress.takeDue(state, Instant.now());
    return due.isEmpty() ? Effect().none() : persist(due, () -> {});
  }

  private Effect<JobEvent, JobState> onLinkHas(LinkHas has) {
    (has.stop() ? stopConfirmed : assignConfirmed).add(has.execution());
    return Effect().none();
  }

  private Decision<JobEvent, JobDirective> decide(JobState state, JobCommand command) {
    return RunRules.decide(state, command, surroundings.fleet(), Instant.now());
  }

  private void act(JobState after, Decision<JobEvent, JobDirective> decision) {
    for (JobEvent event : decision.events()) {
      if (event instanceof JobEvent.ExecutionBegun begun) {
        begunHere.add(begun.execution());
      }
    }
    decision.directives().forEach(this::tell);
    if (decision.events().isEmpty()) {
      return;
    }
    surroundings.show(
        job,
        after,
        decision.events().stream().flatMap(e -> ChangedRun.of(e).stream()).distinct().toList());
    for (JobEvent event : decision.events()) {
      surroundings.told(event);
      if (event instanceof JobEvent.ExecutionEnded ended) {
        assignConfirmed.remove(ended.execution());
        stopConfirmed.remove(ended.execution());
        begunHere.remove(ended.execution());
      }
    }
  }

  private void tell(JobDirective directive) {
    context.getLog().debug("{} to {}", directive, directive.agent());
    boolean isOfBefore =
        directive instanceof JobDirective.Assign && !begunHere.contains(directive.execution());
    surroundings.tell(
        isOfBefore ? ((JobDirective.Assign) directive).ofBefore() : directive, accepted);
  }

  private boolean confirmed(JobDirective directive) {
    return directive instanceof JobDirective.Stop
        ? stopConfirmed.contains(directive.execution())
        : assignConfirmed.contains(directive.execution());
  }
}
