package io.holdfast.agent.task;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.EventAdapter;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.holdfast.persistence.CutAdapter;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskDirective;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One task: a thin shell around {@link TaskRules}. It persists what they decide, then performs the
 * directives on the {@link TaskEdge}, then answers. Replaying performs nothing; after a recovery
 * the outstanding directives are computed from the state.
 *
 * <p>Hard state: {@link TaskState}, journalled as {@code task|<masterId>|<executionId>}. Soft
 * state: timers, and whether the edge is watching the process.
 */
public final class TaskActor extends EventSourcedBehavior<TaskActor.Message, TaskEvent, TaskState> {
  /** How a persistence id of a task begins. */
  public static final String PREFIX = "task|";

  /** What a task actor is told. */
  public sealed interface Message {}

  /** An order of the master, or of the lease; answered once its events are durable. */
  public record Perform(TaskCommand command, long correlation, ActorRef<Performed> replyTo)
      implements Message {}

  /** The answer to {@link Perform}, with its correlation. */
  public record Performed(ExecutionId execution, TaskState state, long correlation) {}

  private record Forbidden(Perform perform) implements Message {}

  private record Fact(TaskCommand command) implements Message {}

  /** The process ended, as far as who waits for it can see. */
  private record Watched(TaskCommand.ProcessEnded end) implements Message {}

  private record Adopted(TaskEdge.Adoption adoption) implements Message {}

  private record EdgeFailed(String doing, Throwable cause) implements Message {}

  private record Deleted() implements Message {}

  private record Supervise() implements Message {}

  private record TimedOut() implements Message {}

  /**
   * What a task tells its session after each change, and once after its recovery.
   *
   * @param events the new ones; the last has the number {@code state.version()}
   */
  public record News(ExecutionId execution, TaskState state, List<TaskEvent> events) {}

  /** What all tasks of one master share. */
  public record Setting(
      MasterId master,
      TaskEdge edge,
      ActorRef<News> session,
      Duration supervisePeriod,
      Duration retryDelay) {}

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final ExecutionId execution;
  private final Setting setting;
  private boolean watching;

  /** The persistence id of a task. */
  public static String persistenceId(MasterId master, ExecutionId execution) {
    return PREFIX + master + "|" + execution;
  }

  /**
   * A task as a behaviour. Whatever fails here, the process goes on and must not be forgotten: the
   * task is recovered from its journal and looks at the process again.
   */
  public static Behavior<Message> create(ExecutionId execution, Setting setting) {
    Behavior<Message> task =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(timers -> new TaskActor(context, timers, execution, setting)));
    return Behaviors.supervise(task)
        .onFailure(
            Exception.class,
            SupervisorStrategy.restartWithBackoff(
                Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
  }

  private TaskActor(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      ExecutionId execution,
      Setting setting) {
    super(
        PersistenceId.ofUniqueId(persistenceId(setting.master(), execution)),
        // A write whose fate is unknown: only the journal can tell, so read it again.
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.context = context;
    this.timers = timers;
    this.execution = execution;
    this.setting = setting;
  }

  @Override
  public TaskState emptyState() {
    return TaskState.UNKNOWN;
  }

  @Override
  public EventAdapter<TaskEvent, Object> eventAdapter() {
    return new CutAdapter<>(
        TaskEvent.class, cut -> new TaskEvent.JournalDamaged(cut.number(), cut.what(), cut.at()));
  }

  @Override
  public EventHandler<TaskState, TaskEvent> eventHandler() {
    return TaskRules::evolve;
  }

  @Override
  public CommandHandler<Message, TaskEvent, TaskState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Perform.class, this::onPerform)
        .onCommand(Forbidden.class, (state, forbidden) -> onForbidden(state, forbidden.perform()))
        .onCommand(Fact.class, (state, fact) -> change(state, fact.command()))
        .onCommand(Watched.class, (state, watched) -> onSeenEnded(state, watched.end()))
        .onCommand(Adopted.class, this::onAdopted)
        .onCommand(EdgeFailed.class, this::onEdgeFailed)
        .onCommand(
            TimedOut.class, (state, out) -> change(state, new TaskCommand.Stop(StopReason.TIMEOUT)))
        .onCommand(Supervise.class, (state, tick) -> onSupervise(state))
        .onCommand(Deleted.class, (state, deleted) -> Effect().stop())
        .build();
  }

  @Override
  public SignalHandler<TaskState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(TaskState state) {
    watching = false;
    state
        .damage()
        .filter(what -> state.phase() != TaskPhase.RELEASED)
        .ifPresent(
            what ->
                context
                    .getLog()
                    .error(
                        "{} of master {}: a part of its journal is lost ({}); {}",
                        execution,
                        setting.master(),
                        what,
                        state.phase() == TaskPhase.STOPPING
                            ? "what lives of it is ended"
                            : "it was over before"));
    if (state.phase() != TaskPhase.UNKNOWN) {
      TaskRules.outstanding(state).forEach(directive -> perform(state, directive));
    }
    setting.session().tell(new News(execution, state, List.of()));
  }

  private Effect<TaskEvent, TaskState> onPerform(TaskState state, Perform perform) {
    Decision<TaskEvent, TaskDirective> decision =
        TaskRules.decide(state, perform.command(), Instant.now());
    if (state.phase() == TaskPhase.UNKNOWN && decision.events().isEmpty()) {
      perform.replyTo().tell(new Performed(execution, state, perform.correlation()));
      return Effect().stop();
    }
    return Effect()
        .persist(decision.events())
        .thenRun(
            (TaskState after) -> {
              announce(after, decision);
              if (after.phase() == TaskPhase.STOPPING) {
                forbid(after, perform);
              } else {
                onForbidden(after, perform);
              }
            });
  }

  /**
   * An order to stop is performed when nothing can begin any more: a wrapper that is late would
   * find the lease of the next session, and no word of this one (P1).
   */
  private void forbid(TaskState state, Perform perform) {
    context.pipeToSelf(
        state.damage().isPresent()
            ? setting.edge().forbidAll(execution, grace(state.spec()))
            : setting.edge().forbid(state.spec().orElseThrow(), state.stopReason().orElseThrow()),
        (done, failure) ->
            failure == null ? new Forbidden(perform) : new EdgeFailed("forbid", failure));
  }

  private Effect<TaskEvent, TaskState> onForbidden(TaskState state, Perform perform) {
    perform.replyTo().tell(new Performed(execution, state, perform.correlation()));
    return Effect().none();
  }

  private Effect<TaskEvent, TaskState> change(TaskState state, TaskCommand command) {
    Decision<TaskEvent, TaskDirective> decision = TaskRules.decide(state, command, Instant.now());
    return Effect()
        .persist(decision.events())
        .thenRun((TaskState after) -> announce(after, decision));
  }

  private void announce(TaskState after, Decision<TaskEvent, TaskDirective> decision) {
    decision.directives().forEach(directive -> perform(after, directive));
    decision.events().forEach(event -> onDurable(after, event));
    if (!decision.events().isEmpty()) {
      setting.session().tell(new News(execution, after, decision.events()));
    }
  }

  private void onDurable(TaskState after, TaskEvent event) {
    if (event instanceof TaskEvent.Started && after.phase() == TaskPhase.RUNNING) {
      watch(after);
    } else if (event instanceof TaskEvent.Finished) {
      timers.cancelAll();
    }
  }

  private void perform(TaskState state, TaskDirective directive) {
    if (directive instanceof TaskDirective.Launch launch) {
      context.pipeToSelf(
          setting.edge().launch(launch.spec()),
          (fact, failure) -> failure == null ? new Fact(fact) : new EdgeFailed("launch", failure));
    } else if (directive instanceof TaskDirective.Adopt) {
      adopt(state);
    } else if (directive instanceof TaskDirective.StopTree stop) {
      TaskSpec spec = state.spec().orElseThrow();
      context.pipeToSelf(
          setting.edge().stop(spec, stop.reason(), state.bootId().orElseThrow()),
          (end, failure) -> failure == null ? new Fact(end) : new EdgeFailed("stop", failure));
    } else if (directive instanceof TaskDirective.EndAll all) {
      context.pipeToSelf(
          setting.edge().endAll(execution, grace(all.spec())),
          (end, failure) -> failure == null ? new Fact(end) : new EdgeFailed("end", failure));
    } else if (directive instanceof TaskDirective.Delete) {
      timers.cancelAll();
      context.pipeToSelf(
          setting.edge().delete(execution, state.version()),
          (done, failure) -> failure == null ? new Deleted() : new EdgeFailed("delete", failure));
    }
  }

  private static Duration grace(Optional<TaskSpec> spec) {
    return spec.map(TaskSpec::killGrace).orElse(TimingPolicy.DEFAULT.killGrace());
  }

  private void adopt(TaskState state) {
    context.pipeToSelf(
        setting.edge().adopt(state.spec().orElseThrow(), state.bootId().orElseThrow()),
        (adoption, failure) ->
            failure == null ? new Adopted(adoption) : new EdgeFailed("adopt", failure));
  }

  /** Waits for the end without polling; the timer is the second look that a lost wake-up needs. */
  private void watch(TaskState state) {
    if (watching) {
      return;
    }
    watching = true;
    timers.startTimerWithFixedDelay("supervise", new Supervise(), setting.supervisePeriod());
    state
        .spec()
        .flatMap(TaskSpec::timeout)
        .ifPresent(
            timeout ->
                timers.startSingleTimer(
                    "timeout",
                    new TimedOut(),
                    setting.edge().remaining(state.process().orElseThrow(), timeout)));
    context.pipeToSelf(
        setting.edge().awaitEnd(state.spec().orElseThrow(), state.process().orElseThrow()),
        (end, failure) -> failure == null ? new Watched(end) : new EdgeFailed("watch", failure));
  }

  private Effect<TaskEvent, TaskState> onAdopted(TaskState state, Adopted adopted) {
    if (adopted.adoption() instanceof TaskEdge.Adoption.Ended ended) {
      return onSeenEnded(state, ended.end());
    }
    var running = (TaskEdge.Adoption.Running) adopted.adoption();
    if (state.phase() == TaskPhase.RUNNING) {
      watch(state);
      return Effect().none();
    }
    return change(state, new TaskCommand.ProcessStarted(running.process()));
  }

  /**
   * While it is being stopped only who stops it knows that the whole tree is gone, and why (R11).
   */
  private Effect<TaskEvent, TaskState> onSeenEnded(TaskState state, TaskCommand.ProcessEnded end) {
    return state.phase() == TaskPhase.STOPPING ? Effect().none() : change(state, end);
  }

  private Effect<TaskEvent, TaskState> onEdgeFailed(TaskState state, EdgeFailed failed) {
    context
        .getLog()
        .warn("{}: {} failed: {}", execution, failed.doing(), String.valueOf(failed.cause()));
    if (!state.phase().mayBeAlive() && state.phase() != TaskPhase.RELEASED) {
      return Effect().none();
    }
    // Unknown stays unknown: look again rather than guess an outcome.
    watching = watching && !failed.doing().equals("watch");
    timers.startSingleTimer("again", new Supervise(), setting.retryDelay());
    return Effect().none();
  }

  private Effect<TaskEvent, TaskState> onSupervise(TaskState state) {
    switch (state.phase()) {
      case ACCEPTED -> adopt(state);
      case RUNNING -> {
        // Who watches also deals with what the group left behind; an adoption would not wait for
        // it.
        if (!watching && !setting.edge().isAlive(state.process().orElseThrow())) {
          adopt(state);
        }
      }
      case STOPPING, RELEASED ->
          TaskRules.outstanding(state).forEach(directive -> perform(state, directive));
      case UNKNOWN, FINISHED, TOMBSTONED -> timers.cancelAll();
    }
    return Effect().none();
  }
}
