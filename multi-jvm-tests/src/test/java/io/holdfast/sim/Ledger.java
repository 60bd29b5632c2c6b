package io.holdfast.sim;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.run.JobEvent;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What really happens, seen from outside, and the invariants over it. A machine that sleeps runs
 * nothing, and what it wakes with is stopped {@link #DROWSY} later at the latest: until then its
 * processes count as dead, as the README says.
 */
final class Ledger {
  static final long DROWSY = 3 * World.SECOND;

  /** Less than any lease: a word of a person need not wait for one. */
  private static final long AT_ONCE = 10 * World.SECOND;

  private final World world;
  private final List<Map<ExecutionId, Effect>> effects = new ArrayList<>();
  private final List<List<TaskDir>> living = new ArrayList<>();
  private final List<Set<RunId>> ended = new ArrayList<>();
  private final Outcome[] newest;
  private final boolean[] excused;

  Ledger(World world, int masters) {
    this.world = world;
    this.excused = new boolean[masters];
    this.newest = new Outcome[masters * 10];
    for (int i = 0; i < masters; i++) {
      effects.add(new HashMap<>());
      ended.add(new HashSet<>());
      for (int job = 0; job < 10; job++) {
        living.add(new ArrayList<>());
      }
    }
  }

  static int jobOf(ExecutionId id) {
    return id.run().job().value().charAt(1) - '0';
  }

  Effect effect(int master, ExecutionId id) {
    return effects.get(master).computeIfAbsent(id, missing -> new Effect(master, id));
  }

  /** The journal of this master went back in time: its ids may be used again. */
  void excuse(int master) {
    excused[master] = true;
  }

  boolean isExcused(int master) {
    return excused[master];
  }

  private boolean isExcused(Effect effect) {
    return excused[effect.master] || effect.excused;
  }

  private List<TaskDir> living(TaskDir dir) {
    return living.get(dir.master * 10 + jobOf(dir.effect.id));
  }

  /** A process is about to be the job. */
  void alive(TaskDir dir) {
    List<TaskDir> others = living(dir);
    others.add(dir);
    if (isExcused(dir.effect)) {
      return;
    }
    check(others, dir);
    if (dir.effect.verdict != null) {
      if (!dir.machine.isDrowsy(DROWSY)) {
        world.violate(Invariant.I3, dir + " begins after its end: " + dir.effect.verdict.words());
      }
      recheckSoon(dir.machine);
    }
  }

  private void check(List<TaskDir> all, TaskDir one) {
    for (TaskDir other : all) {
      if (other == one || isExcused(other.effect)) {
        continue;
      }
      if (one.machine.isDrowsy(DROWSY) || other.machine.isDrowsy(DROWSY)) {
        world.coverage.count(Coverage.Kind.THAW);
        recheckSoon(one.machine);
        recheckSoon(other.machine);
      } else {
        world.violate(Invariant.I1, one + " and " + other + " live at the same time");
      }
    }
  }

  void recheckSoon(AgentMachine machine) {
    if (!machine.isWatched) {
      machine.isWatched = true;
      world.agenda.after(
          DROWSY + World.MILLI,
          () -> {
            machine.isWatched = false;
            recheck(machine);
          });
    }
  }

  private void recheck(AgentMachine machine) {
    if (machine.isDrowsy(DROWSY)) {
      return;
    }
    for (List<TaskDir> all : living) {
      for (TaskDir dir : all) {
        if (dir.machine != machine || isExcused(dir.effect)) {
          continue;
        }
        check(all, dir);
        if (dir.effect.verdict != null) {
          world.violate(Invariant.I3, dir + " lives after its end");
        }
        if (world.isOver()) {
          return;
        }
      }
    }
  }

  void dead(TaskDir dir) {
    living(dir).remove(dir);
  }

  void begun(TaskDir dir) {
    Effect effect = dir.effect;
    effect.begun++;
    world.coverage.count(Coverage.Kind.EXECUTION);
    world.trace(dir.machine.name, "executes", dir);
    if (effect.begun > 1 && !isExcused(effect)) {
      world.violate(Invariant.I2, dir + " is executed for the " + effect.begun + ". time");
    }
  }

  void stoppedByLease(TaskDir dir) {
    world.coverage.count(Coverage.Kind.LEASE_OVER_STOP);
    if (!dir.machine.isLeaseOver(dir.machine.disk().parts[dir.master])) {
      world.violate(Invariant.I11, dir + " is stopped, and its master's lease is not over");
    }
    if (world.options.gentle) {
      world.violate(Invariant.I8, dir + " is stopped, and no outage was longer than allowed");
    }
  }

  /** An event of a job is durable. */
  void noted(int master, JobEvent event) {
    if (event instanceof JobEvent.ExecutionBegun begun) {
      Outcome before = newest[master * 10 + jobOf(begun.execution())];
      if (before instanceof Outcome.Lost) {
        world.coverage.count(Coverage.Kind.HANDOVER_BY_TIME);
      } else if (before instanceof Outcome.Stopped stop && stop.reason() == StopReason.LEASE_OVER) {
        world.coverage.count(Coverage.Kind.HANDOVER_BY_PROOF);
      }
      newest[master * 10 + jobOf(begun.execution())] = null;
      world.trace("m" + master, "begins", begun);
    } else if (event instanceof JobEvent.ExecutionEnded end) {
      newest[master * 10 + jobOf(end.execution())] = end.outcome();
      world.trace("m" + master, "notes", end);
      over(effect(master, end.execution()), end.outcome());
    } else if (event instanceof JobEvent.ExecutionAmended amended) {
      world.trace("m" + master, "notes", amended);
      Effect effect = effect(master, amended.execution());
      if (!isExcused(effect) && (effect.verdict == null || effect.amended != null)) {
        world.violate(Invariant.I7, effect.id + " is amended twice, or before its verdict");
      }
      effect.amended = amended.outcome();
      checkTruth(effect, amended.outcome());
    } else if (event instanceof JobEvent.RunEnded run) {
      world.coverage.count(Coverage.Kind.RUN);
      if (!ended.get(master).add(run.run()) && !excused[master]) {
        world.violate(Invariant.I7, "run " + run.run() + " ends twice");
      }
    }
  }

  private void over(Effect effect, Outcome outcome) {
    if (isExcused(effect)) {
      effect.verdict = outcome;
      return;
    }
    if (effect.verdict != null) {
      world.violate(Invariant.I7, effect.id + " ends twice");
    }
    effect.verdict = outcome;
    checkTruth(effect, outcome);
    for (TaskDir dir : living.get(effect.master * 10 + jobOf(effect.id))) {
      if (dir.effect == effect) {
        if (!dir.machine.isDrowsy(DROWSY)) {
          world.violate(Invariant.I3, dir + " lives, and is noted as: " + outcome.words());
        }
        recheckSoon(dir.machine);
      }
    }
  }

  private void checkTruth(Effect effect, Outcome outcome) {
    if (isExcused(effect)) {
      return;
    }
    boolean wrong =
        outcome instanceof Outcome.Exited exited
            ? effect.exit != exited.code()
            : effect.begun > 0
                && (outcome instanceof Outcome.NeverStarted
                    || outcome instanceof Outcome.Refused
                    || outcome instanceof Outcome.FailedToStart);
    if (wrong) {
      world.violate(
          Invariant.I7,
          effect.id + " is noted as " + outcome.words() + ", which is not what happened");
    }
  }

  /** An agent forgets a task: its master has all of it. */
  void released(AgentMachine machine, int master, ExecutionId id, TaskState task) {
    Effect effect = effect(master, id);
    TaskDir dir = machine.disk().parts[master].directories.get(id);
    if (isExcused(effect)) {
      return;
    }
    if (effect.verdict == null) {
      world.violate(Invariant.I5, id + " is forgotten by its agent, and its job has no outcome");
    }
    if (effect.verdict instanceof Outcome.Lost && task.end().isPresent() && !effect.isAmended()) {
      world.violate(Invariant.I7, id + " is forgotten by its agent, and nothing was amended");
    }
    Store.Output output = world.masters[master].store().outputs.get(id);
    long here = output == null ? 0 : output.bytes;
    if (dir != null && here != dir.output) {
      world.violate(
          Invariant.I6,
          id + " is forgotten with " + here + " of " + dir.output + " bytes at the master");
    }
  }

  /** An operator is told that his word is durable: what it is about is released, and at once. */
  void confirmed(MasterNode node, AgentMachine machine, LinkEvent.ConfirmedLost event) {
    world.trace("m" + node.side.index, "confirmed", event);
    if (event.executions().isEmpty()) {
      return;
    }
    world.coverage.count(Coverage.Kind.CONFIRMED_LOST);
    if (!node.store.links.get(machine.index).events().contains(event)) {
      world.violate(Invariant.I5, "it was answered and is not durable: " + event);
    }
    int life = node.life();
    world.agenda.after(AT_ONCE, () -> checkReleased(node, life, event));
  }

  private void checkReleased(MasterNode node, int life, LinkEvent.ConfirmedLost event) {
    boolean undisturbed =
        node.life() == life
            && node.isUndisturbed(AT_ONCE)
            && !node.side.storage.isSlow(AT_ONCE)
            && !excused[node.side.index];
    for (ExecutionId id : event.executions()) {
      Outcome verdict = effect(node.side.index, id).verdict;
      if (verdict instanceof Outcome.Lost lost && lost.words().contains(event.who())) {
        world.coverage.count(Coverage.Kind.RELEASED_BY_WORD);
      } else if (verdict == null && undisturbed) {
        world.violate(Invariant.I10, id + " was confirmed as lost, and its job waits for it");
      }
    }
  }

  /** An agent takes a process for the task's. */
  void adopted(TaskDir dir) {
    if (!dir.wrapperLives) {
      world.violate(Invariant.I7, dir + " is taken for alive, and its wrapper is dead");
    }
  }

  void pulled(int master, TaskDir dir, Store.Output output) {
    if (isExcused(dir.effect)) {
      return;
    }
    if (output.of != dir.outputOf || output.bytes > dir.output) {
      world.violate(Invariant.I6, "the output of " + dir + " is another than the agent's");
    }
  }

  void reconciled(int master, AgentMachine machine, ReconcileEntry entry) {
    Effect effect = effect(master, entry.execution());
    world.trace("m" + master, "reconciles", entry);
    if (isExcused(effect)) {
      return;
    }
    if (entry.decision() == ReconcileDecision.LOST) {
      world.violate(
          Invariant.I5, machine.name + " has no record of " + effect.id + ", which it confirmed");
    } else if (entry.decision() == ReconcileDecision.STOP
        && entry.alarm()
        && living.get(master * 10 + jobOf(effect.id)).stream()
            .anyMatch(dir -> dir.effect == effect && !dir.machine.isDrowsy(DROWSY))) {
      world.violate(Invariant.I3, effect.id + " at " + machine.name + ": " + entry.reason());
    } else if (effect.verdict == null
        && (entry.decision() == ReconcileDecision.ADOPT
            || entry.decision() == ReconcileDecision.DISOWN)) {
      world.violate(Invariant.I5, effect.id + " is not in the master's journal");
    }
  }
}
