package io.holdfast.agent.session;

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
import io.holdfast.agent.task.TaskActor;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The agent's side of one master: its session, its lease and its tasks (R1, R2, R4, R5). One actor
 * per master, so that masters stay strangers (P4).
 *
 * <p>Hard state: the highest epoch ever seen ({@link SessionEvent}), and the lease file. Soft
 * state: the session, the held exchanges, and the tasks' states, which the task actors report.
 */
public final class MasterSession
    extends EventSourcedBehavior<MasterSession.Message, SessionEvent, SessionState> {
  private static final Duration STOPS_AGAIN_AFTER = Duration.ofSeconds(1);

  /** What a session is told. */
  public sealed interface Message {}

  /** A master wants to begin a session. */
  public record CoupleArrived(Couple.Request request, ActorRef<Answer> replyTo)
      implements Message {}

  /** An exchange came in. */
  public record ExchangeArrived(Exchange.Request request, ActorRef<Answer> replyTo)
      implements Message {}

  private record TaskNews(TaskActor.News news) implements Message {}

  private record Performed(TaskActor.Performed done) implements Message {}

  private record Tick() implements Message {}

  private record Flush() implements Message {}

  private record TaskEnded(ExecutionId execution) implements Message {}

  /** What a session answers. */
  public sealed interface Answer {
    record Coupled(Couple.Response response) implements Answer {}

    record Exchanged(Exchange.Response response) implements Answer {}

    record Refused(Refusal refusal) implements Answer {}
  }

  /** Who this agent is, and what all of its sessions share. */
  public record Setting(
      AgentId agent,
      JournalId journal,
      Incarnation incarnation,
      int taskLimit,
      Duration tick,
      SessionEdge edge) {}

  private final ActorContext<Message> context;
  private final MasterId master;
  private final TimerScheduler<Message> timers;
  private final Setting setting;
  private final ActorRef<TaskActor.Performed> performed;
  private final HeldExchanges held = new HeldExchanges();
  private final TaskTable tasks;
  private final Set<ExecutionId> beingStopped = new HashSet<>();
  private AgentLease lease = AgentLease.NONE;
  private TimingPolicy timing = TimingPolicy.DEFAULT;
  private Optional<JournalId> masterJournal = Optional.empty();
  private Duration writtenDeadline = Duration.ZERO;
  private Duration outputsLookedAt = Duration.ZERO;
  private boolean flushing;
  private Duration stopsToldAt = Duration.ZERO;

  /**
   * @param known the executions of this master that the agent's journal holds
   */
  public static Behavior<Message> create(
      MasterId master, List<ExecutionId> known, Setting setting) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new MasterSession(context, timers, master, known, setting)));
  }

  private MasterSession(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      MasterId master,
      List<ExecutionId> known,
      Setting setting) {
    super(
        PersistenceId.ofUniqueId("session|" + master),
        // The tasks go on while the session reads its journal again.
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(5), 0.1)
            .withStopChildren(false));
    this.context = context;
    this.timers = timers;
    this.master = master;
    this.setting = setting;
    this.performed = context.messageAdapter(TaskActor.Performed.class, Performed::new);
    this.tasks =
        new TaskTable(
            known, context.messageAdapter(TaskActor.News.class, TaskNews::new), this::spawnTask);
  }

  private ActorRef<TaskActor.Message> spawnTask(
      ExecutionId execution, ActorRef<TaskActor.News> listener) {
    ActorRef<TaskActor.Message> task =
        context.spawn(
            TaskActor.create(
                execution,
                new TaskActor.Setting(
                    master,
                    setting.edge().tasksOf(master),
                    listener,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(1))),
            "task-" + execution.toString().replace('#', ':'));
    context.watchWith(task, new TaskEnded(execution));
    return task;
  }

  @Override
  public SessionState emptyState() {
    return SessionState.NEVER_COUPLED;
  }

  @Override
  public EventHandler<SessionState, SessionEvent> eventHandler() {
    return SessionState::evolve;
  }

  @Override
  public SignalHandler<SessionState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  private void onRecovered(SessionState state) {
    Optional<Duration> deadline = setting.edge().readDeadline(master);
    deadline.ifPresent(written -> writtenDeadline = written);
    lease = new AgentLease(state.epoch(), Optional.empty(), Duration.ZERO, deadline);
    masterJournal = state.masterJournal();
    timers.startTimerWithFixedDelay("tick", new Tick(), setting.tick());
    tasks.recover();
  }

  @Override
  public CommandHandler<Message, SessionEvent, SessionState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(CoupleArrived.class, this::onCouple)
        .onCommand(ExchangeArrived.class, (state, arrived) -> soft(() -> onExchange(arrived)))
        .onCommand(TaskNews.class, (state, news) -> soft(() -> onNews(news.news())))
        .onCommand(Performed.class, (state, performed) -> soft(() -> onPerformed(performed.done())))
        .onCommand(TaskEnded.class, (state, ended) -> soft(() -> onTaskEnded(ended.execution())))
        .onCommand(Tick.class, (state, tick) -> soft(this::onTick))
        .onCommand(Flush.class, (state, flush) -> soft(this::onFlush))
        .build();
  }

  private Effect<SessionEvent, SessionState> soft(Runnable change) {
    try {
      change.run();
    } catch (RuntimeException e) {
      // Not answered, so the master couples again. Without this actor nobody could ever.
      context.getLog().error("master {}: a message could not be handled", master, e);
    }
    return Effect().none();
  }

  private Effect<SessionEvent, SessionState> onCouple(SessionState state, CoupleArrived arrived) {
    Couple.Request request = arrived.request();
    Optional<Refusal> refusal = refuseCouple(request);
    if (refusal.isPresent()) {
      arrived.replyTo().tell(new Answer.Refused(refusal.get()));
      return Effect().none();
    }
    var seen = new SessionEvent.MasterSeen(request.epoch(), request.masterJournal(), Instant.now());
    List<SessionEvent> news = state.isNews(seen) ? List.of(seen) : List.of();
    return Effect().persist(news).thenRun(after -> openSession(request, arrived.replyTo()));
  }

  private Optional<Refusal> refuseCouple(Couple.Request request) {
    if (!request.agent().equals(setting.agent())) {
      return Optional.of(
          refusal(
              Refusal.Code.WRONG_AGENT,
              "this is agent '" + setting.agent() + "', not '" + request.agent() + "'"));
    }
    if (!tasks.isRecovered()) {
      return Optional.of(refusal(Refusal.Code.NOT_READY, "the agent is still reading its journal"));
    }
    return lease.mayOpen(request.epoch(), setting.edge().now()).map(this::refusal);
  }

  private void openSession(Couple.Request request, ActorRef<Answer> replyTo) {
    Duration now = setting.edge().now();
    Optional<AgentLease.Denial> denial = lease.mayOpen(request.epoch(), now);
    if (denial.isPresent()) {
      replyTo.tell(new Answer.Refused(refusal(denial.get())));
      return;
    }
    held.refuseAll(refusal(Refusal.Code.OTHER_SESSION, "a newer session has begun"));
    tasks.forgetUnsent();
    lease = lease.open(new SessionId(UUID.randomUUID().toString()), request.epoch(), now);
    timing = request.timing();
    masterJournal = Optional.of(request.masterJournal());
    context.getLog().info("master {} coupled, epoch {}", master, request.epoch());
    replyTo.tell(
        new Answer.Coupled(
            new Couple.Response(
                setting.agent(),
                setting.journal(),
                setting.incarnation(),
                lease.session().orElseThrow(),
                setting.edge().now(),
                setting.taskLimit(),
                tasks.inventory(setting.edge().tasksOf(master)))));
  }

  /** Two exchanges travel on connections of their own and may overtake each other. */
  private void onExchange(ExchangeArrived arrived) {
    if (lease.session().equals(Optional.of(arrived.request().session()))
        && held.isEarly(arrived.request().number())) {
      held.keepEarly(arrived);
      return;
    }
    onNextExchange(arrived);
    held.takeEarly().ifPresent(this::onNextExchange);
  }

  private void onNextExchange(ExchangeArrived arrived) {
    Exchange.Request request = arrived.request();
    Duration now = setting.edge().now();
    AgentLease.Renewal renewal =
        lease.renew(request.session(), request.epoch(), request.anchor(), timing.lease(), now);
    if (renewal instanceof AgentLease.Renewal.Denied denied) {
      arrived.replyTo().tell(new Answer.Refused(refusal(denied.why())));
      return;
    }
    if (!held.isNext(request.number())) {
      arrived
          .replyTo()
          .tell(
              new Answer.Refused(
                  refusal(
                      Refusal.Code.STALE_EXCHANGE,
                      "exchange " + request.number() + " is not newer than those seen")));
      return;
    }
    rely(((AgentLease.Renewal.Granted) renewal).lease());
    held.add(request.number(), arrived.replyTo(), now.plus(timing.exchangeHold()));
    request.commands().forEach(command -> perform(request.number(), command, now));
    answerWhatCanBe(now);
  }

  /** R2: the deadline is on disk before it is relied on; small gains are not worth a write. */
  private void rely(AgentLease renewed) {
    Duration deadline = renewed.deadline().orElseThrow();
    Duration gain = deadline.minus(writtenDeadline);
    if (lease.deadline().isPresent() && gain.compareTo(timing.heartbeatPeriod().dividedBy(8)) < 0) {
      return;
    }
    if (!setting.edge().writeDeadline(master, deadline, timing.killGrace())) {
      return;
    }
    writtenDeadline = deadline;
    lease = renewed;
  }

  private void perform(long exchange, MasterCommand command, Duration now) {
    TaskCommand order = order(command, now);
    tasks.perform(command.execution(), order, held.await(exchange), performed);
  }

  private TaskCommand order(MasterCommand command, Duration now) {
    JournalId journal = masterJournal.orElseThrow();
    if (command instanceof MasterCommand.Start start) {
      return new TaskCommand.Start(
          start.spec(),
          start.request(),
          journal,
          setting.edge().bootId(),
          refuseStart(start.spec(), now));
    }
    if (command instanceof MasterCommand.Stop stop) {
      return new TaskCommand.Stop(stop.reason());
    }
    if (command instanceof MasterCommand.GiveUp) {
      return new TaskCommand.GiveUp(journal);
    }
    if (command instanceof MasterCommand.Release) {
      return new TaskCommand.Release();
    }
    throw new IllegalArgumentException("no order for " + command);
  }

  private Optional<String> refuseStart(TaskSpec spec, Duration now) {
    if (spec.killGrace().compareTo(timing.killGrace()) > 0) {
      return Optional.of(
          "kill-grace "
              + spec.killGrace()
              + " is longer than the lease counts on: at most "
              + timing.killGrace());
    }
    if (!lease.isLive(now)) {
      return Optional.of("no living lease");
    }
    return tasks.refuseNew(setting.taskLimit());
  }

  private void onPerformed(TaskActor.Performed done) {
    tasks.note(new TaskActor.News(done.execution(), done.state(), List.of()));
    if (done.correlation() == HeldExchanges.NONE) {
      onStopMarked(done.execution());
    } else {
      held.performed(done.correlation());
      flushSoon();
    }
  }

  private void onNews(TaskActor.News news) {
    tasks.note(news);
    flushSoon();
  }

  /** After what is in the mailbox already, so that one answer carries all of it. */
  private void flushSoon() {
    if (!flushing) {
      flushing = true;
      context.getSelf().tell(new Flush());
    }
  }

  private void onFlush() {
    flushing = false;
    answerWhatCanBe(setting.edge().now());
  }

  private void onTaskEnded(ExecutionId execution) {
    tasks.ended(execution);
    if (beingStopped.contains(execution)) {
      onStopMarked(execution);
    }
  }

  private void onStopMarked(ExecutionId execution) {
    beingStopped.remove(execution);
    if (beingStopped.isEmpty() && lease.isOver(setting.edge().now())) {
      context.getLog().warn("lease of master {} is over; its tasks are stopped", master);
      lease = lease.close();
      writtenDeadline = Duration.ZERO;
    }
  }

  private void onTick() {
    Duration now = setting.edge().now();
    if (lease.isOver(now)) {
      onLeaseOver();
      return;
    }
    if (lease.session().isPresent()
        && now.minus(outputsLookedAt).compareTo(Duration.ofMillis(250)) > 0) {
      outputsLookedAt = now;
      tasks.lookAtOutputs(setting.edge().tasksOf(master));
    }
    answerWhatCanBe(now);
  }

  /** R2: stop what a lease holds, and only this master's; end the session. */
  private void onLeaseOver() {
    held.refuseAll(refusal(AgentLease.Denial.LEASE_OVER));
    Duration now = setting.edge().now();
    boolean waiting =
        !beingStopped.isEmpty() && now.minus(stopsToldAt).compareTo(STOPS_AGAIN_AFTER) < 0;
    if (!tasks.isRecovered() || waiting) {
      return;
    }
    // Told again while unmarked: a task that had to read its journal again has forgotten it.
    stopsToldAt = now;
    beingStopped.addAll(tasks.alive(ConnectionLossPolicy.STOP_AFTER_LEASE));
    for (ExecutionId execution : List.copyOf(beingStopped)) {
      tasks.perform(
          execution, new TaskCommand.Stop(StopReason.LEASE_OVER), HeldExchanges.NONE, performed);
    }
    if (beingStopped.isEmpty()) {
      lease = lease.close();
      writtenDeadline = Duration.ZERO;
    }
  }

  private void answerWhatCanBe(Duration now) {
    while (held.mayAnswer(now, tasks.hasNews())) {
      held.answer(setting.edge().now(), tasks.takeReports(), tasks.takeOutputs());
    }
  }

  private Refusal refusal(Refusal.Code code, String message) {
    return new Refusal(code, message, Optional.of(lease.epoch()));
  }

  private Refusal refusal(AgentLease.Denial denial) {
    return switch (denial) {
      case OLDER_EPOCH ->
          refusal(
              Refusal.Code.OLDER_EPOCH,
              "a newer master of this name has coupled: epoch " + lease.epoch());
      case OTHER_SESSION, FOREIGN_ANCHOR ->
          refusal(Refusal.Code.OTHER_SESSION, "that session is not the current one");
      case LEASE_OVER ->
          refusal(Refusal.Code.LEASE_OVER, "the lease is over; the tasks are being stopped");
    };
  }

  /** Whether a phase counts against the task limit. */
  static boolean isActive(TaskPhase phase) {
    return phase == TaskPhase.UNKNOWN || phase.mayBeAlive();
  }
}
