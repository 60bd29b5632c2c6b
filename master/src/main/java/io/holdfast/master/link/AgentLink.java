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
import io.holdfast.master.run.JobEntity;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The master's side of the link with one agent: the shell around {@link Link}, which decides, and
 * the parent of its {@link Reconciler}, which it has recovered from the journal at each coupling.
 *
 * <p>All state here is soft. After a restart the wait for the lease counts from the recovery (R3).
 */
public final class AgentLink extends AbstractBehavior<AgentLink.Message> {
  /** How sharding knows links. */
  public static final EntityTypeKey<Message> TYPE =
      EntityTypeKey.create(Message.class, "AgentLink");

  /** What a link is told. */
  public sealed interface Message extends MasterMessage {}

  /** Run this on the agent. Answered with {@link Accepted} once it is durable. */
  public record Assign(
      TaskSpec spec, boolean releaseByTime, boolean again, ActorRef<Accepted> replyTo)
      implements Message {}

  /** A job whose journal was damaged asks what this link holds of it; see {@link Reconciling}. */
  public record Ask(JobName job) implements Message {}

  /** End it. Answered with {@link Accepted} once it is durable. */
  public record Stop(ExecutionId execution, ActorRef<Accepted> replyTo) implements Message {}

  /** An operator vouches that the agent's machine is off. Answered once that is durable. */
  public record ConfirmLost(String who, String why, ActorRef<ConfirmAnswer> replyTo)
      implements Message {}

  /** What came of {@link ConfirmLost}. */
  public sealed interface ConfirmAnswer extends MasterMessage {
    /** It is in the journal. */
    record Confirmed(LinkEvent.ConfirmedLost event) implements ConfirmAnswer {}

    /** The agent is heard: what lives there can be stopped, and need not be vouched for. */
    record Heard() implements ConfirmAnswer {}
  }

  /** Come alive after a restart. */
  public record Wake() implements Message {}

  /** The link has the assignment, or the stop, in its journal. */
  public record Accepted(ExecutionId execution, boolean stop) implements MasterMessage {}

  private record Noted(ReconcilerNote note) implements Message {}

  private record ReconcilerGone() implements Message {}

  private record CoupleAnswered(long attempt, AgentAnswer<Couple.Response> answer)
      implements Message {}

  private record ExchangeAnswered(Ticket ticket, AgentAnswer<Exchange.Response> answer)
      implements Message {}

  private record CoupleNow() implements Message {}

  private record Tick() implements Message {}

  private record Flush() implements Message {}

  private record TaskAnswered(JobEntity.TaskAnswered answer) implements Message {}

  private record OutputStored(ExecutionId execution) implements Message {}

  /** What all links of one master share. */
  public record Setting(
      MasterId master,
      JournalId masterJournal,
      TimingPolicy timing,
      LogStore logs,
      Reconciler.Surroundings surroundings,
      TaskCallListener jobs,
      StatusListener listener,
      BooleanSupplier mayAct,
      Consumer<String> onRival) {}

  /** Who brings calls of tasks to their jobs. */
  public interface TaskCallListener {
    void tellJob(TaskCall call, AgentId from, ActorRef<JobEntity.TaskAnswered> replyTo);
  }

  /** Who shows the status of links. */
  public interface StatusListener {
    void show(AgentId agent, LinkStatus status);
  }

  private final TimerScheduler<Message> timers;
  private final AgentAddress agent;
  private final Setting setting;
  private final AgentClient client;
  private final ActorRef<LogPuller.Message> puller;
  private final ActorRef<JobEntity.TaskAnswered> taskAnswered;
  private final ReconcilerChild<Message> reconciler;
  private final Link link;
  private final Incarnation life = new Incarnation(UUID.randomUUID().toString());
  private Optional<MasterEpoch> own = Optional.empty();

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
    this.link =
        new Link(
            new Link.Identity(
                agent.id(), String.valueOf(agent.url()), setting.masterJournal(), setting.timing()),
            new World());
    this.puller =
        context.spawn(
            LogPuller.create(
                setting.logs(),
                client::output,
                context.messageAdapter(
                    LogPuller.Stored.class, stored -> new OutputStored(stored.execution()))),
            "log-puller");
    this.taskAnswered = context.messageAdapter(JobEntity.TaskAnswered.class, TaskAnswered::new);
    this.reconciler = new ReconcilerChild<>(context, this::newReconciler, new ReconcilerGone());
    recoverReconciler();
    timers.startTimerWithFixedDelay(
        "tick", new Tick(), setting.timing().heartbeatPeriod().dividedBy(5));
  }

  private Behavior<Reconciler.Message> newReconciler() {
    return Reconciler.create(
        agent.id(),
        setting.masterJournal(),
        life,
        own,
        getContext().messageAdapter(ReconcilerNote.class, Noted::new),
        setting.surroundings());
  }

  /** It stepped down, or it failed, or is not there yet: the journal is what is true. */
  private void recoverReconciler() {
    link.recovering();
    reconciler.recover();
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder()
        .onMessage(
            Assign.class,
            m ->
                toReconciler(
                    new Reconciler.Assign(m.spec(), m.releaseByTime(), m.again(), m.replyTo())))
        .onMessage(Ask.class, m -> toReconciler(new Reconciler.Ask(m.job())))
        .onMessage(Stop.class, m -> toReconciler(new Reconciler.Stop(m.execution(), m.replyTo())))
        .onMessage(
            OutputStored.class, m -> toReconciler(new Reconciler.OutputStored(m.execution())))
        .onMessage(ConfirmLost.class, this::onConfirmLost)
        .onMessage(TaskAnswered.class, m -> linked(() -> link.taskAnswered(m.answer().answer())))
        .onMessage(Wake.class, m -> this)
        .onMessage(Noted.class, m -> onNote(m.note()))
        .onMessage(ReconcilerGone.class, m -> linked(this::recoverReconciler))
        .onMessage(CoupleNow.class, m -> linked(link::couple))
        .onMessage(
            CoupleAnswered.class, m -> linked(() -> link.coupleAnswered(m.attempt(), m.answer())))
        .onMessage(
            ExchangeAnswered.class,
            m -> linked(() -> link.exchangeAnswered(m.ticket(), m.answer())))
        .onMessage(Tick.class, m -> linked(link::tick))
        .onMessage(Flush.class, m -> linked(link::flush))
        .build();
  }

  private Behavior<Message> onConfirmLost(ConfirmLost confirm) {
    return toReconciler(
        new Reconciler.ConfirmLost(
            link.isHeard(), confirm.who(), confirm.why(), confirm.replyTo()));
  }

  private Behavior<Message> linked(Runnable change) {
    change.run();
    return this;
  }

  private Behavior<Message> toReconciler(Reconciler.Message message) {
    reconciler.tell(message);
    return this;
  }

  private Behavior<Message> onNote(ReconcilerNote note) {
    if (note instanceof ReconcilerNote.Recovered now) {
      own = Optional.of(now.epoch());
      link.recovered(now.epoch());
    } else if (note instanceof ReconcilerNote.Superseded superseded) {
      setting
          .onRival()
          .accept(
              "the link to %s was taken over with epoch %s".formatted(agent.id(), superseded.by()));
    } else if (note instanceof ReconcilerNote.Ready ready) {
      link.ready(ready.session(), ready.report(), ready.waiting(), ready.commands());
    } else if (note instanceof ReconcilerNote.CompareAgain) {
      link.compareAgain();
    } else if (note instanceof ReconcilerNote.Send send) {
      link.send(send.commands());
    } else if (note instanceof ReconcilerNote.Fetch fetch) {
      puller.tell(
          new LogPuller.Fetch(fetch.execution(), fetch.stdoutBytes(), fetch.stderrBytes(), true));
    }
    return this;
  }

  /** This actor, its client and its reconciler, as the link sees them. */
  private final class World implements Link.Surroundings {
    @Override
    public Duration now() {
      return Duration.ofNanos(System.nanoTime());
    }

    @Override
    public Instant wallClock() {
      return Instant.now();
    }

    @Override
    public void couple(long attempt, Couple.Request request) {
      getContext()
          .pipeToSelf(
              client.couple(request),
              (answer, failure) -> new CoupleAnswered(attempt, orFailed(answer, failure)));
    }

    @Override
    public void exchange(Ticket ticket, Exchange.Request request) {
      getContext()
          .pipeToSelf(
              client.exchange(request),
              (answer, failure) -> new ExchangeAnswered(ticket, orFailed(answer, failure)));
    }

    private <T> AgentAnswer<T> orFailed(AgentAnswer<T> answer, Throwable failure) {
      return failure == null
          ? answer
          : new AgentAnswer.Failed<>(String.valueOf(failure.getMessage()));
    }

    @Override
    public void coupleAfter(Duration delay) {
      if (delay.isZero()) {
        timers.cancel("couple");
        getContext().getSelf().tell(new CoupleNow());
      } else {
        timers.startSingleTimer("couple", new CoupleNow(), delay);
      }
    }

    @Override
    public void coupleNoMore() {
      timers.cancel("couple");
    }

    @Override
    public void flushSoon() {
      getContext().getSelf().tell(new Flush());
    }

    @Override
    public void stepDown() {
      reconciler.stepDown();
    }

    @Override
    public void compare(Couple.Response response) {
      reconciler.tell(new Reconciler.Coupled(response));
    }

    @Override
    public void responded(
        List<Exchange.Report> reports,
        List<ExecutionId> released,
        List<Exchange.RefusedStart> refused) {
      reconciler.tell(new Reconciler.Responded(reports, released, refused));
    }

    @Override
    public void supersede(MasterEpoch seen) {
      getContext()
          .getLog()
          .warn(
              "{} has seen epoch {} of a former life of this master: this one takes the next",
              agent.id(),
              seen);
      reconciler.tell(new Reconciler.Supersede(seen));
    }

    @Override
    public Optional<Incarnation> life() {
      return Optional.of(life);
    }

    @Override
    public boolean mayAct() {
      return setting.mayAct().getAsBoolean();
    }

    @Override
    public void sessionOver() {
      getContext().getLog().info("session with {} is over: {}", agent.id(), link.message());
      reconciler.tell(new Reconciler.SessionOver());
    }

    @Override
    public void leaseOver(Optional<Set<ExecutionId>> only, String why) {
      reconciler.tell(new Reconciler.LeaseOver(only, why));
    }

    @Override
    public void unheard(Optional<Instant> lastHeard) {
      // Whose right to act is in doubt may have a successor, whom a write would meet.
      if (mayAct()) {
        reconciler.tell(new Reconciler.Unheard(lastHeard));
      }
    }

    @Override
    public void outputGrew(Exchange.OutputSize size) {
      puller.tell(
          new LogPuller.Fetch(size.execution(), size.stdoutBytes(), size.stderrBytes(), false));
    }

    @Override
    public void taskCalls(TaskCall call) {
      setting.jobs().tellJob(call, agent.id(), taskAnswered);
    }

    @Override
    public void show(LinkStatus status) {
      setting.listener().show(agent.id(), status);
    }
  }
}
