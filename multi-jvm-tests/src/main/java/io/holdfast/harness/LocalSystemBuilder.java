package io.holdfast.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;

/** How to make a {@link LocalSystem}. Also the author of the config files. */
public final class LocalSystemBuilder {
  final String name;
  final List<String> jvmOptions = new ArrayList<>();
  final Map<String, String> masterEnvironment = new HashMap<>();
  final Map<String, String> agentEnvironment = new HashMap<>();
  List<String> masters = List.of("main");
  List<String> agents = List.of("agent-1");
  Timing timing = Timing.TEST;
  Path failures = Path.of("target", "failures").toAbsolutePath();
  private int taskLimit = 16;
  private String masterConfig = "";
  private String agentConfig = "";
  private Program master;
  private Program agent;

  LocalSystemBuilder(String name) {
    this.name = name;
  }

  public LocalSystemBuilder masters(String... ids) {
    masters = List.of(ids);
    return this;
  }

  /** Agents {@code agent-1} to {@code agent-N}. */
  public LocalSystemBuilder agents(int count) {
    agents = IntStream.rangeClosed(1, count).mapToObj(number -> "agent-" + number).toList();
    return this;
  }

  public LocalSystemBuilder timing(Timing times) {
    timing = times;
    return this;
  }

  public LocalSystemBuilder taskLimit(int tasks) {
    taskLimit = tasks;
    return this;
  }

  public LocalSystemBuilder jvmOptions(String... options) {
    jvmOptions.addAll(List.of(options));
    return this;
  }

  /**
   * HOCON to append to the config of each master, as in {@code holdfast.master.authority-ttl = 2s}.
   */
  public LocalSystemBuilder masterConfig(String hocon) {
    masterConfig = hocon;
    return this;
  }

  /** HOCON to append to the config of each agent. */
  public LocalSystemBuilder agentConfig(String hocon) {
    agentConfig = hocon;
    return this;
  }

  /** A variable in the environment of each master. */
  public LocalSystemBuilder masterEnvironment(String variable, String value) {
    masterEnvironment.put(variable, value);
    return this;
  }

  /** A variable in the environment of each agent; its tasks and its guardian do not inherit it. */
  public LocalSystemBuilder agentEnvironment(String variable, String value) {
    agentEnvironment.put(variable, value);
    return this;
  }

  /** Other programs than the packaged ones: of another version, for instance. */
  public LocalSystemBuilder programs(Program masterProgram, Program agentProgram) {
    master = masterProgram;
    agent = agentProgram;
    return this;
  }

  /** Where logs of a failure go, default {@code target/failures}. */
  public LocalSystemBuilder keepFailuresIn(Path folder) {
    failures = folder.toAbsolutePath();
    return this;
  }

  /** Prepared, nothing started. */
  public LocalSystem create() {
    return new LocalSystem(this);
  }

  /** Runs a scenario on a started system and closes it; a failure carries the logs. */
  public void run(LocalSystem.Scenario scenario) throws Exception {
    try (LocalSystem system = create()) {
      try {
        system.start();
        scenario.run(system);
      } catch (Throwable failure) {
        system.failed(failure);
        throw failure;
      }
    }
  }

  Program masterProgram() {
    return master == null ? Program.master() : master;
  }

  Program agentProgram() {
    return agent == null ? Program.agent() : agent;
  }

  /** Writes the config of all nodes, with a token of its own for each link. */
  void configure(LocalSystem system) {
    Map<String, String> tokens = new HashMap<>();
    for (String masterId : masters) {
      for (String agentId : agents) {
        tokens.put(masterId + "/" + agentId, UUID.randomUUID().toString());
      }
    }
    system.masters().forEach(node -> node.config(masterConfig(system, node, tokens)));
    system.agents().forEach(node -> node.config(agentConfig(node, tokens)));
  }

  private String masterConfig(LocalSystem system, Node node, Map<String, String> tokens) {
    StringBuilder links = new StringBuilder();
    for (String agentId : agents) {
      links.append(
          "    { id = %s, url = \"%s\", token = \"%s\" }\n"
              .formatted(
                  quoted(agentId),
                  system.proxy(node.id(), agentId).uri(),
                  tokens.get(node.id() + "/" + agentId)));
    }
    return head("holdfast.master", node)
        + "  timing { heartbeat-period = %dms, retry-attempts = %d, kill-grace = %dms, margin = %dms }\n"
            .formatted(
                timing.heartbeatPeriod().toMillis(),
                timing.retryAttempts(),
                timing.killGrace().toMillis(),
                timing.margin().toMillis())
        + "  authority-ttl = %dms\n".formatted(timing.authorityTtl().toMillis())
        + "  agents = [\n"
        + links
        + "  ]\n}\n"
        + masterConfig
        + "\n";
  }

  private String agentConfig(Node node, Map<String, String> tokens) {
    StringBuilder known = new StringBuilder();
    for (String masterId : masters) {
      known.append(
          "    %s { token = \"%s\" }\n"
              .formatted(quoted(masterId), tokens.get(masterId + "/" + node.id())));
    }
    return head("holdfast.agent", node)
        + "  task-limit = %d\n".formatted(taskLimit)
        + "  masters {\n"
        + known
        + "  }\n}\n"
        + agentConfig
        + "\n";
  }

  private static String head(String path, Node node) {
    return path
        + " {\n  id = %s\n  data = %s\n"
            .formatted(quoted(node.id()), quoted(node.data().toString()))
        + "  http { host = \"127.0.0.1\", port = %d }\n".formatted(node.port());
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
