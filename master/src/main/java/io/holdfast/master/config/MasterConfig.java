package io.holdfast.master.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.holdfast.master.link.AgentAddress;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.lease.TimingPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The master's settings, checked: what is wrong is named with its key, its value and what would be
 * right. {@code reference.conf} documents each.
 *
 * @param minFreeSpace in bytes; with less on the disk of {@code data} nothing new is taken
 * @param token for the HTTP API; empty: none, and then it listens on the loopback only
 * @param groups names and members of agent groups, {@code all} among them
 */
public record MasterConfig(
    MasterId id,
    Path data,
    long minFreeSpace,
    String host,
    int port,
    String token,
    TimingPolicy timing,
    List<AgentAddress> agents,
    Map<String, List<AgentId>> groups) {
  private static final String ROOT = "holdfast.master.";
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");
  private static final int MOST_AGENTS = 1000;
  private static final String AUTO = "auto";

  /**
   * Reads the settings.
   *
   * @throws IllegalArgumentException naming the setting, its value and what would be right
   */
  public static MasterConfig of(Config config) {
    try {
      return read(config.getConfig("holdfast.master"));
    } catch (ConfigException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static MasterConfig read(Config master) {
    int port = master.getInt("http.port");
    if (port < 0 || port > 65535) {
      throw bad("http.port", port, "a port is between 0 and 65535 (0: any free one)");
    }
    String host = master.getString("http.host");
    String token = master.getString("http.token");
    if (!LOOPBACK.contains(host) && token.isEmpty()) {
      throw bad("http.host", host, "beyond the loopback set http.token as well");
    }
    long minFreeSpace = master.getBytes("min-free-space");
    if (minFreeSpace < 0) {
      throw bad("min-free-space", minFreeSpace, "not negative; 0: never refuse for that reason");
    }
    List<AgentAddress> agents = agents(master.getConfigList("agents"));
    return new MasterConfig(
        named(() -> new MasterId(master.getString("id")), "id"),
        Path.of(master.getString("data")).toAbsolutePath().normalize(),
        minFreeSpace,
        host,
        port,
        token,
        timing(master),
        agents,
        groups(master.getConfig("groups"), agents));
  }

  /** The longer one lets a server of the journal be away for a minute. */
  private static Duration authorityTtl(Config master) {
    if (!AUTO.equals(master.getString("authority-ttl"))) {
      return master.getDuration("authority-ttl");
    }
    return Persistence.named(master.getString("persistence")) == Persistence.POSTGRES
        ? Duration.ofSeconds(30)
        : TimingPolicy.DEFAULT.authorityTtl();
  }

  private static TimingPolicy timing(Config master) {
    Config timing = master.getConfig("timing");
    return named(
        () ->
            new TimingPolicy(
                timing.getDuration("heartbeat-period"),
                timing.getInt("retry-attempts"),
                timing.getDuration("kill-grace"),
                timing.getInt("drift-permille"),
                timing.getDuration("margin"),
                authorityTtl(master)),
        "timing");
  }

  private static List<AgentAddress> agents(List<? extends Config> entries) {
    if (entries.isEmpty()) {
      throw bad(
          "agents",
          "[]",
          "name at least one: agents = [{ id = agent-1, url = \"http://127.0.0.1:7711\", token = \"...\" }]");
    }
    if (entries.size() > MOST_AGENTS) {
      throw bad("agents", entries.size() + " of them", "at most " + MOST_AGENTS);
    }
    Map<AgentId, AgentAddress> agents = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      Config entry = entries.get(i);
      String key = "agents." + i;
      AgentId id = named(() -> new AgentId(entry.getString("id")), key + ".id");
      URI url = named(() -> URI.create(entry.getString("url")), key + ".url");
      boolean plain =
          "http".equals(url.getScheme())
              && url.getHost() != null
              && url.getPort() > 0
              && url.getPath().isEmpty();
      if (!plain) {
        throw bad(key + ".url", url, "write http://HOST:PORT");
      }
      String token = entry.hasPath("token") ? entry.getString("token") : "";
      if (agents.put(id, new AgentAddress(id, url, token)) != null) {
        throw bad(key + ".id", id, "there is another agent of this name");
      }
    }
    return List.copyOf(agents.values());
  }

  private static Map<String, List<AgentId>> groups(Config groups, List<AgentAddress> agents) {
    List<AgentId> all = agents.stream().map(AgentAddress::id).toList();
    Map<String, List<AgentId>> named = new LinkedHashMap<>();
    for (String name : groups.root().keySet()) {
      List<AgentId> members = new ArrayList<>();
      for (String member : groups.getStringList("\"" + name + "\"")) {
        AgentId id = named(() -> new AgentId(member), "groups." + name);
        if (!all.contains(id)) {
          throw bad("groups." + name, member, "not one of the agents: " + all);
        }
        members.add(id);
      }
      named.put(name, List.copyOf(members));
    }
    if (named.put("all", all) != null) {
      throw bad("groups.all", "...", "that group is there by itself: every agent");
    }
    return Map.copyOf(named);
  }

  /** The longest kill-grace that a job may have: the lease counts on it. */
  public Duration mostKillGrace() {
    return timing.killGrace();
  }

  private static <T> T named(Supplier<T> make, String key) {
    try {
      return make.get();
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(ROOT + key + ": " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException bad(String key, Object value, String right) {
    return new IllegalArgumentException(ROOT + key + " = " + value + ": " + right);
  }
}
