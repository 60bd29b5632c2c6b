package io.holdfast.master.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.RecoveryCompleted;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the master remembers of one agent's executions, and decides of them. When the agent is heard
 * again after a loss, its {@link AgentLink} has it step down and recovers it from its journal, so
 * that it decides from what is durable.
 *
 * <p>Hard state: {@link LinkState}, journalled as {@code agent|<agentId>}. Soft state: {@link
 * SessionMemory}. It persists first, then sends, then answers.
 */
public final class Reconciler
    extends EventSourcedBehavior<Reconciler.Message, LinkEvent, LinkState> {
  private static final Duration REPEAT = Duration.ofSeconds(2);

  /** What a reconciler is told. */
  public sealed interface Message {}

  record Assign(TaskSpec spec, boolean releaseByTime, ActorRef<AgentLink.Accepted> replyTo)
      implements Message {}

  record Stop(ExecutionId execution, ActorRef<AgentLink.Accepted> replyTo) implements Message {}

  /** A session began; the answer is {@link Ready}. */
  record Coupled(Couple.Response agent) implements Message {}

  /** An exchange was answered. */
  record Responded(List<Exchange.Report> reports, List<ExecutionId> released) implements Message {}

  /** The session is over: nothing can be sent. */
  record SessionOver() implements Message {}

  /** The lease is provably over for these, or for all. */
  record LeaseOver(Optional<Set<ExecutionId>> only, String why) implements Message {}

  /** All output of an ended execution is on the master's disk. */
  record OutputStored(ExecutionId execution) implements Message {}

  /** Stop, after what came before; the link will recover it. */
  record StepDown() implements Message {}

  private record JobTook(ExecutionId execution) implements Message {}

  private record Repeat() implements Message {}

  /** What a reconciler tells its link. */
  public sealed interface Note {}

  /** It is recovered; its side of the link has this epoch. */
  record Recovered(MasterEpoch epoch) implements Note {}

  /** The reconciliation is durable: commands may be sent. {@code waiting}: released by time. */
  record Ready(LinkEvent.Reconciled report, Set<ExecutionId> waiting) implements Note {}

  /** Send these in the next exchange. */
  record Send(List<MasterCommand> commands) implements Note {}

  /** All output of these must be fetched. */
  record Fetch(ExecutionId execution, long stdoutBytes, long stderrBytes) implements Note {}

  /** What a reconciler needs of its surroundings. */
  public interface Surroundings {
    /** Brings a fact to its job. */
    void tellJob(JobCommand fact, ExecutionId about, ActorRef<JobEntity.Taken> replyTo);

    /** The state is durable: show it. */
    void show(AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone);

    /** A reconciliation is durable: show it. */
    void show(AgentId agent, LinkEvent.Reconciled report);
  }

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final AgentId agent;
  private final JournalId masterJournal;
  private final boolean activate;
  private final ActorRef<Note> link;
  private final Surroundings surroundings;
  private final ActorRef<JobEntity.Taken> jobTook;
  private final SessionMemory memory = new SessionMemory();

  /**
   * @param activate whether this is a new life of the master's side, with a new epoch
   */
  static Behavior<Message> create(
      AgentId agent,
      JournalId masterJournal,
      boolean activate,
      ActorRef<Note> link,
      Surroundings surroundings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Reconciler(
                        context, timers, agent, masterJournal, activate, link, surroundings)));
  }

  private Reconciler(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      AgentId agent,
      JournalId masterJournal,
      boolean activate,
      ActorRef<Note> link,
      Surroundings surroundings) {
    super(
        PersistenceId.ofUniqueId("agent|" + agent),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.context = context;
    this.timers = timers;
    this.agent = agent;
    this.masterJournal = masterJournal;
    this.activate = activate;
    this.link = link;
    this.surroundings = surroundings;
    this.jobTook =
        context.messageAdapter(JobEntity.Taken.class, taken -> new JobTook(taken.execution()));
  }

  private record Activate() implements Message {}

  @Override
  public LinkState emptyState() {
    return LinkState.EMPTY;
  }

  @Override
  public EventHandler<LinkState, LinkEvent> eventHandler() {
    return LinkState::evolve;
  }

  @Override
  public SignalHandler<LinkState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(LinkState state) {
    memory.end();
    timers.startTimerWithFixedDelay("repeat", new Repeat(), REPEAT);
    if (activate) {
      context.getSelf().tell(new Activate());
    } else {
      link.tell(new Recovered(state.epoch()));
    }
    show(state, state.executions().keySet(), Set.of());
    state.executions().values().forEach(this::tellJob);
    state.executions().values().forEach(this::fetch);
  }

  @Override
  public CommandHandler<Message, LinkEvent, LinkState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Activate.class, (state, activation) -> onActivate(state))
        .onCommand(Assign.class, this::onAssign)
        .onCommand(Stop.class, this::onStop)
        .onCommand(Coupled.class, this::onCoupled)
        .onCommand(
            Responded.class,
            (state, r) ->
                change(state, LinkRules.responded(state, r.reports(), r.released(), Instant.now())))
        .onCommand(
            LeaseOver.class,
            (state, over) ->
                change(state, LinkRules.leaseOver(state, over.only(), over.why(), Instant.now())))
        .onCommand(SessionOver.class, (state, over) -> onSessionOver())
        .onCommand(OutputStored.class, (state, stored) -> onOutputStored(state, stored))
        .onCommand(JobTook.class, (state, took) -> onJobTook(state, took))
        .onCommand(Repeat.class, (state, repeat) -> onRepeat(state))
        .onCommand(StepDown.class, (state, down) -> Effect().stop())
        .build();
  }

  private Effect<LinkEvent, LinkState> onActivate(LinkState state) {
    return Effect()
        .persist(new LinkEvent.Activated(state.epoch().next(), Instant.now()))
        .thenRun((LinkState after) -> link.tell(new Recovered(after.epoch())));
  }

  private Effect<LinkEvent, LinkState> onAssign(LinkState state, Assign assign) {
    return change(
        state,
        LinkRules.assign(state, assign.spec(), assign.releaseByTime(), Instant.now()),
        () -> assign.replyTo().tell(new AgentLink.Accepted(assign.spec().execution(), false)));
  }

  private Effect<LinkEvent, LinkState> onStop(LinkState state, Stop stop) {
    return change(
        state,
        LinkRules.stop(state, stop.execution(), Instant.now()),
        () -> {
          // Without a record the assignment is still on its way: the job will say it again.
          if (state.execution(stop.execution()).isPresent()) {
            stop.replyTo().tell(new AgentLink.Accepted(stop.execution(), true));
          }
        });
  }

  private Effect<LinkEvent, LinkState> onCoupled(LinkState state, Coupled coupled) {
    Couple.Response response = coupled.agent();
    Decision<LinkEvent, MasterCommand> decision =
        LinkRules.coupled(state, response, masterJournal, Instant.now());
    memory.begin(response.taskLimit(), LinkRules.absent(state, response));
    var report = (LinkEvent.Reconciled) decision.events().get(0);
    return Effect()
        .persist(decision.events())
        .thenRun(
            (LinkState after) -> {
              if (!report.entries().isEmpty()) {
                surroundings.show(agent, report);
              }
              // Before the link is shown as connected: what ended unheard must not look running.
              afterEvents(after, decision.events());
              link.tell(new Ready(report, waiting(report)));
              send(decision.directives());
              context.getSelf().tell(new Repeat());
            });
  }

  private static Set<ExecutionId> waiting(LinkEvent.Reconciled report) {
    return report.entries().stream()
        .filter(entry -> entry.decision() == ReconcileDecision.WAIT)
        .map(ReconcileEntry::execution)
        .collect(Collectors.toSet());
  }

  private Effect<LinkEvent, LinkState> onSessionOver() {
    memory.end();
    return Effect().none();
  }

  private Effect<LinkEvent, LinkState> onOutputStored(LinkState state, OutputStored stored) {
    memory.outputStored(stored.execution());
    return change(state, List.of());
  }

  private Effect<LinkEvent, LinkState> onJobTook(LinkState state, JobTook took) {
    if (state.execution(took.execution()).isEmpty()) {
      return Effect().none();
    }
    memory.jobTook(took.execution());
    return change(state, List.of());
  }

  private Effect<LinkEvent, LinkState> onRepeat(LinkState state) {
    state.executions().values().stream()
        .filter(execution -> !memory.jobHas(execution.id()))
        .forEach(this::tellJob);
    return change(state, List.of());
  }

  private Effect<LinkEvent, LinkState> change(LinkState state, List<LinkEvent> events) {
    return change(state, events, () -> {});
  }

  /** Persists {@code events} and what can be sent because of them, as one write. */
  private Effect<LinkEvent, LinkState> change(
      LinkState state, List<LinkEvent> events, Runnable afterwards) {
    LinkState next = state;
    for (LinkEvent event : events) {
      next = next.evolve(event);
    }
    Decision<LinkEvent, MasterCommand> dispatch = LinkRules.dispatch(next, memory, Instant.now());
    List<LinkEvent> all = new ArrayList<>(events);
    all.addAll(dispatch.events());
    remember(dispatch.directives());
    if (all.isEmpty()) {
      send(dispatch.directives());
      afterwards.run();
      return Effect().none();
    }
    return Effect()
        .persist(all)
        .thenRun(
            (LinkState after) -> {
              send(dispatch.directives());
              afterwards.run();
              afterEvents(after, all);
            });
  }

  private void remember(List<MasterCommand> commands) {
    for (MasterCommand command : commands) {
      if (command instanceof MasterCommand.Stop stop) {
        memory.stopSent(stop.execution());
      } else if (command instanceof MasterCommand.Release release) {
        memory.releaseSent(release.execution());
      }
    }
  }

  private void send(List<MasterCommand> commands) {
    if (!commands.isEmpty()) {
      link.tell(new Send(commands));
    }
  }

  private void afterEvents(LinkState after, List<LinkEvent> events) {
    ChangedExecutions changed = ChangedExecutions.of(events);
    memory.forget(changed.gone());
    show(after, changed.changed(), changed.gone());
    for (ExecutionId id : changed.settled()) {
      after
          .execution(id)
          .ifPresent(
              execution -> {
                memory.jobMissesNews(id);
                tellJob(execution);
                fetch(execution);
              });
    }
  }

  private void show(LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
    surroundings.show(agent, state, changed, gone);
  }

  private void tellJob(LinkExecution execution) {
    if (execution.outcome().isEmpty()) {
      return;
    }
    var end =
        new JobCommand.End(
            execution.id(), execution.outcome().get(), execution.startedAt(), execution.endedAt());
    JobCommand fact =
        execution.late().isPresent() ? new JobCommand.Amend(end, execution.late().get()) : end;
    surroundings.tellJob(fact, execution.id(), jobTook);
  }

  private void fetch(LinkExecution execution) {
    if (execution.isSettled() && !memory.hasOutput(execution)) {
      link.tell(new Fetch(execution.id(), execution.stdoutBytes(), execution.stderrBytes()));
    }
  }
}
