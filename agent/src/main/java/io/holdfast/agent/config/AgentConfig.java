package io.holdfast.agent.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.MasterId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The agent's settings, checked: what is wrong is named with its key, its value and what would be
 * right. {@code reference.conf} documents each.
 *
 * @param masters whom this agent serves
 * @param taskLimit how many tasks of one master run at once
 * @param outputQuota how many bytes each stream of a task keeps
 * @param minFreeSpace in bytes; with less on the disk no task is started
 * @param tick how often a session looks at its deadline and at its tasks' output
 */
public record AgentConfig(
    AgentId id,
    Path data,
    Path workDirectory,
    String host,
    int port,
    int taskApiPort,
    int taskLimit,
    long outputQuota,
    long minFreeSpace,
    Duration tick,
    Map<MasterId, MasterEntry> masters) {
  private static final String ROOT = "holdfast.agent.";
  private static final long LEAST_QUOTA = 1024;
  private static final long MOST_QUOTA = 1L << 40;
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException naming the setting, its value and what would be right
   */
  public static AgentConfig of(Config config) {
    try {
      return read(config);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static AgentConfig read(Config config) {
    Config agent = config.getConfig("holdfast.agent");
    String id = agent.getString("id");
    if (id.isEmpty()) {
      throw bad("id", id, "give this agent the name that the master's configuration has for it");
    }
    int port = port(agent, "http.port", "0: any free one");
    int taskApiPort = port(agent, "task-api.port", "0: a free one, kept from then on");
    int taskLimit = taskLimit(agent, "");
    long outputQuota = outputQuota(agent, "");
    long minFreeSpace = agent.getBytes("min-free-space");
    if (minFreeSpace < 0) {
      throw bad("min-free-space", minFreeSpace, "not negative; 0: never refuse for that reason");
    }
    Duration tick = agent.getDuration("tick");
    if (tick.compareTo(Duration.ofMillis(10)) < 0 || tick.compareTo(Duration.ofSeconds(1)) > 0) {
      throw bad("tick", tick, "between 10 ms and 1 s");
    }
    Map<MasterId, MasterEntry> masters = masters(agent.getConfig("masters"));
    if (masters.isEmpty()) {
      throw bad("masters", "{}", "name at least one: masters { main { token = \"...\" } }");
    }
    String host = agent.getString("http.host");
    boolean everyMasterHasAToken = masters.values().stream().noneMatch(entry -> entry.accepts(""));
    if (!LOOPBACK.contains(host) && !everyMasterHasAToken) {
      throw bad(
          "http.host", host, "beyond the loopback every master needs a token of its own: set it");
    }
    Path data = Path.of(agent.getString("data")).toAbsolutePath().normalize();
    String work = agent.getString("work-directory");
    return new AgentConfig(
        named(() -> new AgentId(id), "id"),
        data,
        work.isEmpty() ? data.resolve("work") : Path.of(work).toAbsolutePath(),
        host,
        port,
        taskApiPort,
        taskLimit,
        outputQuota,
        minFreeSpace,
        tick,
        masters);
  }

  private static int port(Config agent, String key, String zero) {
    int port = agent.getInt(key);
    if (port < 0 || port > 65535) {
      throw bad(key, port, "a port is between 0 and 65535 (" + zero + ")");
    }
    return port;
  }

  private static Map<MasterId, MasterEntry> masters(Config masters) {
    Map<MasterId, MasterEntry> entries = new TreeMap<>();
    for (String key : masters.root().keySet()) {
      MasterId id = named(() -> new MasterId(key), "masters." + key);
      Config entry = masters.getConfig("\"" + key + "\"");
      boolean hashed = entry.hasPath("token-sha256");
      if (hashed == entry.hasPath("token")) {
        throw bad(
            "masters." + key, entry.root().keySet(), "give it token or token-sha256, one of them");
      }
      MasterEntry known =
          hashed
              ? named(
                  () -> MasterEntry.ofHash(entry.getString("token-sha256")),
                  "masters." + key + ".token-sha256")
              : MasterEntry.ofToken(entry.getString("token"));
      String prefix = "masters." + key + ".";
      entries.put(
          id,
          known.withLimits(
              entry.hasPath("task-limit")
                  ? OptionalInt.of(taskLimit(entry, prefix))
                  : OptionalInt.empty(),
              entry.hasPath("output-quota")
                  ? OptionalLong.of(outputQuota(entry, prefix))
                  : OptionalLong.empty()));
    }
    return Map.copyOf(entries);
  }

  private static int taskLimit(Config config, String prefix) {
    int limit = config.getInt("task-limit");
    if (limit < 1 || limit > 5000) {
      throw bad(prefix + "task-limit", limit, "between 1 and 5000");
    }
    return limit;
  }

  private static long outputQuota(Config config, String prefix) {
    long quota = config.getBytes("output-quota");
    if (quota < LEAST_QUOTA || quota > MOST_QUOTA) {
      throw bad(prefix + "output-quota", quota + " bytes", "between 1 KiB and 1 TiB");
    }
    return quota;
  }

  /**
   * How many tasks of a master run at once; the agent's own limit for one that is not configured.
   */
  public int taskLimit(MasterId master) {
    MasterEntry entry = masters.get(master);
    return entry == null ? taskLimit : entry.taskLimit().orElse(taskLimit);
  }

  /** How many bytes each stream of a master's task keeps. */
  public long outputQuota(MasterId master) {
    MasterEntry entry = masters.get(master);
    return entry == null ? outputQuota : entry.outputQuota().orElse(outputQuota);
  }

  private static <T> T named(java.util.function.Supplier<T> make, String key) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(ROOT + key + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException bad(String key, Object value, String right) {
    return new IllegalArgumentException(ROOT + key + " = " + value + ": " + right);
  }
}
