package io.holdfast.agent.session;

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
import io.holdfast.agent.task.TaskActor;
import io.holdfast.persistence.CutAdapter;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The agent's side of one master: the shell around {@link Session}, which decides. One actor per
 * master, so that masters stay strangers (P4); its children are the tasks.
 *
 * <p>Hard state: the highest epoch ever seen and the numbers used up ({@link SessionEvent}), and
 * the lease file. Soft state: {@link Session}.
 */
public final class MasterSession
    extends EventSourcedBehavior<MasterSession.Message, SessionEvent, SessionState> {
  /** What a session is told. */
  public sealed interface Message {}

  /** A master wants to begin a session. */
  public record CoupleArrived(Couple.Request request, ActorRef<Answer> replyTo)
      implements Message {}

  /** An exchange came in. */
  public record ExchangeArrived(Exchange.Request request, ActorRef<Answer> replyTo)
      implements Message {}

  /** A task asks something of its master, and waits for the answer. */
  public record TaskCalled(
      ExecutionId execution,
      TaskCall.Ask ask,
      Optional<String> key,
      CompletableFuture<TaskAnswer> reply)
      implements Message {}

  /** How does a task stand? Empty while the agent is still reading its journal. */
  public record StandingAsked(ExecutionId execution, CompletableFuture<Optional<Standing>> reply)
      implements Message {}

  private record TaskNews(TaskActor.News news) implements Message {}

  private record Performed(TaskActor.Performed done) implements Message {}

  private record Tick() implements Message {}

  record Flush() implements Message {}

  record TaskEnded(ExecutionId execution) implements Message {}

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
  private final List<ExecutionId> known;
  private final SessionWorld world;
  private final Session<ActorRef<Answer>> session;

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
    this.known = List.copyOf(known);
    this.world =
        new SessionWorld(
            context,
            timers,
            master,
            setting.edge(),
            context.messageAdapter(TaskActor.Performed.class, Performed::new),
            context.messageAdapter(TaskActor.News.class, TaskNews::new));
    this.session =
        new Session<>(
            new Session.Identity(
                setting.agent(), setting.journal(), setting.incarnation(), setting.taskLimit()),
            known,
            world);
  }

  @Override
  public SessionState emptyState() {
    return SessionState.NEVER_COUPLED;
  }

  @Override
  public EventAdapter<SessionEvent, Object> eventAdapter() {
    return new CutAdapter<>(
        SessionEvent.class, cut -> new SessionEvent.JournalDamaged(cut.what(), cut.at()));
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
    state
        .damage()
        .ifPresent(
            what ->
                context
                    .getLog()
                    .error(
                        "master {}: a part of the journal of its session is lost ({}); epoch {} and"
                            + " the numbers used are the least that was seen",
                        master,
                        what,
                        state.epoch()));
    session.recovered(state, setting.edge().readDeadline(master));
    timers.startTimerWithFixedDelay("tick", new Tick(), setting.tick());
    // Those that have spoken and gone since are not woken again.
    known.stream().filter(session::awaits).forEach(world::task);
  }

  @Override
  public CommandHandler<Message, SessionEvent, SessionState> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(CoupleArrived.class, this::onCouple)
        .onCommand(ExchangeArrived.class, this::onExchange)
        .onCommand(
            TaskCalled.class,
            (state, c) ->
                soft(() -> session.taskCalls(c.execution(), c.ask(), c.key(), c.reply()::complete)))
        .onCommand(
            StandingAsked.class,
            (state, q) -> soft(() -> q.reply().complete(session.standing(q.execution()))))
        .onCommand(TaskNews.class, (state, news) -> soft(() -> onNews(news.news())))
        .onCommand(Performed.class, (state, performed) -> soft(() -> onPerformed(performed.done())))
        .onCommand(TaskEnded.class, (state, ended) -> soft(() -> onTaskEnded(ended.execution())))
        .onCommand(Tick.class, (state, tick) -> soft(session::tick))
        .onCommand(Flush.class, (state, flush) -> soft(session::flush))
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
    Optional<Refusal> refusal = session.refuseCouple(request);
    if (refusal.isPresent()) {
      arrived.replyTo().tell(new Answer.Refused(refusal.get()));
      return Effect().none();
    }
    var seen =
        new SessionEvent.MasterSeen(
            request.epoch(), request.masterJournal(), request.life(), Instant.now());
    List<SessionEvent> news = state.isNews(seen) ? List.of(seen) : List.of();
    return Effect().persist(news).thenRun(after -> session.couple(request, arrived.replyTo()));
  }

  private Effect<SessionEvent, SessionState> onExchange(
      SessionState state, ExchangeArrived arrived) {
    List<SessionEvent.Used> used =
        Releases.isAmong(arrived.request().commands())
            ? session.newlyUsed(arrived.request())
            : List.of();
    return used.isEmpty()
        ? soft(() -> session.exchange(arrived.request(), arrived.replyTo()))
        : onReleases(state, used, arrived);
  }

  /**
   * What is released is gone at once, so that its numbers were used is written down first.
   *
   * <p>Events are deleted behind their sum without reading it back. It is no snapshot but an event
   * as they are: synced, with a checksum and the hash of its predecessor, before the deletion is
   * asked for, which is a later commit of the same journal. Should it be damaged afterwards, the
   * recovery fails closed with them or without them; with them a repair would keep more (ADR 17).
   */
  private Effect<SessionEvent, SessionState> onReleases(
      SessionState state, List<SessionEvent.Used> used, ExchangeArrived arrived) {
    List<SessionEvent> events = new ArrayList<>();
    events.add(new SessionEvent.NumbersUsed(used, Instant.now()));
    Optional<SessionEvent.Summed> sum = state.evolve(events.get(0)).sum(Instant.now());
    sum.ifPresent(events::add);
    return Effect()
        .persist(events)
        .thenRun(
            after -> {
              session.used(after.used());
              soft(() -> session.exchange(arrived.request(), arrived.replyTo()));
              if (sum.isPresent()) {
                setting.edge().deleteEvents(persistenceId().id(), lastSequenceNumber(context) - 1);
              }
            });
  }

  private void onPerformed(TaskActor.Performed done) {
    session.performed(done.execution(), done.state(), done.correlation());
  }

  private void onNews(TaskActor.News news) {
    session.news(news.execution(), news.state(), news.events());
  }

  private void onTaskEnded(ExecutionId execution) {
    world.gone(execution);
    session.taskGone(execution);
  }
}
