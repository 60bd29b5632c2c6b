package io.holdfast.master.history;

import static org.awaitility.Awaitility.await;

import akka.Done;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.AskPattern;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.query.EventEnvelope;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.PostgresJournal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** As much of a master as a history needs: an actor system with its journal, and the history. */
final class HistoryMaster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(20);

  private final ActorSystem<Void> system;
  private final History history;
  private final Map<String, ActorRef<Write>> writers = new HashMap<>();
  private int named;

  private record Write(List<Object> events, ActorRef<Done> replyTo) {}

  private HistoryMaster(Config config, Function<ActorSystem<?>, History> history) {
    this.system = ActorSystem.create(Behaviors.empty(), "history-test", config);
    this.history = history.apply(system);
  }

  static HistoryMaster embedded(Path data, long leastFree) {
    Config config =
        withDefaults(
            ConfigFactory.parseMap(
                Map.of("holdfast.journal.leveldb.dir", data.resolve("journal").toString())));
    return new HistoryMaster(
        History.over(config, false), system -> History.embedded(system, data, leastFree));
  }

  /**
   * @param journal the settings of the journal in PostgreSQL
   */
  static HistoryMaster inPostgres(String journal) {
    // After a crash of the server numbers are missing, which are given up soon here.
    String soon =
        "jdbc-read-journal.journal-sequence-retrieval { max-tries = 3, query-delay = 200ms }";
    Config config =
        PostgresJournal.over(withDefaults(ConfigFactory.parseString(journal + "\n" + soon)));
    return new HistoryMaster(History.over(config, true), History::inPostgres);
  }

  private static Config withDefaults(Config settings) {
    return PersistenceConfig.withDefaults(
        settings
            .withFallback(ConfigFactory.parseString("akka.actor.provider = local"))
            .withFallback(ConfigFactory.parseResources("master-akka.conf")));
  }

  History history() {
    return history;
  }

  /** Writes the events of each entity in their order, many at once. */
  void write(List<EventEnvelope> events) throws Exception {
    Map<String, List<EventEnvelope>> ofEach = new LinkedHashMap<>();
    for (EventEnvelope event : events) {
      ofEach.computeIfAbsent(event.persistenceId(), id -> new ArrayList<>()).add(event);
    }
    for (List<EventEnvelope> all : ofEach.values()) {
      for (int i = 0; i < all.size(); i += 200) {
        writeTogether(all.subList(i, Math.min(all.size(), i + 200)));
      }
    }
  }

  private void writeTogether(List<EventEnvelope> events) throws Exception {
    String id = events.get(0).persistenceId();
    ActorRef<Write> writer =
        writers.computeIfAbsent(
            id,
            key ->
                system.systemActorOf(
                    writer(key), key.replace('|', '-') + "-" + named++, Props.empty()));
    try {
      AskPattern.<Write, Done>ask(
              writer,
              replyTo -> new Write(events.stream().map(EventEnvelope::event).toList(), replyTo),
              WRITTEN_WITHIN,
              system.scheduler())
          .toCompletableFuture()
          .get();
    } catch (ExecutionException e) {
      // Its journal was away, which has ended it.
      writers.remove(id);
      throw e;
    }
  }

  private static Behavior<Write> writer(String id) {
    return Behaviors.setup(context -> new Writer(PersistenceId.ofUniqueId(id)));
  }

  private static final class Writer extends EventSourcedBehavior<Write, Object, Integer> {
    Writer(PersistenceId id) {
      super(id);
    }

    @Override
    public Integer emptyState() {
      return 0;
    }

    @Override
    public CommandHandler<Write, Object, Integer> commandHandler() {
      return (state, write) ->
          Effect().persist(write.events()).thenRun(() -> write.replyTo().tell(Done.getInstance()));
    }

    @Override
    public EventHandler<Integer, Object> eventHandler() {
      return (state, event) -> state + 1;
    }
  }

  /** One page, or why there is none. */
  ObjectNode search(HistoryKind kind, Map<String, String> parameters) {
    HistoryFilter filter = HistoryFilter.of(kind, List.copyOf(parameters.entrySet()));
    try {
      return history.search(filter).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HistoryUnavailableException why) {
        throw why;
      }
      throw e;
    }
  }

  ObjectNode progress() {
    try {
      return history.progress().toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HistoryUnavailableException why) {
        throw why;
      }
      throw e;
    }
  }

  /** Waits until all of these events are in, and all that was there is. */
  void awaitCurrent(long events) {
    await()
        .atMost(PATIENCE)
        .ignoreException(HistoryUnavailableException.class)
        .until(
            () -> {
              ObjectNode now = progress();
              return now.path("events").asLong() >= events
                  && now.path("history").asText().equals("current");
            });
  }

  /** Everything that can be found. */
  Map<HistoryKind, List<String>> rows() {
    Map<HistoryKind, List<String>> all = new LinkedHashMap<>();
    for (HistoryKind kind : HistoryKind.values()) {
      List<String> rows = new ArrayList<>();
      Map<String, String> parameters = new HashMap<>(Map.of("limit", "1000"));
      ObjectNode page;
      do {
        page = search(kind, parameters);
        page.path(kind.word()).forEach(row -> rows.add(row.toString()));
        parameters.put("after", page.path("next").asText());
      } while (page.has("next"));
      all.put(kind, rows);
    }
    return all;
  }

  @Override
  public void close() {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("it did not end", e);
    }
  }
}
