package io.holdfast.sim;

import io.holdfast.protocol.id.Incarnation;

/** The JVM of an agent. */
final class AgentNode extends Proc {
  private static final long GUARDIAN_CHECK = World.SECOND;

  final AgentMachine machine;
  final Edge edge;
  Disk disk;
  private SessionShell[] sessions = new SessionShell[0];
  private int lives;

  AgentNode(AgentMachine machine) {
    super(machine.world, machine);
    this.machine = machine;
    this.edge = new Edge(machine);
  }

  Incarnation incarnation() {
    return new Incarnation(machine.name + "-life-" + lives);
  }

  void start() {
    if (isUp()) {
      return;
    }
    lives++;
    begin();
    world.trace(machine.name, "agent starts");
    disk = machine.disk();
    edge.begin();
    keepGuardian();
    sessions = new SessionShell[world.options.masters];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = new SessionShell(this, i);
      sessions[i].recover();
    }
  }

  private void keepGuardian() {
    machine.guardian.ensure();
    after(GUARDIAN_CHECK, this::keepGuardian);
  }

  SessionShell session(int master) {
    return sessions[master];
  }

  /** {@code kill -9}. */
  void halt() {
    if (isUp()) {
      end();
      machine.guardian.disturb();
      for (Disk.Part part : machine.disk().parts) {
        for (TaskDir dir : part.directories.values()) {
          dir.watchers.clear();
        }
      }
    }
  }
}
