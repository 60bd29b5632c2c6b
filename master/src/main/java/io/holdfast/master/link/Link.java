package io.holdfast.master.link;

import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.lease.TimingPolicy;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import io.holdfast.protocol.wire.Refusal;
import io.holdfast.protocol.wire.TaskCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The master's side of the link with one agent, without actor, clock or network: couples, keeps the
 * exchange going, watches the heartbeat and counts the lease (R1, R3). {@link AgentLink} gives it a
 * thread and a client; the simulation gives it others.
 *
 * <p>Threading: one at a time. State: soft; after a restart the wait for the lease counts from the
 * recovery (R3). What must not be forgotten is with {@link Reconciling}.
 */
public final class Link {
  /** Who is at both ends, and by which times. */
  public record Identity(
      AgentId agent, String address, JournalId masterJournal, TimingPolicy timing) {}

  /** What a link needs of the world. */
  public interface Surroundings {
    /** By a monotonic clock; it may stand still while the machine is suspended. */
    Duration now();

    /** For people alone. */
    Instant wallClock();

    /** Posts a coupling; answered by {@link Link#coupleAnswered} with this attempt. */
    void couple(long attempt, Couple.Request request);

    /** Posts an exchange; answered by {@link Link#exchangeAnswered} with this ticket. */
    void exchange(Ticket ticket, Exchange.Request request);

    /** Calls {@link Link#couple()} after this time, instead of any call planned before. */
    void coupleAfter(Duration delay);

    /** No planned call of {@link Link#couple()} any more. */
    void coupleNoMore();

    /** Calls {@link Link#flush} after what has arrived already. */
    void flushSoon();

    /** Has the reconciler stop and recovered from its journal: {@link Link#recovered} follows. */
    void stepDown();

    /** The reconciler is to compare; {@link Link#ready} follows. */
    void compare(Couple.Response agent);

    /** For the reconciler: an exchange was answered. */
    void responded(
        List<Exchange.Report> reports,
        List<ExecutionId> released,
        List<Exchange.RefusedStart> refused);

    /**
     * The reconciler is to take an epoch above this one, which an agent has seen of a former life;
     * {@link Link#recovered} follows.
     */
    void supersede(MasterEpoch seen);

    /** This life of the master's side, which no other had before. */
    default Optional<Incarnation> life() {
      return Optional.empty();
    }

    /** R13: whether this master's right to act has been proven lately enough. */
    boolean mayAct();

    /** For the reconciler: nothing can be sent any more. */
    void sessionOver();

    /** For the reconciler: the lease is provably over for these, or for all. */
    void leaseOver(Optional<Set<ExecutionId>> only, String why);

    /**
     * The agent is not heard any more, which is only to be noted: once, until it is heard again.
     *
     * @param lastHeard by the wall clock; empty if not in this life
     */
    default void unheard(Optional<Instant> lastHeard) {}

    /** A running task has this much output by now. */
    void outputGrew(Exchange.OutputSize size);

    /** Brings a task's call to its job; answered by {@link Link#taskAnswered}, or repeated. */
    default void taskCalls(TaskCall call) {}

    /** The status has changed. */
    void show(LinkStatus status);
  }

  private final Identity identity;
  private final Surroundings world;
  private final LinkWatch watch;
  private final ExchangeLine line;
  private final OpenCalls calls = new OpenCalls();
  private Optional<Couple.Response> coupling = Optional.empty();
  private boolean recovered;
  private boolean everCoupled;
  private long attempt;

  public Link(Identity identity, Surroundings world) {
    this.identity = identity;
    this.world = world;
    this.watch = new LinkWatch(identity.timing(), world);
    this.line = new ExchangeLine(identity.timing());
  }

  /** The reconciler reads its journal: until it has, nobody couples. */
  public void recovering() {
    recovered = false;
  }

  /** The reconciler has read its journal; the master's side has this epoch. */
  public void recovered(MasterEpoch epoch) {
    recovered = true;
    watch.epoch(epoch);
    if (line.isOpen()) {
      // It had to read its journal again in the middle of a session: compare anew.
      end();
    } else if (coupling.isPresent()) {
      world.compare(coupling.get());
    } else {
      couple();
    }
  }

  /**
   * The reconciliation is durable. Its commands go with the first exchange: who is held at the
   * agent until the master is heard (R12) must not go on before it hears that it is to stop.
   *
   * @param session whose inventory was compared. That of a former coupling opens nothing: what it
   *     leads to may have been given up since, in what the reconciler is told next (R3)
   * @param waiting what is released by time
   */
  public void ready(
      SessionId session,
      LinkEvent.Reconciled report,
      Set<ExecutionId> waiting,
      List<MasterCommand> commands) {
    coupling
        .filter(response -> response.session().equals(session))
        .ifPresent(
            response -> {
              coupling = Optional.empty();
              watch.waitFor(waiting);
              watch.coupled(response);
              line.open(response.session(), world.now());
              line.add(commands);
              pump();
            });
  }

  /** These are to be sent, in this session. */
  public void send(List<MasterCommand> commands) {
    line.add(commands);
    world.flushSoon();
  }

  /** After what has arrived already, so that one exchange carries all of it. */
  public void flush() {
    pump();
  }

  /** Tries to begin a session, unless there is one. */
  public void couple() {
    if (!recovered || line.isOpen() || coupling.isPresent()) {
      return;
    }
    if (!world.mayAct()) {
      watch.failed("this master's right to act is being proven anew");
      world.coupleAfter(soon());
      return;
    }
    attempt++;
    // An answer that takes longer than a period is not waited for: the next attempt supersedes it.
    world.coupleAfter(identity.timing().heartbeatPeriod());
    world.couple(
        attempt,
        new Couple.Request(
            identity.agent(),
            identity.masterJournal(),
            watch.epoch(),
            identity.timing(),
            world.life()));
  }

  /** What came of a coupling. */
  public void coupleAnswered(long ofAttempt, AgentAnswer<Couple.Response> answer) {
    if (ofAttempt != attempt || line.isOpen() || coupling.isPresent()) {
      return;
    }
    if (answer instanceof AgentAnswer.Ok<Couple.Response> ok) {
      coupled(ok.message());
    } else if (answer instanceof AgentAnswer.Refused<Couple.Response> refused) {
      watch.refused(refused.refusal());
      refusedCoupling(refused.refusal());
    } else if (answer instanceof AgentAnswer.Failed<Couple.Response> failed) {
      watch.failed(failed.why());
      // Otherwise a period after this attempt began, as planned then: failing takes time, too (P3).
      if (!watch.isSilent()) {
        world.coupleAfter(soon());
      }
    }
  }

  /**
   * A life that has coupled before and finds a newer epoch has a successor, and stays refused. One
   * that never has is the newest life, with a journal that knows less than the agent.
   */
  private void refusedCoupling(Refusal refusal) {
    Optional<MasterEpoch> seen =
        refusal.epoch().filter(epoch -> refusal.code() == Refusal.Code.OLDER_EPOCH);
    if (seen.isPresent() && !everCoupled && seen.get().compareTo(watch.epoch()) >= 0) {
      recovered = false;
      world.coupleNoMore();
      world.supersede(seen.get());
    } else {
      world.coupleAfter(soon());
    }
  }

  private void coupled(Couple.Response response) {
    if (!response.agent().equals(identity.agent())) {
      watch.failed("at " + identity.address() + " answers agent '" + response.agent() + "'");
      return;
    }
    everCoupled = true;
    world.coupleNoMore();
    watch.heardForReconciling(response);
    coupling = Optional.of(response);
    // What is decided now must come from the journal, not from memory.
    world.stepDown();
  }

  private Duration soon() {
    return identity.timing().heartbeatPeriod().dividedBy(5);
  }

  private void pump() {
    if (!world.mayAct()) {
      return;
    }
    line.next(watch.epoch(), () -> watch.isKnown() ? watch.echo() : Duration.ZERO, world.now())
        .ifPresent(sending -> world.exchange(sending.ticket(), sending.request()));
  }

  /** What came of an exchange. */
  public void exchangeAnswered(Ticket ticket, AgentAnswer<Exchange.Response> answer) {
    if (!line.isCurrent(ticket)) {
      return;
    }
    if (answer instanceof AgentAnswer.Ok<Exchange.Response> ok) {
      Exchange.Response response = ok.message();
      List<ExecutionId> released = line.answered(ticket, world.now());
      watch.heard(response.anchor());
      boolean news =
          !response.reports().isEmpty() || !released.isEmpty() || !response.refused().isEmpty();
      if (news) {
        world.responded(response.reports(), released, response.refused());
      }
      response.outputs().forEach(world::outputGrew);
      response.calls().forEach(this::taskCalls);
      pump();
    } else if (answer instanceof AgentAnswer.Refused<Exchange.Response> no) {
      watch.refused(no.refusal());
      end();
    } else if (answer instanceof AgentAnswer.Failed<Exchange.Response> failed) {
      watch.failed(failed.why());
      end();
    }
  }

  private void taskCalls(TaskCall call) {
    Optional<MasterCommand.Answer> refusal = calls.add(call, world.now());
    if (refusal.isPresent()) {
      line.add(List.of(refusal.get()));
    } else {
      world.taskCalls(call);
    }
  }

  /** A job has answered a call, and what it says is durable (R14). */
  public void taskAnswered(MasterCommand.Answer answer) {
    if (calls.answered(answer)) {
      send(List.of(answer));
    }
  }

  /** Something came to light that only a comparison can tell. */
  public void compareAgain() {
    if (line.isOpen()) {
      watch.failed("the agent is asked anew, because a part of this link's journal is lost");
      end();
    }
  }

  /** What was in flight is unknown now: couple again, and compare. */
  private void end() {
    line.close();
    calls.clear();
    world.sessionOver();
    world.coupleAfter(Duration.ZERO);
  }

  /** Looks at the clock. */
  public void tick() {
    if (line.isOverdue(world.now())) {
      watch.failed("no answer within " + identity.timing().disconnectAfter().toMillis() + " ms");
      end();
    }
    // What could not be posted while the right to act was in doubt.
    pump();
    calls.repeat(world.now()).forEach(world::taskCalls);
    watch.tick();
    if (coupling.isEmpty()) {
      // Not while the agent's answer is compared: it would be meant for what that sends out, too.
      watch.released().ifPresent(this::giveUp);
    }
  }

  private void giveUp(LinkWatch.Over over) {
    if (over.only().isEmpty() && line.isOpen()) {
      // Nothing was posted because the right to act was in doubt. What waits to be posted is given
      // up
      // as well: should the agent have slept, and its session live on, it must not begin there.
      watch.failed("nothing was posted until the lease was over");
      end();
    }
    world.leaseOver(over.only(), over.why());
  }

  /** Whether the agent is heard: it can be asked itself what lives there. */
  public boolean isHeard() {
    return line.isOpen() || coupling.isPresent() || watch.isHeard();
  }

  /** Why it is not connected, as far as is known. */
  public String message() {
    return watch.message();
  }
}
