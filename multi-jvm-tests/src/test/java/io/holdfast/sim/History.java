package io.holdfast.sim;

import io.holdfast.master.link.LinkEvent;
import io.holdfast.master.link.LinkExecution;
import io.holdfast.master.run.JobEvent;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.RunId;
import io.holdfast.protocol.reconcile.ReconcileDecision;
import io.holdfast.protocol.reconcile.ReconcileEntry;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What masters and agents make known of executions, and whether it agrees with what happened. */
final class History {
  /** Less than any lease: a word of a person need not wait for one. */
  private static final long AT_ONCE = 10 * World.SECOND;

  private final World world;
  private final Ledger ledger;
  private final List<Set<RunId>> ended = new ArrayList<>();
  private final Outcome[] newest;

  History(World world, int masters) {
    this.world = world;
    this.ledger = world.ledger;
    this.newest = new Outcome[masters * 10];
    for (int i = 0; i < masters; i++) {
      ended.add(new HashSet<>());
    }
  }

  /** An event of a job is durable. */
  void noted(int master, JobEvent event) {
    if (event instanceof JobEvent.ExecutionBegun begun) {
      ledger.effect(master, begun.execution());
      Outcome before = newest[master * 10 + Ledger.jobOf(begun.execution())];
      if (before instanceof Outcome.Lost) {
        world.coverage.count(Coverage.Kind.HANDOVER_BY_TIME);
      } else if (before instanceof Outcome.Stopped stop && stop.reason() == StopReason.LEASE_OVER) {
        world.coverage.count(Coverage.Kind.HANDOVER_BY_PROOF);
      }
      newest[master * 10 + Ledger.jobOf(begun.execution())] = null;
      world.trace("m" + master, "begins", begun);
    } else if (event instanceof JobEvent.ExecutionEnded end) {
      newest[master * 10 + Ledger.jobOf(end.execution())] = end.outcome();
      world.trace("m" + master, "notes", end);
      over(ledger.effect(master, end.execution()), end.outcome());
    } else if (event instanceof JobEvent.ExecutionAmended amended) {
      world.trace("m" + master, "notes", amended);
      Effect effect = ledger.effect(master, amended.execution());
      if (!ledger.isExcused(effect) && (effect.verdict == null || effect.amended != null)) {
        world.violate(Invariant.I7, effect.id + " is amended twice, or before its verdict");
      }
      effect.amended = amended.outcome();
      checkTruth(effect, amended.outcome());
    } else if (event instanceof JobEvent.RunEnded run) {
      world.coverage.count(Coverage.Kind.RUN);
      if (!ended.get(master).add(run.run()) && !ledger.isExcused(master)) {
        world.violate(Invariant.I7, "run " + run.run() + " ends twice");
      }
    }
  }

  /** These are in a part of a job's journal that is lost: it may say them again, and otherwise. */
  void forgotten(int master, List<JobEvent> events) {
    for (JobEvent event : events) {
      if (event instanceof JobEvent.ExecutionEnded end) {
        Effect effect = ledger.effect(master, end.execution());
        effect.verdict = null;
        effect.amended = null;
        effect.forgotten = true;
      } else if (event instanceof JobEvent.ExecutionAmended amended) {
        Effect effect = ledger.effect(master, amended.execution());
        effect.amended = null;
        effect.forgottenLate = true;
      } else if (event instanceof JobEvent.RunEnded run) {
        ended.get(master).remove(run.run());
      }
    }
  }

  private void over(Effect effect, Outcome outcome) {
    if (ledger.isExcused(effect)) {
      effect.verdict = outcome;
      return;
    }
    if (effect.verdict != null) {
      world.violate(Invariant.I7, effect.id + " ends twice");
    }
    effect.verdict = outcome;
    checkTruth(effect, outcome);
    for (TaskDir dir : ledger.living(effect)) {
      if (dir.effect == effect && !dir.held && !dir.blind) {
        if (!dir.machine.isDrowsy(Ledger.DROWSY)) {
          world.violate(Invariant.I3, dir + " lives, and is noted as: " + outcome.words());
        }
        ledger.recheckSoon(dir.machine);
      }
    }
  }

  private void checkTruth(Effect effect, Outcome outcome) {
    if (ledger.isExcused(effect)) {
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
    Effect effect = ledger.effect(master, id);
    TaskDir dir = machine.disk().parts[master].directories.get(id);
    if (ledger.isExcused(effect)) {
      return;
    }
    Store store = world.masters[master].store();
    // Where agent, link and job have all lost it, there is nobody who waits for its end; and a
    // tombstone is none: nothing ran. Where what was added to the verdict is in a lost part, the
    // word to forget it was on its way already.
    boolean isOrdered =
        store
            .links
            .get(machine.index)
            .state()
            .execution(id)
            .flatMap(LinkExecution::spec)
            .isPresent();
    boolean isNobodys =
        ledger.isCut(master)
            && !isKnown(store, id)
            && (task.end().isEmpty() || task.masterJournal().isEmpty() && !isOrdered);
    if (effect.verdict == null && !effect.forgotten && !isNobodys) {
      world.violate(Invariant.I5, id + " is forgotten by its agent, and its job has no outcome");
    }
    if (effect.verdict instanceof Outcome.Lost
        && task.end().isPresent()
        && !effect.isAmended()
        && !effect.forgottenLate) {
      world.violate(Invariant.I7, id + " is forgotten by its agent, and nothing was amended");
    }
    Store.Output output = world.masters[master].store().outputs.get(id);
    long here = output == null ? 0 : output.bytes;
    if (dir != null && here != dir.output && !effect.cutAtAgent) {
      world.violate(
          Invariant.I6,
          id + " is forgotten with " + here + " of " + dir.output + " bytes at the master");
    }
  }

  private static boolean isKnown(Store store, ExecutionId id) {
    return store.job(id).state().run(id.run()).stream()
        .flatMap(run -> run.executions().stream())
        .anyMatch(execution -> execution.id().equals(id));
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
            && !ledger.isExcused(node.side.index);
    for (ExecutionId id : event.executions()) {
      Effect effect = ledger.effect(node.side.index, id);
      Outcome verdict = effect.verdict;
      // What its job has forgotten with its verdict, and no link has told again, it cannot release.
      boolean isUnknown = effect.forgotten && !isKnown(node.store, id);
      if (verdict instanceof Outcome.Lost lost && lost.words().contains(event.who())) {
        world.coverage.count(Coverage.Kind.RELEASED_BY_WORD);
      } else if (verdict == null && undisturbed && !isUnknown) {
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
    if (ledger.isExcused(dir.effect)) {
      return;
    }
    if (output.of != dir.outputOf || output.bytes > dir.output) {
      world.violate(Invariant.I6, "the output of " + dir + " is another than the agent's");
    }
  }

  void reconciled(int master, AgentMachine machine, ReconcileEntry entry) {
    Effect effect = ledger.effect(master, entry.execution());
    world.trace("m" + master, "reconciles", entry);
    if (ledger.isExcused(effect)) {
      return;
    }
    if (ledger.isCut(master) && entry.decision() != ReconcileDecision.STOP) {
      // What it does not know any more is found, or called lost: that is what it is to do.
      return;
    }
    if (entry.decision() == ReconcileDecision.LOST) {
      world.violate(
          Invariant.I5, machine.name + " has no record of " + effect.id + ", which it confirmed");
    } else if (entry.decision() == ReconcileDecision.STOP
        && entry.alarm()
        && ledger.living(effect).stream()
            .anyMatch(
                dir ->
                    dir.effect == effect
                        && !dir.held
                        && !dir.blind
                        && !dir.machine.isDrowsy(Ledger.DROWSY))) {
      world.violate(Invariant.I3, effect.id + " at " + machine.name + ": " + entry.reason());
    } else if (effect.verdict == null
        && (entry.decision() == ReconcileDecision.ADOPT
            || entry.decision() == ReconcileDecision.DISOWN)) {
      world.violate(Invariant.I5, effect.id + " is not in the master's journal");
    }
  }
}
