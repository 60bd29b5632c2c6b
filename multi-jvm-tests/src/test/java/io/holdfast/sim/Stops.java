package io.holdfast.sim;

import io.holdfast.protocol.task.StopReason;
import java.util.IdentityHashMap;
import java.util.Map;

/** The stops that an agent has under way (R11): soft, they end with the JVM. */
final class Stops {
  private static final long STEP = 200 * World.MILLI;
  private static final long WRAPPER_GRACE = 5 * World.SECOND;

  private static final class Stop {
    long killAt;
    final boolean terminates;
    int clean;
    Runnable then = () -> {};

    Stop(long killAt, boolean terminates) {
      this.killAt = killAt;
      this.terminates = terminates;
    }
  }

  private final AgentMachine machine;
  private final Map<TaskDir, Stop> stops = new IdentityHashMap<>();

  Stops(AgentMachine machine) {
    this.machine = machine;
  }

  void begin() {
    stops.clear();
  }

  /** Ends all of it, then tells. */
  void stop(TaskDir dir, String reason, Runnable then) {
    long grace = dir.spec.killGrace().toNanos();
    Disk.Part part = machine.disk().parts[dir.master];
    // What is held in doubt must not go on, not even to end by itself; nor what was called lost.
    boolean atOnce =
        part.hold.why == Hold.Why.DOUBT || reason.equals(StopReason.LOST_ELSEWHERE.word());
    long killAt = machine.boot() + (atOnce ? 0 : grace);
    boolean ours = !dir.killed || !dir.killedByGuardian;
    if (!dir.killed) {
      dir.killed = true;
      dir.killAt = killAt;
      dir.killBoot = machine.bootId();
      dir.killReason = reason;
      if (reason.equals(StopReason.LEASE_OVER.word())) {
        machine.world.ledger.stoppedByLease(dir);
      }
    }
    if (dir.claim == TaskDir.Claim.NONE) {
      machine.world.coverage.count(Coverage.Kind.TOKEN_RACE);
      dir.claim = TaskDir.Claim.NEVER;
    }
    if (dir.claim == TaskDir.Claim.NEVER && !machine.world.broken(Mutation.CLAIM_OFF)) {
      then.run();
      return;
    }
    Stop running = stops.get(dir);
    if (running != null) {
      Runnable earlier = running.then;
      running.killAt = Math.min(running.killAt, killAt);
      running.then =
          () -> {
            earlier.run();
            then.run();
          };
      return;
    }
    // An order that an earlier life of the agent, or the guardian, gave has begun the grace.
    long until = dir.killBoot.equals(machine.bootId()) ? Math.min(killAt, dir.killAt) : killAt;
    Stop stop = new Stop(until, ours);
    stop.then = then;
    stops.put(dir, stop);
    machine.agent.after(5 * World.MILLI, () -> step(dir, stop));
  }

  private void step(TaskDir dir, Stop stop) {
    if (machine.disk().parts[dir.master].hold.why == Hold.Why.DOUBT) {
      stop.killAt = Math.min(stop.killAt, machine.boot());
    }
    boolean due = machine.boot() >= stop.killAt;
    boolean done = false;
    if (dir.leaderLives && !due) {
      stop.clean = 0;
      if (stop.terminates && !dir.termed) {
        machine.kernel.terminate(dir);
        machine.kernel.goOn(dir);
      }
      done = machine.world.broken(Mutation.STOPPED_WHEN_TOLD);
    } else if (dir.hasProcesses()) {
      stop.clean = 0;
      if (due || !dir.published) {
        machine.kernel.kill(dir, !machine.world.broken(Mutation.ONLY_THE_LEADER_IS_KILLED));
      }
      done = !dir.leaderLives && machine.world.broken(Mutation.ONLY_THE_LEADER_IS_KILLED);
    } else {
      done = ++stop.clean >= 2 && wrapperIsDone(dir, stop);
    }
    if (done) {
      stops.remove(dir);
      stop.then.run();
    } else {
      machine.agent.after(STEP, () -> step(dir, stop));
    }
  }

  private boolean wrapperIsDone(TaskDir dir, Stop stop) {
    if (!dir.wrapperLives || dir.record != TaskDir.Record.NONE) {
      return true;
    }
    if (machine.boot() >= stop.killAt + WRAPPER_GRACE) {
      machine.kernel.killWrapper(dir);
    }
    return false;
  }
}
