package io.holdfast.master.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.holdfast.master.job.JobDefinition;
import io.holdfast.master.job.OnLost;
import io.holdfast.master.job.Target;
import io.holdfast.master.run.JobEvent;
import io.holdfast.persistence.DirectoryIdentity;
import io.holdfast.persistence.JournalEvents;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.audit.AuditSource;
import io.holdfast.persistence.audit.ChainFault;
import io.holdfast.persistence.audit.ImportTarget;
import io.holdfast.persistence.audit.StoredEvent;
import io.holdfast.persistence.audit.StoredId;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.ProcessInfo;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A journal that is told event by event: in memory, or written to a store. */
public final class Story {
  private static final ObjectMapper JSON = JournalEvents.mapper();
  private static final Map<String, String> NAMES = names();

  private final DirectoryIdentity owner;
  private final TreeMap<String, List<StoredEvent>> ids = new TreeMap<>();
  private final List<ChainFault> faults = new ArrayList<>();

  private Story(DirectoryIdentity owner) {
    this.owner = owner;
  }

  public static Story ofMaster() {
    return new Story(new DirectoryIdentity("master", "main", "mj-1"));
  }

  public static Story ofAgent(String name) {
    return new Story(new DirectoryIdentity("agent", name, "aj-" + name));
  }

  private static Map<String, String> names() {
    Config all = PersistenceConfig.withDefaults(ConfigFactory.empty());
    Map<String, String> names = new HashMap<>();
    for (String section : List.of("holdfast.journal.events", AuditEvents.AGENT_EVENTS)) {
      for (Map.Entry<String, ConfigValue> entry : all.getObject(section).entrySet()) {
        names.put((String) entry.getValue().unwrapped(), entry.getKey());
      }
    }
    return names;
  }

  /** Adds events to an id. */
  public Story add(String id, Object... events) {
    for (Object event : events) {
      try {
        add(id, NAMES.get(event.getClass().getName()), JSON.writeValueAsString(event));
      } catch (JsonProcessingException e) {
        throw new AssertionError(e);
      }
    }
    return this;
  }

  /** Adds an event as it is stored. */
  public Story add(String id, String name, String json) {
    List<StoredEvent> stored = ids.computeIfAbsent(id, unused -> new ArrayList<>());
    return addAt(
        id, stored.isEmpty() ? 1 : stored.get(stored.size() - 1).sequenceNr() + 1, name, json);
  }

  Story addAt(String id, long number, String name, String json) {
    long millis = 0;
    try {
      JsonNode at = JSON.readTree(json).path("at");
      millis = at.isTextual() ? Instant.parse(at.asText()).toEpochMilli() : 0;
    } catch (JsonProcessingException e) {
      // What is no JSON has no time.
      millis = 0;
    }
    ids.computeIfAbsent(id, unused -> new ArrayList<>())
        .add(
            new StoredEvent(
                id,
                number,
                millis,
                "writer-1",
                "",
                JournalEvents.serializerId(),
                name,
                List.of(),
                json.getBytes(StandardCharsets.UTF_8)));
    return this;
  }

  Story fault(ChainFault fault) {
    faults.add(fault);
    return this;
  }

  private List<StoredId> heads() {
    return ids.entrySet().stream()
        .map(
            entry ->
                new StoredId(
                    entry.getKey(),
                    entry.getValue().get(entry.getValue().size() - 1).sequenceNr(),
                    0,
                    0))
        .toList();
  }

  /** Writes it to a store. */
  public void to(ImportTarget target) {
    try (target) {
      heads().forEach(target::id);
      ids.values().forEach(events -> events.forEach(target::event));
      target.commit();
    }
  }

  /** As the {@code number}-th that is named. */
  Journal journal(int number) {
    return Journal.of(number, new InMemory());
  }

  private final class InMemory implements AuditSource {
    @Override
    public String name() {
      return "/data/" + owner.owner();
    }

    @Override
    public Optional<DirectoryIdentity> owner() {
      return Optional.of(owner);
    }

    @Override
    public long events() {
      return ids.values().stream().mapToLong(List::size).sum();
    }

    @Override
    public Optional<String> firstId(String prefix) {
      return ids.keySet().stream().filter(id -> id.startsWith(prefix)).findFirst();
    }

    @Override
    public Map<String, Long> setAside() {
      return Map.of();
    }

    @Override
    public void read(Predicate<String> wanted, Visitor visitor) {
      for (StoredId head : heads()) {
        if (wanted.test(head.persistenceId())) {
          visitor.begin(head);
          ids.get(head.persistenceId()).forEach(visitor::event);
          visitor.end(head);
        }
      }
      faults.forEach(visitor::fault);
    }

    @Override
    public void close() {}
  }

  // What the stories are made of.

  public static Instant at(int second) {
    return Instant.parse("2026-11-22T15:00:00Z").plusSeconds(second);
  }

  public static ExecutionId id(String text) {
    return ExecutionId.parse(text);
  }

  static JobDefinition job(String name) {
    return new JobDefinition(
        name,
        "true",
        new Target.Group("all"),
        new TreeMap<>(),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE,
        OnLost.ERROR);
  }

  public static JobEvent defined(String name, int second) {
    return new JobEvent.Defined(job(name), at(second));
  }

  public static JobEvent requested(String execution, int second) {
    return new JobEvent.RunRequested(
        id(execution).run(), new TreeMap<>(), Optional.of("r-" + second), at(second));
  }

  public static JobEvent begun(String execution, String agent, long token, int second) {
    return new JobEvent.ExecutionBegun(
        id(execution), new AgentId(agent), new FencingToken(token), at(second));
  }

  public static JobEvent ended(String execution, Outcome outcome, int second) {
    return new JobEvent.ExecutionEnded(
        id(execution), outcome, Optional.empty(), Optional.empty(), at(second));
  }

  static TaskSpec spec(String execution, long token) {
    return new TaskSpec(
        id(execution),
        new FencingToken(token),
        "true",
        new TreeMap<>(),
        Optional.empty(),
        Duration.ofSeconds(15),
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  static TaskEvent accepted(String execution, long token, int second) {
    return new TaskEvent.Accepted(
        spec(execution, token),
        id(execution).request(1),
        new JournalId("mj-1"),
        "boot-1",
        at(second));
  }

  static TaskEvent started(int second) {
    return new TaskEvent.Started(new ProcessInfo(4711, 12, "boot-1"), at(second));
  }

  static TaskEvent finished(Outcome outcome, int second) {
    return new TaskEvent.Finished(outcome, 5, 0, Optional.empty(), at(second));
  }
}
