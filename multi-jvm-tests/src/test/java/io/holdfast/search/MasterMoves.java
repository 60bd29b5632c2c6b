package io.holdfast.search;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.link.LinkState;
import io.holdfast.master.run.Fleet;
import io.holdfast.master.run.JobCommand;
import io.holdfast.master.run.JobDirective;
import io.holdfast.master.run.JobEvent;
import io.holdfast.master.run.JobState;
import io.holdfast.master.run.RunRecord;
import io.holdfast.protocol.Decision;
import io.holdfast.protocol.id.MasterEpoch;
import java.util.List;
import java.util.Optional;

/**
 * What the master does: the job, its links, and a failover, after which an old master may go on
 * until its authority is over (R13). The journal is written in the same move as the decision;
 * whatever is sent because of it is a move of its own.
 */
final class MasterMoves {
  private final Moves moves;
  private final LineMoves lines;

  MasterMoves(Moves moves) {
    this.moves = moves;
    lines = new LineMoves(moves);
  }

  void expand(World world, Fleet[] fleets) {
    List<JobDirective> owed = world.owed;
    job(world, fleets, owed);
    for (int a = 0; a < moves.bounds.agents(); a++) {
      LinkSide link = world.links[a];
      if (!link.state.executions().isEmpty() || isOwed(owed, a)) {
        lines.line(world, a, false);
      }
      if (world.oldLinks != null
          && (world.oldLinks[a].session != 0 || !world.oldLinks[a].coupling)) {
        lines.line(world, a, true);
      }
      lines.release(world, a);
      tellJob(world, a);
    }
    if (world.failovers > 0) {
      failover(world);
    }
  }

  private static boolean isOwed(List<JobDirective> owed, int a) {
    for (JobDirective directive : owed) {
      if (directive.agent().equals(World.agent(a))) {
        return true;
      }
    }
    return false;
  }

  /** The job's own moves, and what it has to tell its links. */
  private void job(World world, Fleet[] fleets, List<JobDirective> owed) {
    if (world.begun() < moves.bounds.executions()) {
      for (int a = moves.bounds.apart() ? 1 : 0; a < moves.bounds.agents(); a++) {
        moves.doing("the job may begin an execution at %s", World.name(a));
        World next = world.copy();
        if (tellJob(next, new JobCommand.Proceed(), fleets[a])) {
          moves.emit(next);
        }
      }
    }
    if (world.cancels > 0) {
      for (RunRecord run : world.job.runs().values()) {
        if (run.end().isEmpty() && run.cancel().isEmpty() && !run.executions().isEmpty()) {
          moves.doing("%s is cancelled", run.id());
          World next = world.copy();
          next.cancels--;
          tellJob(next, new JobCommand.Cancel(run.id(), "asked for"), Moves.NOBODY);
          moves.emit(next);
        }
      }
    }
    for (JobDirective directive : owed) {
      int a = directive.agent().equals(World.agent(0)) ? 0 : 1;
      LinkState state = world.links[a].state;
      List<LinkEvent> events =
          directive instanceof JobDirective.Assign assign
              ? moves.rules.assign(state, assign)
              : moves.rules.stop(state, directive.execution());
      if (!events.isEmpty()) {
        moves.doing(
            "link %s takes: %s %s",
            World.name(a), directive.getClass().getSimpleName(), directive.execution());
        World next = world.copy();
        new LinkChange(moves.rules).change(next, a, events);
        moves.emit(next);
      }
    }
  }

  /** Changes {@code next}; whether anything follows from the command. */
  boolean tellJob(World next, JobCommand command, Fleet fleet) {
    Decision<JobEvent, JobDirective> decision = moves.rules.job(next.job, command, fleet);
    JobState state = next.job;
    for (JobEvent event : decision.events()) {
      state = moves.rules.evolve(state, event);
      if (event instanceof JobEvent.ExecutionBegun begun) {
        next.ids = next.ids.clone();
        next.ids[next.begun()] = begun.execution();
      }
    }
    next.job = state;
    next.owed = state.definition().isEmpty() ? List.of() : moves.rules.outstanding(state);
    if (decision.events().isEmpty()) {
      return false;
    }
    boolean fact = command instanceof JobCommand.End || command instanceof JobCommand.Amend;
    if (fact && !moves.rules.job(state, command, fleet).events().isEmpty()) {
      throw new Violation("I9", "the job takes twice what it was told: " + command);
    }
    return !decision.events().isEmpty();
  }

  private void tellJob(World world, int a) {
    LinkSide link = world.links[a];
    for (LinkExecution execution : link.state.executions().values()) {
      int e = world.index(execution.id());
      if (execution.outcome().isEmpty() || (link.jobHas & 1 << e) != 0) {
        continue;
      }
      var end =
          new JobCommand.End(
              execution.id(),
              execution.outcome().get(),
              execution.startedAt(),
              execution.endedAt());
      JobCommand fact =
          execution.late().isPresent() ? new JobCommand.Amend(end, execution.late().get()) : end;
      moves.doing(
          "the job takes what became of %s: %s", execution.id(), execution.outcome().get().words());
      World next = world.copy();
      tellJob(next, fact, Moves.NOBODY);
      next.editLink(a).jobHas |= 1 << e;
      new LinkChange(moves.rules).change(next, a, List.of());
      moves.emit(next);
    }
  }

  /** Another master takes over from the journals; the old one is told nothing. */
  private void failover(World world) {
    moves.doing("another master takes over; the old one is told nothing");
    World next = world.copy();
    next.failovers--;
    next.oldLinks = world.links.clone();
    next.oldLeft = moves.rules.authority();
    next.epoch++;
    for (int a = 0; a < World.AGENTS; a++) {
      LinkSide old = next.editOld(a);
      old.state = LinkState.EMPTY;
      old.countsFrom = 0;
      old.receivedAt = old.newest == Ticks.NEVER ? Ticks.NEVER : 0;
      old.jobHas = 0;
      old.absent = 0;
      old.stopsSent = 0;
      old.releasesSent = 0;
      old.waiting = 0;
      old.waitUntil = Ticks.NEVER;
      old.sentAt = Ticks.NEVER;
      LinkSide link = next.editLink(a);
      link.state =
          moves.rules.evolve(
              link.state,
              new LinkEvent.Activated(new MasterEpoch(next.epoch), Optional.empty(), Ticks.STAMP));
      link.crash(moves.rules.recovered(Ticks.NOW, Ticks.POLICY));
    }
    moves.emit(next);
  }
}
