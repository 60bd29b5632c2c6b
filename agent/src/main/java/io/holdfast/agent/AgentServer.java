package io.holdfast.agent;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.config.AgentConfig;
import io.holdfast.agent.http.AgentRoutes;
import io.holdfast.agent.http.OutputFiles;
import io.holdfast.agent.process.BootClock;
import io.holdfast.agent.process.Guardian;
import io.holdfast.agent.process.ProcFiles;
import io.holdfast.agent.process.TaskProcesses;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.agent.task.ProcessEdge;
import io.holdfast.agent.task.TaskActor;
import io.holdfast.agent.taskapi.TaskApi;
import io.holdfast.persistence.DataDirectory;
import io.holdfast.persistence.JournalDeletion;
import io.holdfast.persistence.JournalException;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.StartRoom;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.Incarnation;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts an agent together: data directory, journal, guardian, sessions, HTTP. */
final class AgentServer {
  private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
  private static final Duration GUARDIAN_CHECK = Duration.ofSeconds(1);
  private static final Duration READ_WITHIN = Duration.ofSeconds(60);
  private static final int PARALLEL_LAUNCHES = 4;

  private final AgentConfig config;
  private final ServerBinding binding;

  private AgentServer(AgentConfig config, ServerBinding binding) {
    this.config = config;
    this.binding = binding;
  }

  AgentId id() {
    return config.id();
  }

  String address() {
    return config.host() + ":" + binding.localAddress().getPort();
  }

  /**
   * Starts an agent.
   *
   * @throws IOException or a JournalException, saying what is wrong and what to do
   */
  static AgentServer start(AgentConfig config, Config all) throws IOException {
    ProcFiles.require();
    StartRoom.require(config.data(), "holdfast.agent.data", all);
    DataDirectory directory = DataDirectory.open(config.data(), "agent", config.id().value());
    Files.createDirectories(config.workDirectory());
    Config withJournal =
        ConfigFactory.parseMap(
                Map.of("holdfast.journal.leveldb.dir", config.data().resolve("journal").toString()))
            .withFallback(all);
    ActorSystem<SpawnProtocol.Command> system =
        ActorSystem.create(SpawnProtocol.create(), "holdfast-agent", withJournal);
    try {
      return start(config, directory, system);
    } catch (RuntimeException | IOException e) {
      system.terminate();
      throw e;
    }
  }

  private static AgentServer start(
      AgentConfig config, DataDirectory directory, ActorSystem<SpawnProtocol.Command> system)
      throws IOException {
    JournalStore journal = JournalStore.get(system);
    JournalId journalId = new JournalId(directory.journalId());
    BootClock clock = BootClock.open();
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    Guardian guardian = Guardian.open(config.data(), journalId.value());
    guardian.ensure();
    TaskProcesses processes = TaskProcesses.open(config.data(), clock, PARALLEL_LAUNCHES);
    TaskApi taskApi = TaskApi.bind(system, config.data(), config.taskApiPort());
    var machine =
        new ProcessEdge.Machine(
            config.id(),
            journalId,
            config.data(),
            config.workDirectory(),
            clock,
            processes,
            blocking,
            new JournalDeletion(system)::delete,
            taskApi::environment);
    Map<MasterId, ActorRef<MasterSession.Message>> sessions =
        spawnSessions(
            config,
            journalId,
            new MachineEdge(
                machine,
                new DiskReserve(config.data(), config.minFreeSpace()),
                config::outputQuota),
            journal,
            system);
    taskApi.serve(sessions);
    keepGuardian(guardian, system);
    OutputFiles outputs =
        new OutputFiles(
            (master, execution) ->
                config
                    .data()
                    .resolve("masters")
                    .resolve(master.value())
                    .resolve("tasks")
                    .resolve(execution.toString()),
            blocking);
    AgentRoutes routes = new AgentRoutes(system, config.masters(), sessions, outputs);
    return new AgentServer(config, bind(config, system, routes));
  }

  private static Map<MasterId, ActorRef<MasterSession.Message>> spawnSessions(
      AgentConfig config,
      JournalId journalId,
      MachineEdge edge,
      JournalStore journal,
      ActorSystem<SpawnProtocol.Command> system) {
    List<String> ids = joined(journal.persistenceIds(TaskActor.PREFIX));
    Incarnation incarnation = new Incarnation(UUID.randomUUID().toString());
    Map<MasterId, ActorRef<MasterSession.Message>> sessions = new HashMap<>();
    for (Map.Entry<MasterId, List<ExecutionId>> entry :
        KnownTasks.of(config.masters().keySet(), ids).entrySet()) {
      MasterId master = entry.getKey();
      var setting =
          new MasterSession.Setting(
              config.id(), journalId, incarnation, config.taskLimit(master), config.tick(), edge);
      CompletionStage<ActorRef<MasterSession.Message>> spawned =
          AskPattern.ask(
              system,
              replyTo ->
                  new SpawnProtocol.Spawn<>(
                      MasterSession.create(master, entry.getValue(), setting),
                      "session-" + master,
                      Props.empty(),
                      replyTo),
              READ_WITHIN,
              system.scheduler());
      sessions.put(master, joined(spawned));
      LOG.info("serving master {}, {} task(s) from before", master, entry.getValue().size());
    }
    return Map.copyOf(sessions);
  }

  /** R12: agent and guardian watch each other. */
  private static void keepGuardian(Guardian guardian, ActorSystem<?> system) {
    system
        .scheduler()
        .scheduleWithFixedDelay(
            GUARDIAN_CHECK,
            GUARDIAN_CHECK,
            () -> {
              try {
                guardian.ensure();
              } catch (IOException | RuntimeException e) {
                // An exception would end the schedule.
                LOG.error("the guardian cannot be started: {}", e.toString());
              }
            },
            system.dispatchers().lookup(DispatcherSelector.blocking()));
  }

  private static ServerBinding bind(AgentConfig config, ActorSystem<?> system, AgentRoutes routes)
      throws IOException {
    try {
      ServerBinding binding =
          joined(Http.get(system).newServerAt(config.host(), config.port()).bind(routes.create()));
      binding.addToCoordinatedShutdown(Duration.ofSeconds(1), system);
      return binding;
    } catch (CompletionException e) {
      throw new IOException(
          "cannot listen at "
              + config.host()
              + ":"
              + config.port()
              + ": is another program there? Set holdfast.agent.http.port to a free port",
          e);
    }
  }

  private static <T> T joined(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof JournalException journal) {
        throw journal;
      }
      throw e;
    }
  }
}
