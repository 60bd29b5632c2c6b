package io.holdfast.master.link;

import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.wire.Couple;
import io.holdfast.protocol.wire.Exchange;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the master decides of one agent's executions, without actor, clock or journal: {@link
 * LinkRules} with the memory of a session. {@link Reconciler} gives it a journal; the simulation
 * gives it another.
 *
 * <p>Every method returns a {@link Change}: the events to be journalled, and what is done once they
 * are durable (R14). Threading: one at a time. State: soft; {@link LinkState} is handed in.
 */
public final class Reconciling {
  /**
   * Persist these as one write, then do this with the state that they lead to; without events, at
   * once.
   */
  public record Change(List<LinkEvent> events, Consumer<LinkState> afterwards) {}

  /** What it needs of the world. */
  public interface Surroundings {
    /** Whose executions these are. */
    AgentId agent();

    /** For time stamps alone. */
    Instant wallClock();

    /**
     * The reconciliation is durable, and leads to these commands, which the first exchange must
     * carry.
     *
     * @param session whose inventory was compared
     * @param waiting what is released by time
     */
    void ready(
        SessionId session,
        LinkEvent.Reconciled report,
        Set<ExecutionId> waiting,
        List<MasterCommand> commands);

    /** Send these in the next exchange. */
    void send(List<MasterCommand> commands);

    /** All output of an ended execution must be fetched. */
    void fetch(ExecutionId execution, long stdoutBytes, long stderrBytes);

    /** Brings a fact to its job, which answers by {@link Reconciling#jobTook}. */
    void tellJob(JobCommand fact, ExecutionId about);

    /** The agent has seen these numbers of a job: it must not use them again. */
    default void raiseNumbering(JobName job, UsedNumbers.Mark used) {}

    /** A job's journal was damaged, and this is what the link holds of it. */
    default void answer(JobName job, JobCommand.LinkAnswered answer) {}

    /** Compare with the agent anew: something came to light that it has to be asked about. */
    default void compareAgain() {}

    /** The state is durable: show it. */
    void show(LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone);

    /** A reconciliation is durable: show it. */
    void show(LinkEvent.Reconciled report);

    /** Calls {@link Reconciling#repeat} after what has arrived already. */
    void repeatSoon();
  }

  private final JournalId masterJournal;
  private final Incarnation life;
  private final Surroundings world;
  private final SessionMemory memory = new SessionMemory();
  private Optional<MasterEpoch> own;
  private Optional<MasterEpoch> found = Optional.empty();

  /**
   * @param life of the master's side of the link
   * @param own its epoch; none before it is activated
   */
  public Reconciling(
      JournalId masterJournal, Incarnation life, Optional<MasterEpoch> own, Surroundings world) {
    this.masterJournal = masterJournal;
    this.life = life;
    this.own = own;
    this.world = world;
  }

  /**
   * Whether a successor was active here: to be asked whenever the journal has been read, before
   * anything else is done. A predecessor that goes on with its successor's events would act with
   * its authority (R4, R13). A write of its own of which it was not told, because it slept or the
   * disk was slow, is no successor's: this life is active with that.
   */
  public boolean isSuperseded(LinkState state) {
    if (state.life().equals(Optional.of(life))) {
      own = Optional.of(state.epoch());
      return false;
    }
    if (found.isEmpty()) {
      found = Optional.of(state.epoch());
    }
    return !own.or(() -> found).equals(Optional.of(state.epoch()));
  }

  /** Whether this life has an epoch of its own. */
  public boolean isActivated() {
    return own.isPresent();
  }

  /** The journal has been read: says again what others may have missed. */
  public void recovered(LinkState state) {
    memory.end();
    world.show(state, state.executions().keySet(), Set.of());
    state.executions().values().forEach(this::tellJob);
    state.executions().values().forEach(this::fetch);
  }

  /** A new life of the master's side: a new epoch. */
  public Change activate(LinkState state, Consumer<LinkState> afterwards) {
    return activate(state.epoch().next(), afterwards);
  }

  /**
   * The agent has seen a newer epoch than this side ever had: it is that of a former life whose
   * journal is not this one, or not all of it (R4). This side takes the next.
   */
  public Change supersede(LinkState state, MasterEpoch seen, Consumer<LinkState> afterwards) {
    MasterEpoch newest = seen.compareTo(state.epoch()) > 0 ? seen : state.epoch();
    return activate(newest.next(), afterwards);
  }

  private Change activate(MasterEpoch next, Consumer<LinkState> afterwards) {
    return new Change(
        List.of(new LinkEvent.Activated(next, Optional.of(life), world.wallClock())),
        after -> {
          own = Optional.of(after.epoch());
          afterwards.accept(after);
        });
  }

  /** A job gives an execution to the link; {@code accepted} once that is durable. */
  public Change assign(LinkState state, TaskSpec spec, boolean releaseByTime, Runnable accepted) {
    return assign(state, spec, releaseByTime, false, accepted);
  }

  /**
   * The same.
   *
   * @param again whether the job has begun it in a former life
   */
  public Change assign(
      LinkState state, TaskSpec spec, boolean releaseByTime, boolean again, Runnable accepted) {
    List<LinkEvent> events = LinkRules.assign(state, spec, releaseByTime, again, world.wallClock());
    boolean inDoubt =
        events.stream().anyMatch(LinkEvent.AssignedAgain.class::isInstance) && memory.isOpen();
    return change(
        state,
        events,
        () -> {
          accepted.run();
          if (inDoubt) {
            world.compareAgain();
          }
        });
  }

  /**
   * A job whose journal was damaged asks what this link holds of it. It is answered once the agent
   * was heard, or an operator vouches for it: not before is it known what may live (P1), and which
   * numbers were used. Until then the job asks again.
   */
  public void asked(LinkState state, JobName job) {
    if (!memory.isVouched() && !(memory.isOpen() && state.isComplete())) {
      return;
    }
    UsedNumbers.Mark used = memory.used(job);
    List<JobCommand.Adopt> held = new ArrayList<>();
    for (LinkExecution execution : state.executions().values()) {
      if (execution.id().job().equals(job)) {
        used = used.or(mark(execution));
        JobFact.held(execution, world.agent()).ifPresent(held::add);
      }
    }
    world.answer(job, new JobCommand.LinkAnswered(world.agent(), used.run(), used.token(), held));
  }

  /** A job wants it to end; {@code accepted} once that is durable. */
  public Change stop(LinkState state, ExecutionId execution, Runnable accepted) {
    // Without a record the assignment is still on its way: the job will say it again.
    boolean known = state.execution(execution).isPresent();
    return change(
        state,
        LinkRules.stop(state, execution, world.wallClock()),
        known ? accepted : Reconciling::nothing);
  }

  /** The agent is heard again: compare, and decide. */
  public Change coupled(LinkState state, Couple.Response response) {
    Decision<LinkEvent, MasterCommand> decision =
        LinkRules.coupled(state, response, masterJournal, world.wallClock());
    // What is given up by this comparison is not held by the agent either.
    LinkState compared = state.evolve(decision.events().get(0));
    UsedNumbers used = LinkRules.used(response);
    memory.begin(response.taskLimit(), LinkRules.absent(compared, response), used);
    remember(decision.directives());
    var report = (LinkEvent.Reconciled) decision.events().get(0);
    return new Change(
        decision.events(),
        after -> {
          if (!report.entries().isEmpty()) {
            world.show(report);
          }
          raiseNumbering(used, after);
          // Before the link is shown as connected: what ended unheard must not look running.
          afterEvents(after, decision.events());
          world.ready(response.session(), report, waiting(report), decision.directives());
          world.repeatSoon();
        });
  }

  /** A job whose journal went back may know less than the agent, and less than this link. */
  private void raiseNumbering(UsedNumbers atAgent, LinkState state) {
    Map<JobName, UsedNumbers.Mark> used = new HashMap<>();
    atAgent.jobs().keySet().stream()
        .map(JobName::new)
        .forEach(job -> used.put(job, memory.used(job)));
    for (LinkExecution execution : state.executions().values()) {
      used.merge(execution.id().job(), mark(execution), UsedNumbers.Mark::or);
    }
    used.forEach(world::raiseNumbering);
  }

  private static UsedNumbers.Mark mark(LinkExecution execution) {
    return new UsedNumbers.Mark(
        execution.id().run().number(), execution.token().orElse(new FencingToken(0)));
  }

  private void raiseNumbering(JobName job) {
    world.raiseNumbering(job, memory.used(job));
  }

  private static Set<ExecutionId> waiting(LinkEvent.Reconciled report) {
    return report.entries().stream()
        .filter(entry -> entry.decision() == ReconcileDecision.WAIT)
        .map(ReconcileEntry::execution)
        .collect(Collectors.toSet());
  }

  /** An exchange was answered. */
  public Change responded(
      LinkState state,
      List<Exchange.Report> reports,
      List<ExecutionId> released,
      List<Exchange.RefusedStart> refused) {
    return change(state, LinkRules.responded(state, reports, released, refused, world.wallClock()));
  }

  /**
   * An operator vouches for the end of what runs there.
   *
   * @param heard whether the agent can be asked itself
   * @param done told once it is durable; nothing, if the agent itself can say what runs
   */
  public Change confirmLost(
      LinkState state,
      boolean heard,
      String who,
      String why,
      Consumer<Optional<LinkEvent.ConfirmedLost>> done) {
    List<LinkEvent> events = LinkRules.confirmLost(state, heard, who, why, world.wallClock());
    Optional<LinkEvent.ConfirmedLost> confirmed =
        events.stream().map(LinkEvent.ConfirmedLost.class::cast).findFirst();
    return change(
        state,
        events,
        () -> {
          if (confirmed.isPresent()) {
            memory.vouched();
          }
          done.accept(confirmed);
        });
  }

  /** R3 (c): the lease is provably over for these, or for all. */
  public Change leaseOver(LinkState state, Optional<Set<ExecutionId>> only, String why) {
    List<LinkEvent> events = LinkRules.leaseOver(state, only, why, world.wallClock());
    // What was given up with a data directory that is gone: the agent of today does not hold it.
    only.ifPresent(memory::absent);
    return change(state, events);
  }

  /** Nothing can be sent any more. */
  public void sessionOver() {
    memory.end();
  }

  /** All output of an ended execution is on the master's disk. */
  public Change outputStored(LinkState state, ExecutionId execution) {
    memory.outputStored(execution);
    return change(state, List.of());
  }

  /**
   * The job has what it was told of this execution in its journal.
   *
   * @param late whether that was also what came after the verdict; a word about the verdict alone
   *     may be older than the amendment
   */
  public Change jobTook(LinkState state, ExecutionId execution, boolean late) {
    state
        .execution(execution)
        .filter(known -> late || known.late().isEmpty() || known.isNobodys())
        .ifPresent(known -> memory.jobTook(execution));
    return change(state, List.of());
  }

  /** Says again what the jobs have not confirmed, and sends what can be sent. */
  public Change repeat(LinkState state) {
    for (LinkExecution execution : state.executions().values()) {
      if (!memory.jobHas(execution.id())) {
        tellJob(execution);
      }
      if (memory.isOpen()) {
        JobFact.doubt(state, execution, world.agent())
            .ifPresent(fact -> world.tellJob(fact, execution.id()));
      }
    }
    return change(state, List.of());
  }

  private Change change(LinkState state, List<LinkEvent> events) {
    return change(state, events, Reconciling::nothing);
  }

  private static void nothing() {}

  /** {@code events} and what can be sent because of them, as one write. */
  private Change change(LinkState state, List<LinkEvent> events, Runnable afterwards) {
    LinkState next = state;
    for (LinkEvent event : events) {
      next = next.evolve(event);
    }
    // Before anything is sent: the agent must not forget what the job has not been told (P2).
    ChangedExecutions.of(events).settled().forEach(memory::jobMissesNews);
    Decision<LinkEvent, MasterCommand> dispatch =
        LinkRules.dispatch(next, memory, world.wallClock());
    List<LinkEvent> all = new ArrayList<>(events);
    all.addAll(dispatch.events());
    remember(dispatch.directives());
    return new Change(
        all,
        after -> {
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
      world.send(commands);
    }
  }

  private void afterEvents(LinkState after, List<LinkEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    ChangedExecutions changed = ChangedExecutions.of(events);
    memory.forget(changed.gone());
    world.show(after, changed.changed(), changed.gone());
    for (LinkEvent event : events) {
      if (event instanceof LinkEvent.StartsRefused refused) {
        // Before their outcome: what the job begins next has a number above these.
        refused.executions().stream()
            .map(ExecutionId::job)
            .distinct()
            .forEach(this::raiseNumbering);
      }
    }
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

  private void tellJob(LinkExecution execution) {
    JobFact.of(execution, world.agent()).ifPresent(fact -> world.tellJob(fact, execution.id()));
  }

  private void fetch(LinkExecution execution) {
    if (execution.isSettled() && !memory.hasOutput(execution)) {
      world.fetch(execution.id(), execution.stdoutBytes(), execution.stderrBytes());
    }
  }
}
