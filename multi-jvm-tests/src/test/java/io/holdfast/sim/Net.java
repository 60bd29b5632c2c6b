package io.holdfast.sim;

import io.holdfast.master.link.AgentAnswer;
import io.holdfast.protocol.lease.TimingPolicy;
import java.time.Duration;

/**
 * The network between the hosts of the masters and the agents: each direction of each pair is cut
 * for itself; messages are lost, doubled, overtaken, and delayed for minutes.
 */
final class Net {
  private static final AgentAnswer<?> REFUSED = new AgentAnswer.Failed<>("connection refused");
  private static final AgentAnswer<?> TIMED_OUT = new AgentAnswer.Failed<>("timed out");

  /** Of what is not in the tail. */
  private static final long SLOWEST = 5 * World.MILLI;

  private final World world;
  private final Dice dice;
  private final long[] downCut;
  private final long[] upCut;
  private boolean calm;

  Net(World world, int hosts, int agents) {
    this.world = world;
    this.dice = world.dice.split();
    this.downCut = new long[hosts * agents];
    this.upCut = new long[hosts * agents];
  }

  void calm() {
    calm = true;
    java.util.Arrays.fill(downCut, 0);
    java.util.Arrays.fill(upCut, 0);
  }

  /** From the master's host to the agent, or back. */
  void cut(int host, int agent, boolean down, boolean up, long time) {
    int pair = host * world.options.agents + agent;
    long until = world.now() + time;
    if (down) {
      downCut[pair] = Math.max(downCut[pair], until);
    }
    if (up) {
      upCut[pair] = Math.max(upCut[pair], until);
    }
  }

  private boolean isCut(long[] cuts, MasterNode from, AgentMachine agent) {
    return cuts[from.hostIndex * world.options.agents + agent.index] > world.now();
  }

  private boolean isLost() {
    return !calm && dice.permille(world.options.loss);
  }

  private long delay() {
    if (!calm && dice.permille(world.options.tails)) {
      long most = world.options.tailSeconds * World.SECOND;
      long soon = 2 * world.timing.heartbeatPeriod().toNanos();
      return dice.between(0, dice.permille(500) ? Math.min(soon, most) : most);
    }
    return dice.between(200, SLOWEST / World.MICRO) * World.MICRO;
  }

  /** Posts a request; {@code arrive} runs in the agent's JVM. */
  void request(MasterNode from, AgentMachine to, Reply reply, Runnable arrive) {
    if (isCut(downCut, from, to) || isLost()) {
      timeOut(reply);
      return;
    }
    post(to, reply, arrive);
    if (!calm && dice.permille(world.options.duplicates)) {
      post(to, reply, arrive);
    }
  }

  private void post(AgentMachine to, Reply reply, Runnable arrive) {
    world.agenda.after(
        delay(),
        () -> {
          if (to.agent.isUp()) {
            to.agent.deliver(arrive);
          } else if (to.kernel.isUp() && !to.isSuspended()) {
            answer(to, reply, REFUSED);
          } else {
            timeOut(reply);
          }
        });
  }

  private void timeOut(Reply reply) {
    long idle = 3 * world.timing.heartbeatPeriod().toNanos();
    world.agenda.after(dice.permille(500) ? 2 * World.SECOND : idle, () -> reply.arrive(TIMED_OUT));
  }

  void answer(AgentMachine from, Reply reply, AgentAnswer<?> answer) {
    MasterNode to = reply.link.node;
    if (isCut(upCut, to, from) || isLost()) {
      timeOut(reply);
      return;
    }
    world.agenda.after(delay(), () -> reply.arrive(answer));
  }

  /** A request for output and its answer: whether both get through now. */
  boolean passes(MasterNode from, AgentMachine to) {
    return !isCut(downCut, from, to)
        && !isCut(upCut, from, to)
        && to.agent.isResponsive()
        && !isLost();
  }

  /**
   * P3: what a line may be cut for without a task being stopped, by a clock that is right: that of
   * the agent, which counts the lease, may be fast.
   */
  static long survivableOutage(TimingPolicy timing) {
    long fast = timing.lease().multipliedBy(timing.driftPermille()).dividedBy(1000).toNanos();
    return timing.survivableOutage(Duration.ofNanos(2 * SLOWEST)).toNanos() - fast;
  }

  long roundTrip() {
    return dice.between(400, 10_000) * World.MICRO;
  }
}
