package io.holdfast.sim;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.link.Reconciling;
import io.holdfast.master.run.JobCommand;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.JobName;
import io.holdfast.protocol.id.MasterEpoch;
import io.holdfast.protocol.id.SessionId;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.reconcile.UsedNumbers;
import io.holdfast.protocol.wire.MasterCommand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The reconciler's actor, over the real {@link Reconciling}. */
final class ReconcilerShell extends Persistent<LinkState, LinkEvent>
    implements Reconciling.Surroundings {
  private static final long REPEAT = 2 * World.SECOND;

  final Reconciling core;
  private final LinkShell link;
  private final World world;
  private boolean repeating;

  ReconcilerShell(LinkShell link, Optional<MasterEpoch> own) {
    super(link.node, link.node.side.storage, link.node.store.links.get(link.machine.index));
    this.link = link;
    this.world = link.node.world;
    this.core = new Reconciling(link.node.store.journalId, link.life, own, this);
  }

  @Override
  void recovered() {
    if (core.isSuperseded(state())) {
      if (state().life().equals(Optional.of(link.life))) {
        world.violate(Invariant.I10, "node " + link.node.number + " gives way to itself");
      }
      giveWay();
      return;
    }
    if (!repeating) {
      repeating = true;
      owner.after(REPEAT, this::again);
    }
    if (!core.isActivated() && !link.node.hasAuthority()) {
      // It had the right once, and slept over it.
      if (link.node.isOvertaken()) {
        giveWay();
      } else {
        recover();
      }
      return;
    }
    if (core.isActivated()) {
      link.recovered(state().epoch());
    } else {
      tell(() -> perform(core.activate(state(), after -> link.recovered(after.epoch()))));
    }
    core.recovered(state());
  }

  @Override
  void fenced() {
    if (link.node.isOvertaken()) {
      giveWay();
    } else {
      // The last write of its predecessor came after it had read.
      recover();
    }
  }

  private void giveWay() {
    stop();
    link.node.halt();
  }

  private void again() {
    if (!isStopped()) {
      owner.after(REPEAT, this::again);
      repeatSoon();
    }
  }

  void perform(Reconciling.Change change) {
    if (change.events().isEmpty()) {
      change.afterwards().accept(state());
      return;
    }
    persist(change.events(), written(change.events()), change.afterwards());
  }

  private List<LinkEvent> written(List<LinkEvent> events) {
    Class<? extends LinkEvent> dropped =
        world.broken(Mutation.SENDING_NOT_JOURNALLED)
            ? LinkEvent.Sending.class
            : world.broken(Mutation.REPORTS_NOT_JOURNALLED)
                ? LinkEvent.Reported.class
                : world.broken(Mutation.CONFIRMATION_NOT_JOURNALLED)
                    ? LinkEvent.ConfirmedLost.class
                    : null;
    if (dropped == null) {
      return events;
    }
    List<LinkEvent> kept = new ArrayList<>(events);
    kept.removeIf(dropped::isInstance);
    return kept;
  }

  @Override
  public Instant wallClock() {
    return owner.host.wall();
  }

  @Override
  public AgentId agent() {
    return link.machine.id;
  }

  @Override
  public void raiseNumbering(JobName job, UsedNumbers.Mark used) {
    link.node.jobs[job.value().charAt(1) - '0'].ask(
        new JobCommand.RaiseNumbering(used.run(), used.token()), () -> {});
  }

  @Override
  public void answer(JobName job, JobCommand.LinkAnswered answer) {
    link.node.jobs[job.value().charAt(1) - '0'].ask(answer, () -> {});
  }

  @Override
  public void compareAgain() {
    link.compareAgain();
  }

  @Override
  public void ready(
      SessionId session,
      LinkEvent.Reconciled report,
      Set<ExecutionId> waiting,
      List<MasterCommand> commands) {
    link.ready(session, report, waiting, commands);
  }

  @Override
  public void send(List<MasterCommand> commands) {
    link.send(commands);
  }

  @Override
  public void fetch(ExecutionId execution, long stdoutBytes, long stderrBytes) {
    link.fetch(execution, stdoutBytes);
  }

  @Override
  public void tellJob(JobCommand fact, ExecutionId about) {
    Runnable took = () -> tell(() -> perform(core.jobTook(state(), about, fact.isLate())));
    if (fact.isLate() && world.broken(Mutation.LATE_OUTCOME_NOT_TOLD)) {
      took.run();
    } else {
      link.node.job(about).fromLink(fact, about, took);
    }
  }

  @Override
  public void show(LinkState state, Set<ExecutionId> changed, Set<ExecutionId> gone) {
    link.node.open(link.machine.index, state.executions().size());
    if (!gone.isEmpty()) {
      link.forget(gone);
    }
  }

  @Override
  public void show(LinkEvent.Reconciled report) {
    for (ReconcileEntry entry : report.entries()) {
      world.coverage.decided(entry);
      world.history.reconciled(link.node.side.index, link.machine, entry);
    }
  }

  @Override
  public void repeatSoon() {
    tell(() -> perform(core.repeat(state())));
  }
}
