package io.holdfast.agent.session;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The agent's side of one master, without actor, clock or disk: its session, its lease and what it
 * knows of its tasks (R1, R2, R4, R5). {@link MasterSession} gives it a thread, a journal and
 * processes; the simulation gives it others.
 *
 * <p>Threading: one at a time. State: soft; {@link #recovered} brings what is hard. Errors: an
 * exception leaves a request unanswered, so that the master couples again.
 *
 * @param <R> how to reach who asked
 */
public final class Session<R> {
  private static final Duration STOPS_AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration OUTPUTS_AGAIN_AFTER = Duration.ofMillis(250);

  /** Who this agent is. */
  public record Identity(
      AgentId agent, JournalId journal, Incarnation incarnation, int taskLimit) {}

  /** What a session needs of the world. */
  public interface Surroundings<R> {
    /** Since the boot of the machine; never goes back, goes on during a suspension (R2). */
    Duration now();

    /** Which boot of the machine {@link #now} counts from. */
    String bootId();

    /** A name that no session had before. */
    SessionId newSession();

    /**
     * Writes the deadline for the guardian, atomically.
     *
     * @return whether it is written; if not, nobody may rely on it
     */
    boolean writeDeadline(Duration deadline, Duration killGrace);

    /**
     * As {@link #writeDeadline(Duration, Duration)}, with the anchor that the deadline counts from,
     * for who doubts the clock (R12).
     */
    default boolean writeDeadline(Duration deadline, Duration killGrace, Duration anchor) {
      return writeDeadline(deadline, killGrace);
    }

    /** Why the machine can take no further task, if so. */
    default Optional<String> refusal() {
      return Optional.empty();
    }

    /** How much output a task has on disk. */
    Exchange.OutputSize outputSize(ExecutionId execution);

    /** Gives an order to a task; its answer comes by {@link Session#performed}. */
    void perform(ExecutionId execution, TaskCommand command, long correlation);

    /** Answers a request. */
    void answer(R replyTo, Answer answer);

    /** Calls {@link Session#flush} after what has arrived already. */
    void flushSoon();

    /** A session has begun: for the log. */
    default void coupled(MasterEpoch epoch) {}

    /** The lease is over and all that it held is marked to be stopped: for the log. */
    default void leaseIsOver() {}
  }

  private final Identity identity;
  private final Surroundings<R> surroundings;
  private final HeldExchanges<R> held = new HeldExchanges<>();
  private final TaskTable tasks;
  private final TaskCalls calls;
  private final Set<ExecutionId> beingStopped = new HashSet<>();
  private AgentLease lease = AgentLease.NONE;
  private TimingPolicy timing = TimingPolicy.DEFAULT;
  private Optional<JournalId> masterJournal = Optional.empty();
  private Optional<Incarnation> masterLife = Optional.empty();
  private UsedNumbers used = UsedNumbers.NONE;
  private final Set<Long> starts = new HashSet<>();
  private final List<Exchange.RefusedStart> refusedStarts = new ArrayList<>();
  private Duration writtenDeadline = Duration.ZERO;
  private Duration outputsLookedAt = Duration.ZERO;
  private Duration stopsToldAt = Duration.ZERO;
  private boolean flushing;

  /**
   * @param known the executions of this master that the agent's journal holds; until each has
   *     spoken by {@link #news} nobody can couple
   */
  public Session(Identity identity, List<ExecutionId> known, Surroundings<R> surroundings) {
    this.identity = identity;
    this.surroundings = surroundings;
    this.tasks = new TaskTable(known, surroundings::outputSize);
    this.calls = new TaskCalls(identity.incarnation());
  }

  /**
   * Takes up what is durable.
   *
   * @param written the deadline in the lease file, if the machine has not been restarted since
   */
  public void recovered(SessionState state, Optional<Duration> written) {
    written.ifPresent(deadline -> writtenDeadline = deadline);
    lease = new AgentLease(state.epoch(), Optional.empty(), Duration.ZERO, written);
    masterJournal = state.masterJournal();
    masterLife = state.life();
    tasks.serve(masterJournal);
    used = state.used();
  }

  /** Whether a task that the journal holds has not spoken yet. */
  public boolean awaits(ExecutionId execution) {
    return tasks.awaits(execution);
  }

  /** Why {@code request} cannot begin a session now, if so. */
  public Optional<Refusal> refuseCouple(Couple.Request request) {
    if (!request.agent().equals(identity.agent())) {
      return Optional.of(
          refusal(
              Refusal.Code.WRONG_AGENT,
              "this is agent '" + identity.agent() + "', not '" + request.agent() + "'"));
    }
    if (!tasks.isRecovered()) {
      return Optional.of(refusal(Refusal.Code.NOT_READY, "the agent is still reading its journal"));
    }
    return mayOpen(request, surroundings.now()).map(this::refusal);
  }

  /** Two journals, or two lives, under one epoch are two masters: the one that is here stays. */
  private Optional<AgentLease.Denial> mayOpen(Couple.Request request, Duration now) {
    boolean rival =
        request.epoch().equals(lease.epoch())
            && (isOther(masterJournal, Optional.of(request.masterJournal()))
                || isOther(masterLife, request.life()));
    return rival ? Optional.of(AgentLease.Denial.OLDER_EPOCH) : lease.mayOpen(request.epoch(), now);
  }

  private static <T> boolean isOther(Optional<T> here, Optional<T> there) {
    return here.isPresent() && there.isPresent() && !here.equals(there);
  }

  /**
   * Begins a session; the master's epoch and journal are durable by now. Not while a start is on
   * its way to its journal: the inventory would not have it (R14), and its master could forget what
   * is about to run.
   */
  public void couple(Couple.Request request, R replyTo) {
    Duration now = surroundings.now();
    if (request.epoch().compareTo(lease.epoch()) > 0) {
      // It is durable: whatever becomes of this coupling, older masters are refused from now on.
      lease =
          new AgentLease(request.epoch(), lease.session(), lease.sessionSince(), lease.deadline());
      masterJournal = Optional.of(request.masterJournal());
      masterLife = request.life();
    }
    // Its journal is the newest by now, so that only the lease can have changed.
    Optional<AgentLease.Denial> denial = lease.mayOpen(request.epoch(), now);
    if (denial.isPresent()) {
      refuse(replyTo, refusal(denial.get()));
      return;
    }
    if (tasks.hasStartsUnderWay()) {
      // No further ones: the wait is as long as these take to be written, or to fail.
      leave("a newer session is to begin");
      refuse(
          replyTo,
          refusal(Refusal.Code.NOT_READY, "an order to start is on its way to its journal"));
      return;
    }
    refuseAll(refusal(Refusal.Code.OTHER_SESSION, "a newer session has begun"));
    tasks.forgetUnsent();
    calls.sendAgain();
    lease = lease.open(surroundings.newSession(), request.epoch(), now);
    timing = request.timing();
    masterJournal = Optional.of(request.masterJournal());
    masterLife = request.life();
    tasks.serve(masterJournal);
    tasks.executions().forEach(this::hearNoMoreOfWhatEnds);
    surroundings.coupled(request.epoch());
    surroundings.answer(
        replyTo,
        new Answer.Coupled(
            new Couple.Response(
                identity.agent(),
                identity.journal(),
                identity.incarnation(),
                lease.session().orElseThrow(),
                surroundings.now(),
                identity.taskLimit(),
                tasks.inventory(),
                Optional.of(used).filter(numbers -> !numbers.equals(UsedNumbers.NONE)))));
  }

  /**
   * The numbers that must be durable before {@code request} may be performed, if they say anything
   * new: what it releases is forgotten, but that its numbers were used is not.
   */
  public List<SessionEvent.Used> newlyUsed(Exchange.Request request) {
    boolean obeyed =
        lease.mayCommand(request.session(), request.epoch(), surroundings.now()).isEmpty();
    return obeyed ? tasks.forgotten(used, request.commands()) : List.of();
  }

  /** These numbers are durable. */
  public void used(UsedNumbers durable) {
    used = durable;
  }

  /** Two exchanges travel on connections of their own and may overtake each other. */
  public void exchange(Exchange.Request request, R replyTo) {
    var arrived = new HeldExchanges.Arrived<>(request, replyTo);
    if (lease.session().equals(Optional.of(request.session())) && held.isEarly(request.number())) {
      held.keepEarly(arrived);
      return;
    }
    next(arrived);
    held.takeEarly().ifPresent(this::next);
  }

  private void next(HeldExchanges.Arrived<R> arrived) {
    Exchange.Request request = arrived.request();
    Duration now = surroundings.now();
    AgentLease.Renewal renewal =
        lease.renew(request.session(), request.epoch(), request.anchor(), timing.lease(), now);
    if (renewal instanceof AgentLease.Renewal.Denied denied) {
      refuse(arrived.replyTo(), refusal(denied.why()));
      return;
    }
    if (!held.isNext(request.number())) {
      refuse(
          arrived.replyTo(),
          refusal(
              Refusal.Code.STALE_EXCHANGE,
              "exchange " + request.number() + " is not newer than those seen"));
      return;
    }
    rely(((AgentLease.Renewal.Granted) renewal).lease());
    held.add(request.number(), arrived.replyTo(), now.plus(timing.exchangeHold()));
    for (MasterCommand command : request.commands()) {
      if (command instanceof MasterCommand.Answer answer) {
        calls.answered(answer);
        continue;
      }
      long correlation = held.await(request.number());
      if (command instanceof MasterCommand.Start) {
        starts.add(correlation);
      }
      perform(command.execution(), order(command, now), correlation);
    }
    answerWhatCanBe(now);
  }

  /** R2: the deadline is on disk before it is relied on; small gains are not worth a write. */
  private void rely(AgentLease renewed) {
    Duration deadline = renewed.deadline().orElseThrow();
    Duration gain = deadline.minus(writtenDeadline);
    if (lease.deadline().isPresent() && gain.compareTo(timing.heartbeatPeriod().dividedBy(8)) < 0) {
      return;
    }
    if (!surroundings.writeDeadline(deadline, timing.killGrace(), deadline.minus(timing.lease()))) {
      return;
    }
    writtenDeadline = deadline;
    lease = renewed;
  }

  private void perform(ExecutionId execution, TaskCommand order, long correlation) {
    tasks.ordered(execution, order);
    surroundings.perform(execution, order, correlation);
  }

  private TaskCommand order(MasterCommand command, Duration now) {
    JournalId journal = masterJournal.orElseThrow();
    if (command instanceof MasterCommand.Start start) {
      return new TaskCommand.Start(
          start.spec(),
          start.request(),
          journal,
          surroundings.bootId(),
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
    return tasks.refuseNew(identity.taskLimit()).or(surroundings::refusal);
  }

  /** An order to a task is durable. */
  public void performed(ExecutionId execution, TaskState state, long correlation) {
    tasks.note(execution, state, List.of());
    hearNoMoreOfWhatEnds(execution);
    if (correlation == HeldExchanges.NONE) {
      stopMarked(execution);
    } else {
      if (starts.remove(correlation)) {
        TaskRules.refusal(state, masterJournal.orElseThrow())
            .ifPresent(why -> refusedStarts.add(new Exchange.RefusedStart(execution, why)));
      }
      held.performed(correlation);
      flushLater();
    }
  }

  /**
   * A task has changed, or speaks for the first time.
   *
   * @param events the new ones; the last has the number {@code state.version()}
   */
  public void news(ExecutionId execution, TaskState state, List<TaskEvent> events) {
    boolean whole = tasks.note(execution, state, events);
    if (!whole && lease.session().isPresent()) {
      leave("a task had to read its journal again: couple anew");
    }
    if (state.phase() == TaskPhase.UNKNOWN) {
      tasks.foundNothing(execution);
    }
    hearNoMoreOfWhatEnds(execution);
    flushLater();
  }

  /** After what has arrived already, so that one answer carries all of it. */
  private void flushLater() {
    if (!flushing) {
      flushing = true;
      surroundings.flushSoon();
    }
  }

  /** Answers what can be answered by now. */
  public void flush() {
    flushing = false;
    answerWhatCanBe(surroundings.now());
  }

  /** A task is released and has deleted itself. */
  public void taskGone(ExecutionId execution) {
    tasks.gone(execution);
    hearNoMoreOfWhatEnds(execution);
    if (beingStopped.contains(execution)) {
      stopMarked(execution);
    }
  }

  private void stopMarked(ExecutionId execution) {
    beingStopped.remove(execution);
    if (beingStopped.isEmpty() && lease.isOver(surroundings.now())) {
      surroundings.leaseIsOver();
      close();
    }
  }

  /** Ends the session, not the lease: the master is to compare anew. */
  private void leave(String why) {
    refuseAll(refusal(Refusal.Code.OTHER_SESSION, why));
    lease = new AgentLease(lease.epoch(), Optional.empty(), lease.sessionSince(), lease.deadline());
  }

  private void close() {
    lease = lease.close();
    writtenDeadline = Duration.ZERO;
  }

  /** Looks at the clock. */
  public void tick() {
    Duration now = surroundings.now();
    if (lease.isOver(now)) {
      leaseOver(now);
      return;
    }
    if (lease.session().isPresent()
        && now.minus(outputsLookedAt).compareTo(OUTPUTS_AGAIN_AFTER) > 0) {
      outputsLookedAt = now;
      tasks.lookAtOutputs();
    }
    answerWhatCanBe(now);
  }

  /** R2: stop what a lease holds, and only this master's; end the session. */
  private void leaseOver(Duration now) {
    refuseAll(refusal(AgentLease.Denial.LEASE_OVER));
    boolean waiting =
        !beingStopped.isEmpty() && now.minus(stopsToldAt).compareTo(STOPS_AGAIN_AFTER) < 0;
    if (!tasks.isRecovered() || waiting) {
      return;
    }
    // Told again while unmarked: a task that had to read its journal again has forgotten it.
    stopsToldAt = now;
    beingStopped.addAll(tasks.alive(ConnectionLossPolicy.STOP_AFTER_LEASE));
    for (ExecutionId execution : List.copyOf(beingStopped)) {
      perform(execution, new TaskCommand.Stop(StopReason.LEASE_OVER), HeldExchanges.NONE);
    }
    if (beingStopped.isEmpty()) {
      close();
    }
  }

  private void hearNoMoreOfWhatEnds(ExecutionId execution) {
    if (!tasks.hears(execution)) {
      calls.ended(execution);
    }
  }

  /** A task asks something of its master; it is answered when the master has, or when it ends. */
  public void taskCalls(
      ExecutionId execution, TaskCall.Ask ask, Optional<String> key, Consumer<TaskAnswer> reply) {
    if (tasks.hears(execution)) {
      calls.call(execution, ask, key, reply);
      flushLater();
    } else {
      reply.accept(TaskCalls.over(execution));
    }
  }

  /** How a task stands, as far as this agent knows by itself. Not while its journal is read. */
  public Optional<Standing> standing(ExecutionId execution) {
    Duration now = surroundings.now();
    return tasks.awaits(execution)
        ? Optional.empty()
        : Optional.of(
            tasks.standing(
                execution,
                lease.isOver(now),
                lease.deadline().map(deadline -> deadline.minus(now))));
  }

  private void answerWhatCanBe(Duration now) {
    while (held.mayAnswer(now, tasks.hasNews() || !refusedStarts.isEmpty() || calls.hasNews())) {
      long number = held.oldest();
      surroundings.answer(
          held.take(),
          new Answer.Exchanged(
              new Exchange.Response(
                  number,
                  surroundings.now(),
                  tasks.takeReports(),
                  tasks.takeOutputs(),
                  List.copyOf(refusedStarts),
                  calls.take())));
      refusedStarts.clear();
    }
  }

  private void refuse(R replyTo, Refusal refusal) {
    surroundings.answer(replyTo, new Answer.Refused(refusal));
  }

  private void refuseAll(Refusal refusal) {
    held.takeAll().forEach(waiting -> refuse(waiting, refusal));
    starts.clear();
    refusedStarts.clear();
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
