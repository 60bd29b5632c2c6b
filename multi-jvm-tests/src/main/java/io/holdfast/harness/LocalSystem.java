package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Masters and agents on this machine, each a JVM with a folder of its own, and a {@link FaultProxy}
 * on each link: master → proxy → agent.
 *
 * <p>Closing kills all processes, also the tasks and guardians that agents leave behind on purpose:
 * every process of the system carries {@value #MARKER} in its environment or works in its folder.
 * If the harness itself is killed, masters and agents end with it, and the tasks when their lease
 * is over.
 *
 * <p>All files are in a temporary folder. Closing deletes it; after {@link #failed} it first copies
 * logs, config files and ledgers to the folder for failures, and names that in the failure.
 */
public final class LocalSystem implements AutoCloseable {
  /** In the environment of each process: which system it belongs to. */
  public static final String MARKER = "HOLDFAST_LOCAL_SYSTEM";

  private final String name;
  private final String marker = UUID.randomUUID().toString();
  private final Path folder;
  private final Path failures;
  private final Timing timing;
  private final EffectLedger ledger;
  private final Map<String, Node> masters = new LinkedHashMap<>();
  private final Map<String, Node> agents = new LinkedHashMap<>();
  private final Map<String, FaultProxy> proxies = new LinkedHashMap<>();
  private final Map<String, MasterClient> clients = new LinkedHashMap<>();
  private final List<SmallDisk> disks = new ArrayList<>();
  private boolean hasFailed;

  LocalSystem(LocalSystemBuilder plan) {
    name = plan.name;
    failures = plan.failures;
    timing = plan.timing;
    try {
      folder =
          Files.createTempDirectory("holdfast-" + name.replaceAll("[^A-Za-z0-9._-]", "_") + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ledger = new EffectLedger(folder.resolve("ledger"), name);
    Map<String, String> ofMasters = environment(plan.masterEnvironment);
    Map<String, String> ofAgents = environment(plan.agentEnvironment);
    for (String id : plan.masters) {
      Path home = folder.resolve("master-" + id);
      masters.put(
          id, new Node("master", id, home, plan.masterProgram(), plan.jvmOptions, ofMasters));
      clients.put(id, new MasterClient(master(id).uri()));
    }
    for (String id : plan.agents) {
      Path home = folder.resolve("agent-" + id);
      agents.put(id, new Node("agent", id, home, plan.agentProgram(), plan.jvmOptions, ofAgents));
      for (String master : plan.masters) {
        proxies.put(link(master, id), FaultProxy.to(master + "-" + id, agent(id).port()));
      }
    }
    plan.configure(this);
  }

  /**
   * A system with one master, {@code main}, one agent, {@code agent-1}, and {@link Timing#TEST}.
   */
  public static LocalSystemBuilder named(String name) {
    return new LocalSystemBuilder(name);
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put(MARKER, marker);
    return all;
  }

  /** What a scenario does with a running system. */
  @FunctionalInterface
  public interface Scenario {
    void run(LocalSystem system) throws Exception;
  }

  public String name() {
    return name;
  }

  public Timing timing() {
    return timing;
  }

  /** Where all files of the system are while it lives. */
  public Path folder() {
    return folder;
  }

  /** Where jobs note what they do. */
  public EffectLedger ledger() {
    return ledger;
  }

  /** The first master. */
  public Node master() {
    return masters.values().iterator().next();
  }

  public Node master(String id) {
    return known(masters, id);
  }

  public Collection<Node> masters() {
    return masters.values();
  }

  /** The first agent. */
  public Node agent() {
    return agents.values().iterator().next();
  }

  public Node agent(String id) {
    return known(agents, id);
  }

  public Collection<Node> agents() {
    return agents.values();
  }

  /** The line from the first master to the first agent. */
  public FaultProxy proxy() {
    return proxy(master().id(), agent().id());
  }

  /** The line from the first master to an agent. */
  public FaultProxy proxy(String agent) {
    return proxy(master().id(), agent);
  }

  public FaultProxy proxy(String master, String agent) {
    return known(proxies, link(master, agent));
  }

  /** A client of the first master; it stays the same through restarts. */
  public MasterClient client() {
    return client(master().id());
  }

  public MasterClient client(String master) {
    return known(clients, master);
  }

  /**
   * Gives a node that has not been started a disk of its own for its data.
   *
   * @throws IllegalStateException where {@link SmallDisk#isPossible} says no
   */
  public SmallDisk smallDisk(Node node, long bytes) {
    SmallDisk disk = SmallDisk.mount(node.data(), bytes);
    disks.add(disk);
    return disk;
  }

  /** Starts all that do not live, side by side, and waits until they are ready. */
  public void start() {
    List<Node> starting = new ArrayList<>(agents.values());
    starting.addAll(masters.values());
    starting.removeIf(Node::isAlive);
    starting.forEach(Node::launch);
    starting.forEach(Node::awaitReady);
  }

  /** The pids of all living processes of the system: masters, agents, guardians, tasks. */
  public Set<Long> processes() {
    Set<Long> pids = new LinkedHashSet<>(ProcessTable.withEnvironment(MARKER, marker));
    pids.addAll(ProcessTable.workingIn(folder));
    return pids;
  }

  /** Notes a failure: {@link #close} will keep what helps to understand it. */
  public void failed(Throwable failure) {
    hasFailed = true;
    StringBuilder message = new StringBuilder("The last lines; more in " + keptIn() + "\n");
    for (Map<String, Node> nodes : List.of(masters, agents)) {
      for (Node node : nodes.values()) {
        String lines = node.hasProcess() ? node.process().tail() : "  | never started\n";
        message.append(node).append(node.isAlive() ? "" : " (dead)").append(":\n").append(lines);
      }
    }
    failure.addSuppressed(new Logs(message.append(ledger).toString()));
  }

  /** Kills everything, also what was left behind, and deletes the files. */
  @Override
  public void close() {
    masters.values().forEach(Node::close);
    agents.values().forEach(Node::close);
    proxies.values().forEach(FaultProxy::close);
    ProcessTable.killAll(this::processes);
    if (hasFailed) {
      Folders.copy(folder, keptIn(), LocalSystem::isWorthKeeping);
    }
    disks.forEach(SmallDisk::close);
    Folders.delete(folder);
  }

  private Path keptIn() {
    return failures.resolve(folder.getFileName());
  }

  private static boolean isWorthKeeping(Path file) {
    String fileName = file.getFileName().toString();
    return fileName.endsWith(".log") || fileName.endsWith(".conf") || fileName.endsWith(".ledger");
  }

  private static String link(String master, String agent) {
    return master + " -> " + agent;
  }

  private static <T> T known(Map<String, T> all, String key) {
    T found = all.get(key);
    if (found == null) {
      throw new IllegalArgumentException("there is no '" + key + "', only " + all.keySet());
    }
    return found;
  }

  /** Carries the logs of the processes into the report of a failure. */
  private static final class Logs extends RuntimeException {
    private static final long serialVersionUID = 1;

    Logs(String message) {
      super(message, null, false, false);
    }
  }
}
