package io.holdfast.storm;

import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The faults: cuts of lines, {@code kill -9} and SIGSTOP of masters, agents and guardians, and
 * machines of agents that die with all that runs on them, which an operator then confirms. What
 * happens next is drawn from a seed; when, is the machine's.
 *
 * <p>Of an agent and its guardian one is left whole: with both gone nobody on that machine is there
 * to stop a task, and no scheduler can promise anything (docs/guarantees.md).
 */
final class Weather {
  private interface Change {
    void make() throws Exception;
  }

  private record Fault(String on, long endsAt, Change end) {}

  private final LocalSystem system;
  private final Random random;
  private final Duration beyondLease;
  private final List<Fault> active = new ArrayList<>();
  private final Set<String> hit = new HashSet<>();
  private final Set<String> unrecorded = new HashSet<>();
  private final Set<String> confirmed = new HashSet<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  Weather(LocalSystem system, long seed) {
    this.system = system;
    this.random = new Random(seed);
    this.beyondLease = system.timing().release().multipliedBy(3).dividedBy(2);
  }

  /** Faults until the time is over, then fair weather: all lines healed, all processes running. */
  void rage(Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      clear(System.nanoTime());
      strike();
      TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(500));
    }
    clear(Long.MAX_VALUE);
  }

  /** The executions whose end nobody could write down. */
  Set<String> unrecorded() {
    return unrecorded;
  }

  /** The executions that were called lost because an operator vouched for it. */
  Set<String> confirmed() {
    return confirmed;
  }

  /** How many faults of which kind. */
  Map<String, Integer> counts() {
    return counts;
  }

  private void clear(long now) throws Exception {
    for (Fault fault : List.copyOf(active)) {
      if (fault.endsAt() - now <= 0) {
        active.remove(fault);
        hit.remove(fault.on());
        fault.end().make();
      }
    }
  }

  private void strike() throws Exception {
    int kind = random.nextInt(100);
    if (kind < 48) {
      strikeLine();
    } else if (kind < 66) {
      strikeAgent();
    } else if (kind < 79) {
      strikeMaster();
    } else if (kind < 91) {
      strikeGuardian();
    } else if (kind < 96) {
      strikeWrapper();
    } else {
      strikeMachine();
    }
  }

  /** Nobody can say any more how that task ended: it has vanished, but not before it is dead. */
  private void strikeWrapper() throws Exception {
    List<Wrappers.Wrapper> wrappers = Wrappers.of(system);
    if (!wrappers.isEmpty()) {
      Wrappers.Wrapper wrapper = any(wrappers);
      count("wrapper killed");
      unrecorded.add(wrapper.execution());
      Guardians.signal(wrapper.pid(), "KILL");
    }
  }

  /** All of an agent is gone at once, and comes back later with its disk. */
  private void strikeMachine() throws Exception {
    Node agent = any(List.copyOf(system.agents()));
    if (!hit.add(machine(agent))) {
      return;
    }
    count("agent's machine killed");
    agent.killMachine();
    // Nobody has written down how they ended.
    for (Node master : system.masters()) {
      unrecorded.addAll(Deaths.recordedAsStarted(agent, master.id()));
    }
    until(
        machine(agent),
        () -> {
          for (Node master : system.masters()) {
            if (!hit.contains(machine(master))) {
              confirmed.addAll(Deaths.confirm(system, master, agent));
            }
          }
          agent.start();
        });
  }

  private void strikeLine() {
    Node master = any(List.copyOf(system.masters()));
    Node agent = any(List.copyOf(system.agents()));
    String line = "line " + master.id() + " " + agent.id();
    FaultProxy proxy = system.proxy(master.id(), agent.id());
    int how = random.nextInt(8);
    if (how == 0) {
      count("connections reset");
      proxy.reset();
      return;
    }
    if (!hit.add(line)) {
      return;
    }
    switch (how) {
      case 1 -> proxy.cut(FaultProxy.Cut.REFUSE);
      case 2 -> proxy.cut(FaultProxy.Cut.ACCEPT_AND_RESET);
      case 3 -> proxy.cut(FaultProxy.Cut.SILENT);
      case 4 -> proxy.blackhole();
      case 5 -> proxy.drop(FaultProxy.Direction.TO_TARGET);
      case 6 -> proxy.drop(FaultProxy.Direction.TO_CLIENT);
      default -> proxy.delay(Duration.ofMillis(20 + random.nextInt(700)));
    }
    count(how == 7 ? "line delayed" : how > 4 ? "line cut one way" : "line cut");
    FaultProxy.Lossy lossy =
        random.nextBoolean() ? FaultProxy.Lossy.RESET : FaultProxy.Lossy.STAY_HALF_OPEN;
    until(line, () -> proxy.heal(lossy));
  }

  private void strikeAgent() throws Exception {
    Node agent = any(List.copyOf(system.agents()));
    if (hit.contains(machine(agent)) || Guardians.of(agent).isEmpty()) {
      return;
    }
    hit.add(machine(agent));
    strike("agent", agent, machine(agent));
  }

  private void strikeMaster() throws Exception {
    Node master = any(List.copyOf(system.masters()));
    if (hit.add(machine(master))) {
      strike("master", master, machine(master));
    }
  }

  private void strike(String role, Node node, String on) throws Exception {
    if (random.nextBoolean()) {
      count(role + " killed");
      node.kill9();
      until(on, node::start);
    } else {
      count(role + " stopped");
      node.pause();
      until(on, node::resume);
    }
  }

  private void strikeGuardian() throws Exception {
    Node agent = any(List.copyOf(system.agents()));
    Optional<Long> guardian = Guardians.of(agent);
    if (guardian.isEmpty() || !hit.add(machine(agent))) {
      return;
    }
    if (random.nextBoolean()) {
      count("guardian killed");
      Guardians.signal(guardian.get(), "KILL");
      // The agent is spared until it has another.
      hit.remove(machine(agent));
    } else {
      count("guardian stopped");
      Guardians.signal(guardian.get(), "STOP");
      until(machine(agent), () -> Guardians.signal(guardian.get(), "CONT"));
    }
  }

  /** Most faults are short; some outlive the lease. */
  private void until(String on, Change end) {
    long most = random.nextInt(10) < 7 ? 2_500 : beyondLease.toMillis();
    long millis = 100 + (long) (random.nextDouble() * most);
    active.add(new Fault(on, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), end));
  }

  private void count(String kind) {
    counts.merge(kind, 1, Integer::sum);
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static String machine(Node node) {
    return "machine " + node;
  }
}
