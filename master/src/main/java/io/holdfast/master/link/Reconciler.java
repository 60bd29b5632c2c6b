package io.holdfast.master.link;

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
import akka.persistence.typed.javadsl.CommandHandlerBuilder;
import akka.persistence.typed.javadsl.Effect;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.SignalHandler;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobEntity;
import io.holdfast.persistence.CutAdapter;
import io.holdfast.persistence.snapshot.SnapshotSettings;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the master remembers of one agent's executions: the shell around {@link Reconciling}, which
 * decides. When the agent is heard again after a loss, its {@link AgentLink} has it step down and
 * recovers it from its journal, so that it decides from what is durable.
 *
 * <p>Hard state: {@link LinkState}, journalled as {@code agent|<agentId>}. Soft state: {@link
 * SessionMemory}. It persists first, then sends, then answers.
 */
public final class Reconciler
    extends EventSourcedBehavior<Reconciler.Message, LinkEvent, LinkState> {
  private static final Duration REPEAT = Duration.ofSeconds(2);

  /** What a reconciler is told. */
  public sealed interface Message {}

  record Assign(
      TaskSpec spec, boolean releaseByTime, boolean again, ActorRef<AgentLink.Accepted> replyTo)
      implements Message {}

  record Ask(JobName job) implements Message {}

  record Stop(ExecutionId execution, ActorRef<AgentLink.Accepted> replyTo) implements Message {}

  /** A session began; the answer is {@link ReconcilerNote.Ready}. */
  record Coupled(Couple.Response agent) implements Message {}

  /** An exchange was answered. */
  record Responded(
      List<Exchange.Report> reports,
      List<ExecutionId> released,
      List<Exchange.RefusedStart> refused)
      implements Message {}

  /** Take an epoch above this one; the answer is {@link ReconcilerNote.Recovered}. */
  record Supersede(MasterEpoch seen) implements Message {}

  /** An operator vouches for the end of all that runs there. */
  record ConfirmLost(
      boolean heard, String who, String why, ActorRef<AgentLink.ConfirmAnswer> replyTo)
      implements Message {}

  /** The session is over: nothing can be sent. */
  record SessionOver() implements Message {}

  /** The lease is provably over for these, or for all. */
  record LeaseOver(Optional<Set<ExecutionId>> only, String why) implements Message {}

  /** The agent is not heard any more: to be noted, for people. */
  record Unheard(Optional<Instant> lastHeard) implements Message {}

  /** All output of an ended execution is on the master's disk. */
  record OutputStored(ExecutionId execution) implements Message {}

  /** Stop, after what came before; the link will recover it. */
  record StepDown() implements Message {}

  private record JobTook(ExecutionId execution, boolean late) implements Message {}

  private record Repeat() implements Message {}

  /** What a reconciler needs of its surroundings. */
  public interface Surroundings {
    /** Brings a fact to its job. */
    void tellJob(JobCommand fact, ExecutionId about, ActorRef<JobEntity.Taken> replyTo);

    /** Brings an answer to a job that has asked. */
    default void answer(JobName job, JobCommand.LinkAnswered answer) {}

    /** An agent has seen these numbers of a job. */
    void raiseNumbering(JobName job, UsedNumbers.Mark used);

    /** The state is durable: show it. */
    void show(AgentId agent, LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone);

    /** A reconciliation is durable: show it. */
    void show(AgentId agent, LinkEvent.Reconciled report);
  }

  private final ActorContext<Message> context;
  private final TimerScheduler<Message> timers;
  private final SnapshotSettings snapshots;
  private final AgentId agent;
  private final ActorRef<ReconcilerNote> link;
  private final Surroundings surroundings;
  private final ActorRef<JobEntity.Taken> jobTook;
  private final Reconciling core;
  private boolean superseded;

  /**
   * @param life of the master's side of the link
   * @param own its epoch; none for a new life, which activates it
   */
  static Behavior<Message> create(
      AgentId agent,
      JournalId masterJournal,
      Incarnation life,
      Optional<MasterEpoch> own,
      ActorRef<ReconcilerNote> link,
      Surroundings surroundings) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Reconciler(
                        context, timers, agent, masterJournal, life, own, link, surroundings)));
  }

  private Reconciler(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      AgentId agent,
      JournalId masterJournal,
      Incarnation life,
      Optional<MasterEpoch> own,
      ActorRef<ReconcilerNote> link,
      Surroundings surroundings) {
    super(
        PersistenceId.ofUniqueId("agent|" + agent),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1));
    this.context = context;
    this.timers = timers;
    this.snapshots = SnapshotSettings.of(context.getSystem().settings().config());
    this.agent = agent;
    this.link = link;
    this.surroundings = surroundings;
    this.jobTook =
        context.messageAdapter(
            JobEntity.Taken.class, taken -> new JobTook(taken.execution(), taken.late()));
    this.core = new Reconciling(masterJournal, life, own, new World());
  }

  private record Activate() implements Message {}

  @Override
  public LinkState emptyState() {
    return LinkState.EMPTY;
  }

  @Override
  public EventAdapter<LinkEvent, Object> eventAdapter() {
    return new CutAdapter<>(
        LinkEvent.class, cut -> new LinkEvent.JournalDamaged(cut.what(), cut.at()));
  }

  @Override
  public EventHandler<LinkState, LinkEvent> eventHandler() {
    return LinkState::evolve;
  }

  @Override
  public boolean shouldSnapshot(LinkState state, LinkEvent event, long sequenceNr) {
    return snapshots.isDue(sequenceNr);
  }

  @Override
  public SignalHandler<LinkState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(LinkState state) {
    superseded = core.isSuperseded(state);
    if (superseded) {
      link.tell(new ReconcilerNote.Superseded(state.epoch()));
      return;
    }
    timers.startTimerWithFixedDelay("repeat", new Repeat(), REPEAT);
    if (core.isActivated()) {
      link.tell(new ReconcilerNote.Recovered(state.epoch()));
    } else {
      state
          .cut()
          .ifPresent(
              cut ->
                  context
                      .getLog()
                      .error(
                          "{}: a part of the journal of this link is lost ({}); {} execution(s) of"
                              + " before are unsure until agent and jobs have told",
                          agent,
                          cut.what(),
                          cut.unsure().size()));
      context.getSelf().tell(new Activate());
    }
    core.recovered(state);
  }

  @Override
  public CommandHandler<Message, LinkEvent, LinkState> commandHandler() {
    CommandHandlerBuilder<Message, LinkEvent, LinkState> builder = newCommandHandlerBuilder();
    builder.forState(state -> superseded).onAnyCommand(() -> Effect().none());
    builder
        .forAnyState()
        .onCommand(Activate.class, (state, m) -> perform(state, core.activate(state, this::tell)))
        .onCommand(Assign.class, this::onAssign)
        .onCommand(Stop.class, this::onStop)
        .onCommand(Ask.class, this::onAsk)
        .onCommand(Coupled.class, (state, m) -> perform(state, core.coupled(state, m.agent())))
        .onCommand(
            Responded.class,
            (state, m) ->
                perform(state, core.responded(state, m.reports(), m.released(), m.refused())))
        .onCommand(
            Supersede.class,
            (state, m) -> perform(state, core.supersede(state, m.seen(), this::tell)))
        .onCommand(ConfirmLost.class, this::onConfirmLost)
        .onCommand(
            LeaseOver.class, (state, m) -> perform(state, core.leaseOver(state, m.only(), m.why())))
        .onCommand(Unheard.class, (state, m) -> onUnheard(m))
        .onCommand(SessionOver.class, (state, m) -> onSessionOver())
        .onCommand(
            OutputStored.class,
            (state, m) -> perform(state, core.outputStored(state, m.execution())))
        .onCommand(
            JobTook.class,
            (state, m) -> perform(state, core.jobTook(state, m.execution(), m.late())))
        .onCommand(Repeat.class, (state, m) -> perform(state, core.repeat(state)))
        .onCommand(StepDown.class, (state, m) -> Effect().stop());
    return builder.build();
  }

  private void tell(LinkState activated) {
    link.tell(new ReconcilerNote.Recovered(activated.epoch()));
  }

  private Effect<LinkEvent, LinkState> onAssign(LinkState state, Assign assign) {
    var accepted = new AgentLink.Accepted(assign.spec().execution(), false);
    return perform(
        state,
        core.assign(
            state,
            assign.spec(),
            assign.releaseByTime(),
            assign.again(),
            () -> assign.replyTo().tell(accepted)));
  }

  private Effect<LinkEvent, LinkState> onAsk(LinkState state, Ask ask) {
    core.asked(state, ask.job());
    return Effect().none();
  }

  private Effect<LinkEvent, LinkState> onStop(LinkState state, Stop stop) {
    var accepted = new AgentLink.Accepted(stop.execution(), true);
    return perform(state, core.stop(state, stop.execution(), () -> stop.replyTo().tell(accepted)));
  }

  private Effect<LinkEvent, LinkState> onConfirmLost(LinkState state, ConfirmLost confirm) {
    return perform(
        state,
        core.confirmLost(
            state,
            confirm.heard(),
            confirm.who(),
            confirm.why(),
            done ->
                confirm
                    .replyTo()
                    .tell(
                        done.<AgentLink.ConfirmAnswer>map(AgentLink.ConfirmAnswer.Confirmed::new)
                            .orElseGet(AgentLink.ConfirmAnswer.Heard::new))));
  }

  /** Not by {@link Reconciling}: nothing is decided, and nothing waits for it. */
  private Effect<LinkEvent, LinkState> onUnheard(Unheard unheard) {
    return core.isActivated()
        ? Effect().persist(new LinkEvent.Unheard(unheard.lastHeard(), Instant.now()))
        : Effect().none();
  }

  private Effect<LinkEvent, LinkState> onSessionOver() {
    core.sessionOver();
    return Effect().none();
  }

  /** R14: durable first. */
  private Effect<LinkEvent, LinkState> perform(LinkState state, Reconciling.Change change) {
    if (change.events().isEmpty()) {
      change.afterwards().accept(state);
      return Effect().none();
    }
    return Effect().persist(change.events()).thenRun(change.afterwards()::accept);
  }

  /** This actor, as the core sees it. */
  private final class World implements Reconciling.Surroundings {
    @Override
    public AgentId agent() {
      return agent;
    }

    @Override
    public void raiseNumbering(JobName job, UsedNumbers.Mark used) {
      surroundings.raiseNumbering(job, used);
    }

    @Override
    public void answer(JobName job, JobCommand.LinkAnswered answer) {
      surroundings.answer(job, answer);
    }

    @Override
    public void compareAgain() {
      link.tell(new ReconcilerNote.CompareAgain());
    }

    @Override
    public Instant wallClock() {
      return Instant.now();
    }

    @Override
    public void ready(
        SessionId session,
        LinkEvent.Reconciled report,
        Set<ExecutionId> waiting,
        List<MasterCommand> commands) {
      link.tell(new ReconcilerNote.Ready(session, report, waiting, commands));
    }

    @Override
    public void send(List<MasterCommand> commands) {
      link.tell(new ReconcilerNote.Send(commands));
    }

    @Override
    public void fetch(ExecutionId execution, long stdoutBytes, long stderrBytes) {
      link.tell(new ReconcilerNote.Fetch(execution, stdoutBytes, stderrBytes));
    }

    @Override
    public void tellJob(JobCommand fact, ExecutionId about) {
      surroundings.tellJob(fact, about, jobTook);
    }

    @Override
    public void show(LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
      surroundings.show(agent, state, changed, gone);
    }

    @Override
    public void show(LinkEvent.Reconciled report) {
      surroundings.show(agent, report);
    }

    @Override
    public void repeatSoon() {
      context.getSelf().tell(new Repeat());
    }
  }
}
