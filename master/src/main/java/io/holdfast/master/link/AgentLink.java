package io.holdfast.master.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.holdfast.master.MasterMessage;
import io.holdfast.master.log.LogPuller;
import io.holdfast.master.log.LogStore;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The master's side of the link with one agent: couples, keeps the exchange going, watches the
 * heartbeat and counts the lease (R1, R3). What must not be forgotten is with its {@link
 * Reconciler}, which it has recovered from the journal at each coupling.
 *
 * <p>All state here is soft. After a restart the wait for the lease counts from the recovery (R3).
 */
public final class AgentLink extends AbstractBehavior<AgentLink.Message> {
  /** How sharding knows links. */
  public static final EntityTypeKey<Message> TYPE =
      EntityTypeKey.create(Message.class, "AgentLink");

  /** Messages that wait while the reconciler is recovered; jobs repeat what is dropped beyond. */
  private static final int MOST_WAITING = 10_000;

  /** What a link is told. */
  public sealed interface Message extends MasterMessage {}

  /** Run this on the agent. Answered with {@link Accepted} once it is durable. */
  public record Assign(TaskSpec spec, boolean releaseByTime, ActorRef<Accepted> replyTo)
      implements Message {}

  /** End it. Answered with {@link Accepted} once it is durable. */
  public record Stop(ExecutionId execution, ActorRef<Accepted> replyTo) implements Message {}

  /** Come alive after a restart. */
  public record Wake() implements Message {}

  /** The link has the assignment, or the stop, in its journal. */
  public record Accepted(ExecutionId execution, boolean stop) implements MasterMessage {}

  private record Noted(Reconciler.Note note) implements Message {}

  private record ReconcilerGone() implements Message {}

  private record CoupleAnswered(long attempt, AgentClient.Answer<Couple.Response> answer)
      implements Message {}

  private record ExchangeAnswered(
      ExchangeLine.Ticket ticket, AgentClient.Answer<Exchange.Response> answer)
      implements Message {}

  private record CoupleNow() implements Message {}

  private record Tick() implements Message {}

  private record Flush() implements Message {}

  private record OutputStored(ExecutionId execution) implements Message {}

  /** What all links of one master share. */
  public record Setting(
      MasterId master,
      JournalId masterJournal,
      TimingPolicy timing,
      LogStore logs,
      Reconciler.Surroundings surroundings,
      StatusListener listener) {}

  /** Who shows the status of links. */
  public interface StatusListener {
    void show(AgentId agent, LinkStatus status);
  }

  private final TimerScheduler<Message> timers;
  private final AgentAddress agent;
  private final Setting setting;
  private final AgentClient client;
  private final ActorRef<LogPuller.Message> puller;
  private final Deque<Reconciler.Message> waiting = new ArrayDeque<>();
  private final LinkWatch watch;
  private final ExchangeLine line;
  private Optional<ActorRef<Reconciler.Message>> reconciler = Optional.empty();
  private Optional<Couple.Response> coupling = Optional.empty();
  private boolean recovered;
  private boolean stepDownAsked;
  private long attempt;

  public static Behavior<Message> create(AgentAddress agent, Setting setting) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new AgentLink(context, timers, agent, setting)));
  }

  private AgentLink(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      AgentAddress agent,
      Setting setting) {
    super(context);
    this.timers = timers;
    this.agent = agent;
    this.setting = setting;
    this.client = new AgentClient(context.getSystem(), setting.master(), agent, setting.timing());
    this.watch = new LinkWatch(agent.id(), setting.timing(), setting.listener());
    this.line = new ExchangeLine(setting.timing());
    this.puller =
        context.spawn(
            LogPuller.create(
                setting.logs(),
                client::output,
                context.messageAdapter(
                    LogPuller.Stored.class, stored -> new OutputStored(stored.execution()))),
            "log-puller");
    spawnReconciler(true);
    timers.startTimerWithFixedDelay(
        "tick", new Tick(), setting.timing().heartbeatPeriod().dividedBy(5));
  }

  private void spawnReconciler(boolean activate) {
    recovered = false;
    stepDownAsked = false;
    ActorRef<Reconciler.Message> spawned =
        getContext()
            .spawnAnonymous(
                Reconciler.create(
                    agent.id(),
                    setting.masterJournal(),
                    activate,
                    getContext().messageAdapter(Reconciler.Note.class, Noted::new),
                    setting.surroundings()));
    getContext().watchWith(spawned, new ReconcilerGone());
    reconciler = Optional.of(spawned);
    while (!waiting.isEmpty()) {
      spawned.tell(waiting.remove());
    }
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Assign.class,
            m -> toReconciler(new Reconciler.Assign(m.spec(), m.releaseByTime(), m.replyTo())))
        .onMessage(Stop.class, m -> toReconciler(new Reconciler.Stop(m.execution(), m.replyTo())))
        .onMessage(
            OutputStored.class, m -> toReconciler(new Reconciler.OutputStored(m.execution())))
        .onMessage(Wake.class, m -> this)
        .onMessage(Noted.class, this::onNote)
        .onMessage(ReconcilerGone.class, m -> onReconcilerGone())
        .onMessage(CoupleNow.class, m -> couple())
        .onMessage(CoupleAnswered.class, this::onCoupleAnswered)
        .onMessage(ExchangeAnswered.class, this::onExchangeAnswered)
        .onMessage(Tick.class, m -> onTick())
        .onMessage(Flush.class, m -> onFlush())
        .build();
  }

  private Behavior<Message> toReconciler(Reconciler.Message message) {
    if (reconciler.isPresent() && !stepDownAsked) {
      reconciler.get().tell(message);
    } else if (waiting.size() < MOST_WAITING) {
      waiting.add(message);
    }
    return this;
  }

  private Behavior<Message> onNote(Noted noted) {
    Reconciler.Note note = noted.note();
    if (note instanceof Reconciler.Recovered now) {
      recovered = true;
      watch.epoch(now.epoch());
      if (line.isOpen()) {
        // It had to read its journal again in the middle of a session: compare anew.
        sessionOver();
      } else if (coupling.isPresent()) {
        toReconciler(new Reconciler.Coupled(coupling.get()));
      } else {
        couple();
      }
    } else if (note instanceof Reconciler.Ready ready) {
      coupling
          .filter(c -> c.incarnation().equals(ready.report().incarnation()))
          .ifPresent(response -> open(response, ready));
    } else if (note instanceof Reconciler.Send send) {
      line.add(send.commands());
      // After what is in the mailbox already, so that one exchange carries all of it.
      getContext().getSelf().tell(new Flush());
    } else if (note instanceof Reconciler.Fetch fetch) {
      puller.tell(
          new LogPuller.Fetch(fetch.execution(), fetch.stdoutBytes(), fetch.stderrBytes(), true));
    }
    return this;
  }

  private void open(Couple.Response response, Reconciler.Ready ready) {
    coupling = Optional.empty();
    watch.waitFor(ready.waiting());
    watch.coupled(response);
    line.open(response.session());
    pump();
  }

  private Behavior<Message> onReconcilerGone() {
    // It stepped down, or it failed: either way the journal is what is true.
    spawnReconciler(false);
    return this;
  }

  private Behavior<Message> couple() {
    if (!recovered || line.isOpen() || coupling.isPresent()) {
      return this;
    }
    attempt++;
    long thisAttempt = attempt;
    // An answer that takes longer than a period is not waited for: the next attempt supersedes it.
    timers.startSingleTimer("couple", new CoupleNow(), setting.timing().heartbeatPeriod());
    getContext()
        .pipeToSelf(
            client.couple(
                new Couple.Request(
                    agent.id(), setting.masterJournal(), watch.epoch(), setting.timing())),
            (answer, failure) ->
                new CoupleAnswered(
                    thisAttempt,
                    failure == null
                        ? answer
                        : new AgentClient.Answer.Failed<>(String.valueOf(failure.getMessage()))));
    return this;
  }

  private Behavior<Message> onCoupleAnswered(CoupleAnswered answered) {
    if (answered.attempt() != attempt || line.isOpen() || coupling.isPresent()) {
      return this;
    }
    if (answered.answer() instanceof AgentClient.Answer.Ok<Couple.Response> ok) {
      if (!ok.message().agent().equals(agent.id())) {
        watch.failed("at " + agent.url() + " answers agent '" + ok.message().agent() + "'");
        return this;
      }
      timers.cancel("couple");
      watch.heardForReconciling(ok.message());
      coupling = Optional.of(ok.message());
      // What is decided now must come from the journal, not from memory.
      stepDownAsked = true;
      reconciler.ifPresent(r -> r.tell(new Reconciler.StepDown()));
    } else if (answered.answer() instanceof AgentClient.Answer.Refused<Couple.Response> refused) {
      watch.refused(refused.refusal());
      timers.startSingleTimer(
          "couple", new CoupleNow(), setting.timing().heartbeatPeriod().dividedBy(5));
    } else if (answered.answer() instanceof AgentClient.Answer.Failed<Couple.Response> failed) {
      watch.failed(failed.why());
      Duration again = watch.isSilent() ? setting.timing().heartbeatPeriod() : soon();
      timers.startSingleTimer("couple", new CoupleNow(), again);
    }
    return this;
  }

  private Duration soon() {
    return setting.timing().heartbeatPeriod().dividedBy(5);
  }

  private Behavior<Message> onFlush() {
    pump();
    return this;
  }

  private void pump() {
    line.next(watch.epoch(), watch.isKnown() ? watch.echo() : Duration.ZERO)
        .ifPresent(
            send -> {
              getContext()
                  .pipeToSelf(
                      client.exchange(send.request()),
                      (answer, failure) ->
                          new ExchangeAnswered(
                              send.ticket(),
                              failure == null
                                  ? answer
                                  : new AgentClient.Answer.Failed<>(
                                      String.valueOf(failure.getMessage()))));
            });
  }

  private Behavior<Message> onExchangeAnswered(ExchangeAnswered answered) {
    if (!line.isCurrent(answered.ticket())) {
      return this;
    }
    if (answered.answer() instanceof AgentClient.Answer.Ok<Exchange.Response> ok) {
      Exchange.Response response = ok.message();
      List<ExecutionId> released = line.answered(answered.ticket());
      watch.heard(response.anchor());
      if (!response.reports().isEmpty() || !released.isEmpty()) {
        toReconciler(new Reconciler.Responded(response.reports(), released));
      }
      response
          .outputs()
          .forEach(
              size ->
                  puller.tell(
                      new LogPuller.Fetch(
                          size.execution(), size.stdoutBytes(), size.stderrBytes(), false)));
      pump();
    } else if (answered.answer() instanceof AgentClient.Answer.Refused<Exchange.Response> no) {
      watch.refused(no.refusal());
      sessionOver();
    } else if (answered.answer() instanceof AgentClient.Answer.Failed<Exchange.Response> failed) {
      watch.failed(failed.why());
      sessionOver();
    }
    return this;
  }

  /** What was in flight is unknown now: couple again, and compare. */
  private void sessionOver() {
    getContext().getLog().info("session with {} is over: {}", agent.id(), watch.message());
    line.close();
    toReconciler(new Reconciler.SessionOver());
    getContext().getSelf().tell(new CoupleNow());
  }

  private Behavior<Message> onTick() {
    if (line.isOverdue(watch.now())) {
      watch.failed("no answer within " + setting.timing().disconnectAfter().toMillis() + " ms");
      sessionOver();
    }
    watch.tick();
    watch
        .released()
        .ifPresent(over -> toReconciler(new Reconciler.LeaseOver(over.only(), over.why())));
    return this;
  }
}
