package io.holdfast.sim;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.sim.Options.Fault;
import java.util.List;
import java.util.Map;

/** Agents and their machines that go away, and come back. */
final class Outages {
  /** As a repair has it. */
  private static final long MARGIN = 1L << 40;

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

  /** The journal of one task is damaged while the agent is down, and repaired. */
  void cutTask(AgentMachine machine, Dice dice, long time) {
    if (!machine.agent.isUp() || !machine.guardian.isUp()) {
      return;
    }
    machine.agent.halt();
    int master = dice.below(world.options.masters);
    Disk.Part part = machine.disk().parts[master];
    List<ExecutionId> ids =
        part.tasks.entrySet().stream()
            // A task that never had an event has no journal that could be damaged.
            .filter(task -> task.getValue().size() > 0)
            .map(Map.Entry::getKey)
            .toList();
    if (!ids.isEmpty()) {
      ExecutionId id = ids.get(dice.below(ids.size()));
      Journal<TaskState, TaskEvent> journal = part.tasks.get(id);
      long number = journal.state().version() + MARGIN;
      journal.cut(dice.below(journal.size() + 1));
      TaskEvent damaged = new TaskEvent.JournalDamaged(number, "damaged", machine.wall());
      world.coverage.step(journal.state().phase(), damaged);
      journal.append(List.of(damaged));
      world.ledger.effect(master, id).cutAtAgent = true;
      world.trace(machine.name, "has a cut journal of " + id);
    }
    restartAfter(machine, time);
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
