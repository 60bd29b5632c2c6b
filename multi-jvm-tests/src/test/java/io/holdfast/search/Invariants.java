package io.holdfast.search;

import io.holdfast.master.link.ExecutionPhase;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.run.ExecutionRecord;
import io.holdfast.master.run.RunRecord;
import io.holdfast.master.run.RunResult;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.search.ProcessSide.Killed;
import java.util.Optional;

/** What must hold in every state and at every step, whatever the rules say. */
final class Invariants {
  private Invariants() {}

  static void check(World before, World after) {
    atMostOne(after);
    for (int e = 0; e < after.begun(); e++) {
      if (after.starts[e] > 1) {
        throw new Violation("I2", after.ids[e] + " was executed twice");
      }
    }
    if (before.job != after.job) {
      history(before, after);
    }
    givenUpIsDead(after);
    outcomesAreKept(after);
    livingLeaseEndsNothing(before, after);
    for (int a = 0; a < World.AGENTS; a++) {
      if (before.links[a].state != after.links[a].state) {
        linkHistory(before.links[a], after, a);
      }
    }
  }

  static boolean isAlive(World world, int execution) {
    return living(world, execution) > 0;
  }

  private static int living(World world, int execution) {
    int living = 0;
    for (AgentSide agent : world.agents) {
      living += agent.tasks[execution].process().life() == ProcessSide.Life.ALIVE ? 1 : 0;
      living += agent.former[execution].life() == ProcessSide.Life.ALIVE ? 1 : 0;
    }
    return living;
  }

  private static void atMostOne(World world) {
    int living = 0;
    for (int e = 0; e < world.begun(); e++) {
      living += living(world, e);
    }
    if (living > 1) {
      throw new Violation("I1", "two processes of the job live");
    }
  }

  /** I3, by the job's journal and by the link's. */
  private static void givenUpIsDead(World world) {
    for (int e = 0; e < world.begun(); e++) {
      if (!isAlive(world, e)) {
        continue;
      }
      Optional<ExecutionRecord> record = record(world, e);
      if (record.flatMap(ExecutionRecord::end).isPresent()) {
        throw new Violation(
            "I3",
            world.ids[e]
                + " lives, and the job has it "
                + record.get().end().get().outcome().words());
      }
      for (LinkSide link : world.links) {
        Optional<LinkExecution> known = link.state.execution(world.ids[e]);
        boolean over =
            known
                .filter(k -> k.phase() == ExecutionPhase.LOST || k.phase() == ExecutionPhase.ENDED)
                .isPresent();
        if (over) {
          throw new Violation(
              "I3",
              world.ids[e] + " lives, and its link has it " + known.get().outcome().get().words());
        }
      }
    }
  }

  /** I5: what the agent may forget is in the job's journal. */
  private static void outcomesAreKept(World world) {
    for (AgentSide agent : world.agents) {
      for (int e = 0; e < world.begun(); e++) {
        TaskSide task = agent.tasks[e];
        if (task.state().phase() != TaskPhase.RELEASED) {
          continue;
        }
        Optional<ExecutionRecord> record = record(world, e);
        Optional<Outcome> end = record.flatMap(ExecutionRecord::end).map(x -> x.outcome());
        boolean there =
            end.isPresent()
                && (!(end.get() instanceof Outcome.Lost) || record.get().amended().isPresent());
        boolean same =
            task.state().outcome().isEmpty()
                || end.equals(task.state().outcome())
                || record.get().amended().equals(task.state().outcome());
        if (!there || !same) {
          throw new Violation(
              "I5",
              "the agent may forget "
                  + world.ids[e]
                  + ", and the job does not have what became of it");
        }
      }
    }
  }

  /** I8: nothing is ended for a lease whose deadline has not passed by the agent's own clock. */
  private static void livingLeaseEndsNothing(World before, World after) {
    for (int a = 0; a < World.AGENTS; a++) {
      AgentSide then = before.agents[a];
      AgentSide now = after.agents[a];
      if (then == now || then.deadline == Ticks.NEVER || then.deadline <= 0) {
        continue;
      }
      for (int e = 0; e < after.begun(); e++) {
        if (!isEndedByLease(then.tasks[e]) && isEndedByLease(now.tasks[e])) {
          throw new Violation(
              "I8", after.ids[e] + " is to end with the lease, which lives by the agent's clock");
        }
      }
    }
  }

  private static boolean isEndedByLease(TaskSide task) {
    return task.process().killed() == Killed.LEASE_OVER
        || task.state().stopReason().equals(Optional.of(StopReason.LEASE_OVER));
  }

  static Optional<ExecutionRecord> record(World world, int execution) {
    return world
        .job
        .run(world.ids[execution].run())
        .flatMap(
            run ->
                run.executions().stream()
                    .filter(e -> e.id().equals(world.ids[execution]))
                    .findFirst());
  }

  /** I7 in the job's journal. */
  private static void history(World before, World after) {
    for (int e = 0; e < after.begun(); e++) {
      ExecutionRecord now = record(after, e).orElseThrow();
      Optional<Outcome> outcome = now.end().map(x -> x.outcome());
      if (e < before.begun()) {
        ExecutionRecord then = record(before, e).orElseThrow();
        unchanged(after, e, then.end().map(x -> x.outcome()), outcome);
        unchanged(after, e, then.amended(), now.amended());
      }
      truthful(after, e, outcome);
      truthful(after, e, now.amended());
    }
    for (RunRecord run : after.job.runs().values()) {
      boolean success =
          run.executions().stream()
              .anyMatch(e -> (after.succeeded & 1 << after.index(e.id())) != 0);
      if (run.end().filter(e -> e.result() == RunResult.SUCCEEDED).isPresent() && !success) {
        throw new Violation(
            "I7", "run " + run.id() + " is called a success, and nothing succeeded");
      }
    }
  }

  /** I7 in a link's journal. */
  private static void linkHistory(LinkSide before, World after, int agent) {
    for (LinkExecution now : after.links[agent].state.executions().values()) {
      int e = after.index(now.id());
      Optional<LinkExecution> then = before.state.execution(now.id());
      if (then.isPresent()) {
        unchanged(after, e, then.get().outcome(), now.outcome());
        unchanged(after, e, then.get().late(), now.late());
      }
      truthful(after, e, now.outcome());
      truthful(after, e, now.late());
    }
  }

  private static void unchanged(
      World world, int execution, Optional<Outcome> then, Optional<Outcome> now) {
    if (then.isPresent() && !then.equals(now)) {
      throw new Violation(
          "I7",
          "the outcome of "
              + world.ids[execution]
              + " was '"
              + then.get().words()
              + "' and is now '"
              + now.map(Outcome::words).orElse("none")
              + "'");
    }
  }

  private static void truthful(World world, int execution, Optional<Outcome> outcome) {
    if (outcome.isEmpty()) {
      return;
    }
    Outcome is = outcome.get();
    if (is.isSuccess() && (world.succeeded & 1 << execution) == 0) {
      throw new Violation("I7", world.ids[execution] + " is called a success, and never was one");
    }
    boolean neverRan = is instanceof Outcome.NeverStarted || is instanceof Outcome.Refused;
    if (neverRan && world.starts[execution] > 0) {
      throw new Violation("I7", world.ids[execution] + " is said to have never run, and it did");
    }
  }
}
