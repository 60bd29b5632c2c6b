package io.holdfast.sim;

import io.holdfast.sim.Options.Fault;

/** Agents and their machines that go away, and come back. */
final class Outages {
  private final World world;

  Outages(World world) {
    this.world = world;
  }

  /** The JVM of an agent dies, and comes back. */
  void crash(AgentNode agent, long time) {
    if (!agent.isUp() || !agent.machine.guardian.isUp()) {
      return;
    }
    agent.halt();
    restartAfter(agent.machine, time);
  }

  private void restartAfter(AgentMachine machine, long time) {
    int boots = machine.kernel.life();
    world.agenda.after(
        time,
        () -> {
          if (machine.kernel.life() == boots) {
            machine.agent.start();
          }
        });
  }

  /** A machine goes down and comes up again, perhaps with another disk. */
  void reboot(Fault fault, AgentMachine machine, Dice dice, long time) {
    machine.powerOff();
    machine.powerUp();
    if (fault == Fault.AGENT_WIPED) {
      world.trace(machine.name, "has an empty disk");
      machine.wipe();
      world.operator.wasOff(machine);
    } else if (fault == Fault.AGENT_RESTORED) {
      world.trace(machine.name, "has a disk from a backup");
      for (Disk.Part part : machine.disk().parts) {
        for (TaskDir dir : part.directories.values()) {
          dir.effect.excused = true;
        }
        part.tasks.values().removeIf(task -> dice.permille(600));
        part.directories.keySet().retainAll(part.tasks.keySet());
      }
    }
    restartAfter(machine, Math.min(time, 60 * World.SECOND));
  }

  /** It is away for minutes, and comes back with the disk that it had, or with another. */
  void switchOff(AgentMachine machine, Dice dice) {
    boolean wiped = dice.permille(300);
    long lease = world.timing.lease().toNanos();
    long time = dice.between(lease / 4, 4 * lease);
    machine.powerOff();
    world.operator.wasOff(machine);
    int life = machine.kernel.life();
    world.agenda.after(
        time,
        () -> {
          if (machine.kernel.life() == life) {
            if (wiped) {
              world.trace(machine.name, "has an empty disk");
              machine.wipe();
            }
            machine.powerUp();
            restartAfter(machine, dice.between(World.SECOND, 20 * World.SECOND));
          }
        });
  }
}
