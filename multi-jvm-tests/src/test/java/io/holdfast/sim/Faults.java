package io.holdfast.sim;

import io.holdfast.sim.Options.Fault;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What goes wrong and when. Each fault is drawn from its own number, so that leaving one out does
 * not change the others: that is how a failing world is made small.
 */
final class Faults {
  private static final long MOST = 300 * World.SECOND;

  private final World world;
  private final Outages outages;
  private final long seed;
  private final Dice boundary;
  private final BitSet dropped;
  private final Fault[] enabled;
  private int number;
  private boolean over;
  private boolean restored;

  Faults(World world, BitSet dropped) {
    this.world = world;
    this.outages = new Outages(world);
    this.seed = world.dice.next();
    this.boundary = world.dice.split();
    this.dropped = dropped;
    List<Fault> all = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (world.options.has(fault)) {
        all.add(fault);
      }
    }
    this.enabled = all.toArray(new Fault[0]);
  }

  int count() {
    return number;
  }

  void start() {
    if (enabled.length > 0) {
      plan();
    }
  }

  private void plan() {
    Dice dice = new Dice(seed + 0x9E3779B97F4A7C15L * number);
    int mine = number++;
    long every = world.options.faultEvery;
    long gap = world.options.gentle ? dice.between(every, 2 * every) : dice.between(0, 2 * every);
    world.agenda.after(
        gap,
        () -> {
          if (over) {
            return;
          }
          if (!dropped.get(mine)) {
            strike(enabled[dice.below(enabled.length)], dice);
          }
          plan();
        });
  }

  private void strike(Fault fault, Dice dice) {
    world.coverage.count(Coverage.Kind.FAULT);
    AgentMachine machine = world.agents[dice.below(world.agents.length)];
    MasterSide side = world.masters[dice.below(world.masters.length)];
    long time = duration(fault, dice);
    if (world.isTracing()) {
      world.trace(
          "fault",
          fault + " at " + machine.name + " or " + side.id + ", " + time / World.MILLI + " ms");
    }
    switch (fault) {
      case CUT -> cut(side, machine, dice, true, true, time);
      case ONE_WAY_CUT -> {
        boolean down = dice.permille(500);
        cut(side, machine, dice, down, !down, time);
      }
      case AGENT_CRASH -> outages.crash(machine.agent, time);
      case AGENT_PAUSE -> {
        if (machine.guardian.isUp()) {
          machine.agent.stopFor(Math.min(time, MOST));
        }
      }
      case AGENT_SUSPEND -> {
        if (!machine.isOff()) {
          machine.suspend(Math.min(time, MOST));
        }
      }
      case AGENT_FROZEN -> {
        var all = AgentMachine.Correction.values();
        machine.freeze(Math.min(time, MOST), all[dice.below(all.length)]);
      }
      case AGENT_OFF -> outages.switchOff(machine, dice);
      case AGENT_REBOOT, AGENT_WIPED, AGENT_RESTORED -> outages.reboot(fault, machine, dice, time);
      case GUARDIAN_CRASH -> {
        if (machine.agent.isResponsive()) {
          machine.guardian.end();
        }
      }
      case TASK_KILLED -> machine.kernel.accident(dice.permille(500));
      case MASTER_CRASH -> crash(side.current(), time);
      case MASTER_PAUSE -> side.current().stopFor(Math.min(time, MOST));
      case MASTER_SUSPEND -> side.current().host.suspend(Math.min(time, MOST));
      case FAILOVER -> failOver(side, dice);
      case MASTER_RESTORED, MASTER_REBUILT -> loseJournal(fault, side, dice);
      case TASK_CUT -> outages.cutTask(machine, dice, time);
      case LINK_CUT, JOB_CUT -> cutMaster(fault, side, machine, dice, time);
      case WALL_CLOCK -> {
        long jump = dice.between(-86_400, 86_400) * World.SECOND;
        if (dice.permille(500)) {
          machine.setByHand(jump);
        } else {
          side.current().host.setWall(jump);
        }
      }
      case FULL_DISK ->
          (dice.permille(500) ? machine.storage : side.storage).full(Math.min(time, MOST));
      case SLOW_DISK -> (dice.permille(500) ? machine.storage : side.storage).slow(time);
    }
  }

  private long duration(Fault fault, Dice dice) {
    long lease = world.timing.lease().toNanos();
    long period = world.timing.heartbeatPeriod().toNanos();
    if (world.options.gentle) {
      boolean isCut = fault == Fault.CUT || fault == Fault.ONE_WAY_CUT;
      // Who restarts, or takes over, has its journal to read besides.
      long most = isCut ? Net.survivableOutage(world.timing) : lease - 5 * period;
      long least = isCut && dice.permille(400) ? most - period : period / 10;
      return dice.between(least, Math.max(period / 5, most));
    }
    return switch (dice.below(5)) {
      case 0 -> dice.between(period / 10, 2 * period);
      case 1 -> dice.between(period, lease);
      case 2 -> dice.between(lease * 3 / 4, lease * 3 / 2);
      default -> dice.between(lease, 3 * lease);
    };
  }

  private void cut(
      MasterSide side, AgentMachine machine, Dice dice, boolean down, boolean up, long time) {
    int host = side.index * 2 + (dice.permille(700) ? side.current().hostIndex % 2 : dice.below(2));
    if (dice.permille(200)) {
      for (AgentMachine each : world.agents) {
        world.net.cut(host, each.index, down, up, time);
      }
    } else {
      world.net.cut(host, machine.index, down, up, time);
    }
  }

  private void crash(MasterNode node, long time) {
    if (!node.isUp()) {
      return;
    }
    node.end();
    MasterSide side = node.side;
    side.predecessors.remove(node);
    if (node.isCurrent()) {
      world.agenda.after(
          time,
          () -> {
            if (side.current() == node) {
              side.start(false);
            }
          });
    }
  }

  private void failOver(MasterSide side, Dice dice) {
    world.coverage.count(Coverage.Kind.FAILOVER);
    MasterNode old = side.current();
    boolean cuts = dice.permille(400);
    int agent = dice.below(world.agents.length);
    long lease = world.timing.lease().toNanos();
    long time = dice.between(lease, 3 * lease);
    if (cuts && !world.options.gentle) {
      // The predecessor still reaches an agent that its successor does not.
      world.net.cut(side.index * 2 + 1 - old.hostIndex % 2, agent, true, true, time);
    }
    side.failOver();
    world.agenda.after(dice.between(World.SECOND, MOST), () -> crash(old, 0));
  }

  /** One journal of a master is damaged while it is down, and repaired. */
  private void cutMaster(Fault fault, MasterSide side, AgentMachine machine, Dice dice, long time) {
    List.copyOf(side.predecessors).forEach(Proc::end);
    side.predecessors.clear();
    MasterNode node = side.current();
    node.end();
    world.ledger.cut(side.index);
    if (fault == Fault.LINK_CUT) {
      side.cutLink(machine.index, dice);
    } else {
      side.cutJob(dice);
    }
    world.agenda.after(
        time,
        () -> {
          if (side.current() == node && !node.isUp()) {
            side.start(false);
          }
        });
  }

  private void loseJournal(Fault fault, MasterSide side, Dice dice) {
    if (restored) {
      return;
    }
    restored = true;
    world.trace(side.id.value(), fault.toString());
    world.ledger.excuse(side.index);
    List.copyOf(side.predecessors).forEach(Proc::end);
    side.predecessors.clear();
    if (fault == Fault.MASTER_REBUILT) {
      side.rebuild();
    } else {
      side.restore(dice);
    }
  }

  /** A process ends in the middle of a write. */
  boolean crashAtBoundary(Proc owner, boolean durable) {
    if (over) {
      return false;
    }
    world.coverage.count(Coverage.Kind.CRASH_AT_WRITE);
    long time = boundary.between(World.SECOND / 5, 10 * World.SECOND);
    if (owner instanceof AgentNode agent) {
      if (!agent.machine.guardian.isUp()) {
        return false;
      }
      world.trace(agent.machine.name, durable ? "dies after a write" : "dies before a write");
      outages.crash(agent, time);
    } else {
      MasterNode node = (MasterNode) owner;
      world.trace(node.side.id.value(), durable ? "dies after a write" : "dies before a write");
      crash(node, time);
    }
    return true;
  }

  /** A task was launched: the moment in which the claim is raced for. */
  void launched(AgentNode agent) {
    if (!over && boundary.permille(world.options.crashAtLaunch)) {
      long time = boundary.between(World.SECOND / 5, 10 * World.SECOND);
      world.agenda.after(boundary.between(0, 30) * World.MILLI, () -> outages.crash(agent, time));
    }
  }

  boolean areOver() {
    return over;
  }

  /** Everything is mended. */
  void end() {
    over = true;
    world.net.calm();
    for (MasterSide side : world.masters) {
      List.copyOf(side.predecessors).forEach(Proc::end);
      side.predecessors.clear();
      side.current().host.resume();
      side.current().wake();
      if (!side.current().isUp()) {
        side.start(false);
      }
    }
    for (AgentMachine machine : world.agents) {
      machine.resume();
      if (machine.isOff()) {
        machine.powerUp();
      }
      machine.agent.wake();
      machine.agent.start();
    }
  }
}
