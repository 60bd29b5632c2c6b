package io.holdfast.storm;

import io.holdfast.harness.FaultProxy;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Node;
import io.holdfast.storm.TaskProcesses.Role;
import io.holdfast.storm.TaskProcesses.TaskProcess;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The faults: cuts of lines, {@code kill -9} and SIGSTOP of masters, agents, guardians, wrappers
 * and the jobs' own processes, and machines of agents that die with all that runs on them, which an
 * operator then confirms. Each kind comes once, then what is drawn from a seed; when, is the
 * machine's.
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
  private final Deque<Strike> first;
  private final List<Fault> active = new ArrayList<>();
  private final Set<String> hit = new HashSet<>();
  private final Victims victims = new Victims();
  private final Map<Strike, Integer> counts = new EnumMap<>(Strike.class);

  Weather(LocalSystem system, long seed) {
    this.system = system;
    this.random = new Random(seed);
    this.beyondLease = system.timing().release().multipliedBy(3).dividedBy(2);
    List<Strike> all = new ArrayList<>(List.of(Strike.values()));
    Collections.shuffle(all, random);
    this.first = new ArrayDeque<>(all);
  }

  /** Faults until the time is over, then fair weather: all lines healed, all processes running. */
  void rage(Duration duration) throws Exception {
    long end = System.nanoTime() + duration.toNanos();
    while (System.nanoTime() < end) {
      clear(System.nanoTime());
      requireAlive();
      strike();
      TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(500));
    }
    clear(Long.MAX_VALUE);
    requireAlive();
  }

  /** Nobody gives way to itself: a master ends only by what is done to it here. */
  private void requireAlive() {
    for (Node master : system.masters()) {
      if (!master.isAlive() && !hit.contains(machine(master))) {
        throw new AssertionError(master + " has ended by itself: " + master.process().tail());
      }
    }
  }

  /** What the faults have done to single executions. */
  Victims victims() {
    return victims;
  }

  /** How many faults of which kind. */
  Map<Strike, Integer> counts() {
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
    Strike strike = first.isEmpty() ? Strike.drawn(random) : first.remove();
    switch (strike) {
      case CONNECTIONS_RESET, LINE_CUT, LINE_CUT_ONE_WAY, LINE_DELAYED -> strikeLine(strike);
      case AGENT_KILLED, AGENT_STOPPED -> strikeAgent(strike);
      case MASTER_KILLED, MASTER_STOPPED -> strikeNode(strike, any(system.masters()));
      case GUARDIAN_KILLED, GUARDIAN_STOPPED -> strikeGuardian(strike);
      case MACHINE_KILLED -> strikeMachine();
      case WRAPPER_KILLED, WRAPPER_STOPPED -> strikeTask(strike, Role.WRAPPER);
      case LEADER_KILLED, LEADER_STOPPED -> strikeTask(strike, Role.LEADER);
      case DESCENDANT_KILLED, DESCENDANT_STOPPED -> strikeTask(strike, Role.DESCENDANT);
    }
    if (counts.getOrDefault(strike, 0) == 0) {
      // There was nothing to hit: again, when the others have had their turn.
      first.add(strike);
    }
  }

  /** A process of a task, whom neither agent nor guardian has told to end or to stand still. */
  private void strikeTask(Strike strike, Role role) throws Exception {
    List<TaskProcess> all =
        TaskProcesses.of(system).stream()
            .filter(process -> process.role() == role && !hit.contains(process.toString()))
            .toList();
    if (all.isEmpty()) {
      return;
    }
    TaskProcess process = any(all);
    count(strike);
    switch (strike) {
      case WRAPPER_KILLED, LEADER_KILLED, DESCENDANT_KILLED -> {
        victims.killed(process);
        process.kill();
      }
      default -> {
        hit.add(process.toString());
        process.stop();
        until(process.toString(), process::resume);
      }
    }
  }

  /** All of an agent is gone at once, and comes back later with its disk. */
  private void strikeMachine() throws Exception {
    Node agent = any(system.agents());
    if (!hit.add(machine(agent))) {
      return;
    }
    count(Strike.MACHINE_KILLED);
    agent.killMachine();
    // Nobody has written down how they ended.
    for (Node master : system.masters()) {
      victims.unrecorded(Deaths.recordedAsStarted(agent, master.id()));
    }
    until(
        machine(agent),
        () -> {
          for (Node master : system.masters()) {
            if (!hit.contains(machine(master))) {
              victims.confirmed(Deaths.confirm(system, master, agent));
            }
          }
          agent.start();
        });
  }

  private void strikeLine(Strike strike) {
    Node master = any(system.masters());
    Node agent = any(system.agents());
    String line = "line " + master.id() + " " + agent.id();
    FaultProxy proxy = system.proxy(master.id(), agent.id());
    if (strike == Strike.CONNECTIONS_RESET) {
      count(strike);
      proxy.reset();
      return;
    }
    if (!hit.add(line)) {
      return;
    }
    count(strike);
    switch (strike) {
      case LINE_CUT -> cut(proxy);
      case LINE_CUT_ONE_WAY ->
          proxy.drop(
              random.nextBoolean()
                  ? FaultProxy.Direction.TO_TARGET
                  : FaultProxy.Direction.TO_CLIENT);
      default -> proxy.delay(Duration.ofMillis(20 + random.nextInt(700)));
    }
    FaultProxy.Lossy lossy =
        random.nextBoolean() ? FaultProxy.Lossy.RESET : FaultProxy.Lossy.STAY_HALF_OPEN;
    until(line, () -> proxy.heal(lossy));
  }

  private void cut(FaultProxy proxy) {
    switch (random.nextInt(4)) {
      case 0 -> proxy.cut(FaultProxy.Cut.REFUSE);
      case 1 -> proxy.cut(FaultProxy.Cut.ACCEPT_AND_RESET);
      case 2 -> proxy.cut(FaultProxy.Cut.SILENT);
      default -> proxy.blackhole();
    }
  }

  private void strikeAgent(Strike strike) {
    Node agent = any(system.agents());
    if (Guardians.of(agent).isPresent()) {
      strikeNode(strike, agent);
    }
  }

  private void strikeNode(Strike strike, Node node) {
    if (!hit.add(machine(node))) {
      return;
    }
    count(strike);
    if (strike == Strike.AGENT_KILLED || strike == Strike.MASTER_KILLED) {
      node.kill9();
      until(machine(node), node::start);
    } else {
      node.pause();
      until(machine(node), node::resume);
    }
  }

  private void strikeGuardian(Strike strike) throws Exception {
    Node agent = any(system.agents());
    Optional<Long> guardian = Guardians.of(agent);
    if (guardian.isEmpty() || !hit.add(machine(agent))) {
      return;
    }
    count(strike);
    if (strike == Strike.GUARDIAN_KILLED) {
      Guardians.signal(guardian.get(), "KILL");
      // The agent is spared until it has another.
      hit.remove(machine(agent));
    } else {
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

  private void count(Strike strike) {
    counts.merge(strike, 1, Integer::sum);
  }

  private <T> T any(Collection<T> all) {
    return List.copyOf(all).get(random.nextInt(all.size()));
  }

  private static String machine(Node node) {
    return "machine " + node;
  }
}
