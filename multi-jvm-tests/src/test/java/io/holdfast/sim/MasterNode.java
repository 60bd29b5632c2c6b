package io.holdfast.sim;

import io.holdfast.master.link.LinkStatus;
import io.holdfast.master.run.Fleet;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The JVM of a master: links and jobs, and the proof that it is still the one (R13). */
final class MasterNode extends Proc {
  final MasterSide side;
  final Store store;
  final int hostIndex;
  final int number;
  final LinkShell[] links;
  final JobShell[] jobs;
  private final boolean[] connected;
  private final int[] openExecutions;
  private final Map<String, List<AgentId>> groups;
  private Fleet fleet;
  private long proven;

  MasterNode(MasterSide side, Host host, int hostIndex, int number) {
    super(side.world, host);
    this.side = side;
    this.store = side.store();
    this.hostIndex = hostIndex;
    this.number = number;
    this.links = new LinkShell[world.options.agents];
    this.jobs = new JobShell[world.options.jobs];
    this.connected = new boolean[links.length];
    this.openExecutions = new int[links.length];
    List<AgentId> all = new ArrayList<>();
    for (AgentMachine agent : world.agents) {
      all.add(agent.id);
    }
    this.groups = Map.of("all", List.copyOf(all));
  }

  void start() {
    begin();
    world.trace(side.id.value(), "node " + number + " starts");
    proven = host.boot();
    prove();
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = new JobShell(this, i);
      jobs[i].recover();
    }
    for (int i = 0; i < links.length; i++) {
      links[i] = new LinkShell(this, world.agents[i]);
      links[i].start();
    }
  }

  /** A successor was seen. */
  void halt() {
    world.trace(side.id.value(), "node " + number + " gives way");
    end();
    side.predecessors.remove(this);
    if (isCurrent()) {
      // What keeps the service running starts it anew.
      world.agenda.after(
          5 * World.SECOND,
          () -> {
            if (isCurrent() && !isUp()) {
              side.start(false);
            }
          });
    }
  }

  boolean isOvertaken() {
    return store.owner != number;
  }

  boolean isCurrent() {
    return side.current() == this;
  }

  private void prove() {
    long asked = host.boot();
    after(
        Math.min(side.storage.latency(), world.timing.authorityTtl().toNanos() / 3),
        () -> {
          if (store.owner == number && !side.storage.isSilent()) {
            proven = asked;
          }
        });
    after(world.timing.authorityTtl().toNanos() / 3, this::prove);
  }

  /** R13: whether its right to act is fresh, by a clock that goes on during a suspension. */
  boolean hasAuthority() {
    return world.broken(Mutation.AUTHORITY_NOT_LOOKED_AT)
        || host.boot() - proven < world.timing.authorityTtl().toNanos();
  }

  void show(int agent, LinkStatus status) {
    boolean now = status.link() == LinkStatus.Link.CONNECTED;
    if (connected[agent] != now) {
      connected[agent] = now;
      fleet = null;
    }
  }

  /** Whether the link to an agent says so. */
  boolean isConnected(int agent) {
    return connected[agent];
  }

  void open(int agent, int executions) {
    if (openExecutions[agent] != executions) {
      openExecutions[agent] = executions;
      fleet = null;
    }
  }

  Fleet fleet() {
    if (fleet == null) {
      List<Fleet.Member> members = new ArrayList<>(links.length);
      for (int i = 0; i < links.length; i++) {
        members.add(new Fleet.Member(world.agents[i].id, connected[i], openExecutions[i]));
      }
      fleet = new Fleet(members, groups);
    }
    return fleet;
  }

  LinkShell link(AgentId agent) {
    return links[agent.value().charAt(1) - '0'];
  }

  JobShell job(ExecutionId execution) {
    return jobs[Ledger.jobOf(execution)];
  }
}
