package io.holdfast.agent.session;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.AgentLease;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.TaskAnswer;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The agent's side of one master, without actor, clock or disk: couplings, exchanges, and what its
 * tasks say (R1, R2, R4, R5). Who is obeyed and until when is in {@link Tenure}, what commands
 * become in {@link Orders}, what the end of a lease stops in {@link LeaseEnd}. {@link
 * MasterSession} gives it a thread, a journal and processes; the simulation gives it others.
 *
 * <p>Threading: one at a time. State: soft; {@link #recovered} brings what is hard. Errors: an
 * exception leaves a request unanswered, so that the master couples again.
 *
 * @param <R> how to reach who asked
 */
public final class Session<R> {
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
     * @param provenAt for who doubts the clock (R12): the newest anchor by which the master was
     *     heard, and everything that it then wanted stopped is being stopped
     * @return whether it is written; if not, nobody may rely on it
     */
    boolean writeDeadline(Duration deadline, Duration killGrace, Duration provenAt);

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

    /** Calls it after this time, or soon after, instead of any such call planned before. */
    void flushAfter(Duration delay);

    /** A session has begun: for the log. */
    default void coupled(MasterEpoch epoch) {}

    /** The lease is over and all that it held is marked to be stopped: for the log. */
    default void leaseIsOver() {}
  }

  private final Identity identity;
  private final Surroundings<R> surroundings;
  private final HeldExchanges<R> held = new HeldExchanges<>();
  private final Tenure tenure;
  private final TaskTable tasks;
  private final TaskCalls calls;
  private final Orders orders;
  private final LeaseEnd leaseEnd;
  private final Releases releases = new Releases();
  private Duration outputsLookedAt = Duration.ZERO;
  private boolean flushing;

  /**
   * @param known the executions of this master that the agent's journal holds; until each has
   *     spoken by {@link #news} nobody can couple
   */
  public Session(Identity identity, List<ExecutionId> known, Surroundings<R> surroundings) {
    this.identity = identity;
    this.surroundings = surroundings;
    this.tenure = new Tenure(surroundings);
    this.tasks = new TaskTable(known, surroundings::outputSize);
    this.calls = new TaskCalls(identity.incarnation());
    this.orders = new Orders(identity.taskLimit(), surroundings, tenure, tasks);
    this.leaseEnd = new LeaseEnd(tasks, orders);
  }

  /**
   * Takes up what is durable.
   *
   * @param written the deadline in the lease file, if the machine has not been restarted since
   */
  public void recovered(SessionState state, Optional<Duration> written) {
    tenure.recovered(state, written);
    // Whose the tasks are is not known where the journal has lost the newest master.
    tasks.serve(state.damage().isPresent() ? Optional.empty() : tenure.masterJournal());
    releases.durable(state.used());
  }

  /** Whether a task that the journal holds has not spoken yet. */
  public boolean awaits(ExecutionId execution) {
    return tasks.awaits(execution);
  }

  // Couplings.

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
    return tenure.mayOpen(request, surroundings.now()).map(this::refusal);
  }

  /**
   * Begins a session; the master's epoch and journal are durable by now. Not while an order is on
   * its way to its journal: the inventory would not have it (R14), and its master could forget what
   * is about to run, or leave a tombstone behind.
   */
  public void couple(Couple.Request request, R replyTo) {
    Duration now = surroundings.now();
    Optional<AgentLease.Denial> denial = tenure.obey(request, now);
    if (denial.isPresent()) {
      refuse(replyTo, refusal(denial.get()));
      return;
    }
    if (tasks.hasOrdersUnderWay()) {
      // No further ones: the wait is as long as these take to be written, or to fail.
      leave("a newer session is to begin");
      refuse(
          replyTo,
          refusal(Refusal.Code.NOT_READY, "an order is on its way to the journal of its task"));
      return;
    }
    refuseAll(refusal(Refusal.Code.OTHER_SESSION, "a newer session has begun"));
    tasks.forgetUnsent();
    calls.sendAgain();
    SessionId session = tenure.open(request, now);
    tasks.serve(tenure.masterJournal());
    tasks.executions().forEach(this::hearNoMoreOfWhatEnds);
    surroundings.coupled(request.epoch());
    surroundings.answer(
        replyTo,
        new Answer.Coupled(
            new Couple.Response(
                identity.agent(),
                identity.journal(),
                identity.incarnation(),
                session,
                surroundings.now(),
                identity.taskLimit(),
                tasks.inventory(),
                releases.told())));
  }

  // Exchanges.

  /**
   * The numbers that must be durable before {@code request} may be performed, if they say anything
   * new: what it releases is forgotten, but that its numbers were used is not.
   */
  public List<SessionEvent.Used> newlyUsed(Exchange.Request request) {
    return tenure.mayCommand(request, surroundings.now())
        ? releases.forgottenBy(request.commands(), tasks)
        : List.of();
  }

  /** These numbers are durable. */
  public void used(UsedNumbers durable) {
    releases.durable(durable);
  }

  /** Two exchanges travel on connections of their own and may overtake each other. */
  public void exchange(Exchange.Request request, R replyTo) {
    var arrived = new HeldExchanges.Arrived<>(request, replyTo);
    if (tenure.session().equals(Optional.of(request.session())) && held.isEarly(request.number())) {
      held.keepEarly(arrived);
      return;
    }
    next(arrived);
    held.takeEarly().ifPresent(this::next);
  }

  private void next(HeldExchanges.Arrived<R> arrived) {
    Exchange.Request request = arrived.request();
    Duration now = surroundings.now();
    AgentLease.Renewal renewal = tenure.renew(request, now);
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
    tenure.rely(((AgentLease.Renewal.Granted) renewal).lease(), orders.stops(request.commands()));
    held.add(
        request.number(), arrived.replyTo(), request.anchor().plus(tenure.timing().exchangeHold()));
    for (MasterCommand command : request.commands()) {
      if (command instanceof MasterCommand.Answer answer) {
        calls.answered(answer);
      } else {
        orders.perform(command, held.await(request.number()), now);
      }
    }
    answerWhatCanBe(now);
  }

  /** Answers what can be answered by now. */
  public void flush() {
    flushing = false;
    answerWhatCanBe(surroundings.now());
  }

  /** After what has arrived already, so that one answer carries all of it. */
  private void flushLater() {
    if (!flushing) {
      flushing = true;
      surroundings.flushSoon();
    }
  }

  private void answerWhatCanBe(Duration now) {
    while (held.mayAnswer(now, tasks.hasNews() || orders.hasRefused() || calls.hasNews())) {
      long number = held.oldest();
      surroundings.answer(
          held.take(),
          new Answer.Exchanged(
              new Exchange.Response(
                  number,
                  surroundings.now(),
                  tasks.takeReports(),
                  tasks.takeOutputs(),
                  orders.takeRefused(),
                  calls.take())));
    }
    held.due().ifPresent(due -> surroundings.flushAfter(due.minus(now)));
  }

  // What tasks say.

  /** An order to a task is durable. */
  public void performed(ExecutionId execution, TaskState state, long correlation) {
    tasks.note(execution, state, List.of());
    hearNoMoreOfWhatEnds(execution);
    if (correlation == HeldExchanges.NONE) {
      marked(execution);
    } else {
      orders.performed(execution, state, correlation);
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
    if (!whole && tenure.session().isPresent()) {
      leave("a task had to read its journal again: couple anew");
    }
    if (state.phase() == TaskPhase.UNKNOWN) {
      tasks.foundNothing(execution);
    }
    hearNoMoreOfWhatEnds(execution);
    flushLater();
  }

  /** A task is released and has deleted itself. */
  public void taskGone(ExecutionId execution) {
    tasks.gone(execution);
    hearNoMoreOfWhatEnds(execution);
    if (leaseEnd.awaits(execution)) {
      marked(execution);
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

  private void hearNoMoreOfWhatEnds(ExecutionId execution) {
    if (!tasks.hears(execution)) {
      calls.ended(execution);
    }
  }

  /** How a task stands, as far as this agent knows by itself. Not while its journal is read. */
  public Optional<Standing> standing(ExecutionId execution) {
    Duration now = surroundings.now();
    return tasks.awaits(execution)
        ? Optional.empty()
        : Optional.of(tasks.standing(execution, tenure.isOver(now), tenure.remaining(now)));
  }

  // Time.

  /** Looks at the clock. */
  public void tick() {
    Duration now = surroundings.now();
    if (tenure.isOver(now)) {
      leaseOver(now);
      return;
    }
    if (tenure.session().isPresent()
        && now.minus(outputsLookedAt).compareTo(OUTPUTS_AGAIN_AFTER) > 0) {
      outputsLookedAt = now;
      tasks.lookAtOutputs();
    }
    answerWhatCanBe(now);
  }

  private void leaseOver(Duration now) {
    refuseAll(refusal(AgentLease.Denial.LEASE_OVER));
    if (leaseEnd.stopAll(now)) {
      tenure.close();
    }
  }

  private void marked(ExecutionId execution) {
    if (leaseEnd.marked(execution) && tenure.isOver(surroundings.now())) {
      surroundings.leaseIsOver();
      tenure.close();
    }
  }

  // Refusals.

  /** Ends the session, not the lease: the master is to compare anew. */
  private void leave(String why) {
    refuseAll(refusal(Refusal.Code.OTHER_SESSION, why));
    tenure.leave();
  }

  private void refuseAll(Refusal refusal) {
    held.takeAll().forEach(waiting -> refuse(waiting, refusal));
    orders.forget();
  }

  private void refuse(R replyTo, Refusal refusal) {
    surroundings.answer(replyTo, new Answer.Refused(refusal));
  }

  private Refusal refusal(Refusal.Code code, String message) {
    return Refusals.of(code, message, tenure.epoch());
  }

  private Refusal refusal(AgentLease.Denial denial) {
    return Refusals.of(denial, tenure.epoch());
  }
}
