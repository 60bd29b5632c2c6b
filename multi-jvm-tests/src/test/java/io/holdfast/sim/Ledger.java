package io.holdfast.sim;

import io.holdfast.protocol.id.ExecutionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What really happens, seen from outside, and the invariants over it. A machine that sleeps runs
 * nothing, and what it wakes with is stopped {@link #DROWSY} later at the latest: until then its
 * processes count as dead, as the README says.
 */
final class Ledger {
  static final long DROWSY = 3 * World.SECOND;

  private final World world;
  private final List<Map<ExecutionId, Effect>> effects = new ArrayList<>();
  private final List<List<TaskDir>> living = new ArrayList<>();
  private final boolean[] excused;
  private final boolean[] cut;

  Ledger(World world, int masters) {
    this.world = world;
    this.excused = new boolean[masters];
    this.cut = new boolean[masters];
    for (int i = 0; i < masters; i++) {
      effects.add(new HashMap<>());
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

  /**
   * The journal of this master went back in time, or is another: what had begun before is more than
   * is promised, also when its id is used again. What begins after is not.
   */
  void excuse(int master) {
    excused[master] = true;
    effects.get(master).values().forEach(effect -> effect.excused = true);
  }

  /** A journal of this master was damaged and repaired: it knows less than it was told. */
  void cut(int master) {
    cut[master] = true;
  }

  boolean isCut(int master) {
    return cut[master];
  }

  boolean isExcused(int master) {
    return excused[master];
  }

  boolean isExcused(Effect effect) {
    return effect.excused;
  }

  /** What lives of the job of {@code of}. */
  List<TaskDir> living(Effect of) {
    return living.get(of.master * 10 + jobOf(of.id));
  }

  /** A process is about to be the job. */
  void alive(TaskDir dir) {
    List<TaskDir> others = living(dir.effect);
    others.add(dir);
    if (isExcused(dir.effect)) {
      return;
    }
    check(others, dir);
    if (dir.effect.verdict != null && !dir.blind) {
      if (!dir.machine.isDrowsy(DROWSY)) {
        world.violate(Invariant.I3, dir + " begins after its end: " + dir.effect.verdict.words());
      }
      recheckSoon(dir.machine);
    }
  }

  private void check(List<TaskDir> all, TaskDir one) {
    for (TaskDir other : all) {
      if (other == one || other.held || isExcused(other.effect)) {
        continue;
      }
      if (one.machine.isDrowsy(DROWSY) || other.machine.isDrowsy(DROWSY)) {
        world.coverage.count(Coverage.Kind.THAW);
        recheckSoon(one.machine);
        recheckSoon(other.machine);
      } else if (one.blind || other.blind) {
        checkFencing(one, other);
      } else {
        world.violate(Invariant.I1, one + " and " + other + " live at the same time");
      }
    }
  }

  /** What nobody can know is told by the token: the one that may live has the greater. */
  private void checkFencing(TaskDir one, TaskDir other) {
    world.coverage.count(Coverage.Kind.FENCED);
    int order = one.spec.fencingToken().compareTo(other.spec.fencingToken());
    if (order == 0
        || (order > 0 && one.blind && !other.blind)
        || (order < 0 && other.blind && !one.blind)) {
      world.violate(
          Invariant.I1,
          one + " and " + other + " live at the same time, and their tokens do not tell");
    }
  }

  /** Whether its master counts on its end: by the job's journal, or by the link's already. */
  boolean isGivenUp(TaskDir dir) {
    var link = world.masters[dir.master].store().links.get(dir.machine.index).state();
    return dir.effect.verdict != null
        || link.execution(dir.effect.id).filter(e -> e.phase().mayBeAlive()).isEmpty();
  }

  /** It was held, and is continued. */
  void goesOn(TaskDir dir) {
    if (isExcused(dir.effect)) {
      return;
    }
    check(living(dir.effect), dir);
    if (dir.effect.verdict != null && !dir.blind) {
      if (!dir.machine.isDrowsy(DROWSY)) {
        world.violate(Invariant.I3, dir + " goes on after its end: " + dir.effect.verdict.words());
      }
      recheckSoon(dir.machine);
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
        if (dir.machine != machine || dir.held || isExcused(dir.effect)) {
          continue;
        }
        check(all, dir);
        if (dir.effect.verdict != null && !dir.blind) {
          world.violate(Invariant.I3, dir + " lives after its end");
        }
        if (world.isOver()) {
          return;
        }
      }
    }
  }

  void dead(TaskDir dir) {
    living(dir.effect).remove(dir);
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
    Disk.Part part = dir.machine.disk().parts[dir.master];
    // After a thaw its lease ended too late, before anybody could see that; so does its grace.
    dir.blind |= part.hold.why != Hold.Why.DOUBT && dir.machine.isInDoubt(part);
    if (!dir.machine.isLeaseOver(part)) {
      world.violate(
          part.hold.isOn() || dir.machine.wallNanos() > part.wallDeadline
              ? Invariant.I8
              : Invariant.I11,
          dir + " is stopped, and its master's lease is not over");
    }
    if (world.options.gentle) {
      world.violate(Invariant.I8, dir + " is stopped, and no outage was longer than allowed");
    }
  }
}
