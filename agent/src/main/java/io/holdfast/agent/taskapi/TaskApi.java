package io.holdfast.agent.taskapi;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.settings.ServerSettings;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.session.MasterSession;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.MasterId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where tasks reach their master: a server of its own on the loopback, so that calls that wait for
 * days cannot take connections from the masters, wherever the agent itself listens.
 *
 * <p>Hard state: the port, in the file {@code task-api-port} where the configuration leaves it
 * open. A running task has the address in its environment, so that it must not change.
 */
public final class TaskApi {
  private static final Logger LOG = LoggerFactory.getLogger(TaskApi.class);
  private static final String HOST = "127.0.0.1";
  private static final String FILE = "task-api-port";
  private static final int ATTEMPTS = 50;

  /** Below what systems give to outgoing connections, so that the port is free after a restart. */
  private static final int FIRST_PORT = 20_000;

  private static final int PORTS = 10_000;

  /** A call is held until its master has answered: no timeout of the server may end it. */
  private static final String SETTINGS =
      "akka.http.server { idle-timeout = infinite, request-timeout = infinite,"
          + " max-connections = 4096 }";

  private final TaskTokens tokens;
  private volatile Map<MasterId, ActorRef<MasterSession.Message>> sessions = Map.of();
  private volatile int port;

  private TaskApi(TaskTokens tokens) {
    this.tokens = tokens;
  }

  /**
   * Listens. Until {@link #serve} tasks are told to try again.
   *
   * @param configured the port, or 0: the one that was taken at the first start
   * @throws IOException naming what is wrong and what to do
   */
  public static TaskApi bind(ActorSystem<?> system, Path data, int configured) throws IOException {
    TaskApi api = new TaskApi(TaskTokens.open(data));
    TaskRequests requests = new TaskRequests(system, api.tokens, () -> api.sessions);
    if (configured != 0) {
      try {
        api.port = listen(system, requests, configured);
        return api;
      } catch (CompletionException e) {
        throw new IOException(
            "cannot listen at "
                + HOST
                + ":"
                + configured
                + " for tasks: is another program there? Set holdfast.agent.task-api.port to a"
                + " free port, or to 0",
            e);
      }
    }
    Path file = data.resolve(FILE);
    Optional<String> kept = KeptFile.read(file).filter(text -> text.matches("[0-9]{1,5}"));
    api.port = kept.isPresent() ? again(system, requests, kept.get()) : any(system, requests);
    if (!kept.equals(Optional.of(Integer.toString(api.port)))) {
      KeptFile.write(file, Integer.toString(api.port));
    }
    return api;
  }

  private static int again(ActorSystem<?> system, TaskRequests requests, String kept) {
    try {
      return listen(system, requests, Integer.parseInt(kept));
    } catch (CompletionException e) {
      int other = any(system, requests);
      LOG.error(
          "port {} of the task API is taken by another program; it is {} now. Tasks that were"
              + " started before do not reach it",
          kept,
          other);
      return other;
    }
  }

  private static int any(ActorSystem<?> system, TaskRequests requests) {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        int candidate = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
        return listen(system, requests, candidate);
      } catch (CompletionException e) {
        LOG.debug("a port that is taken: {}", e.toString());
      }
    }
    return listen(system, requests, 0);
  }

  private static int listen(ActorSystem<?> system, TaskRequests requests, int port) {
    ServerSettings settings =
        ServerSettings.create(
            ConfigFactory.parseString(SETTINGS).withFallback(system.settings().config()));
    ServerBinding binding =
        Http.get(system)
            .newServerAt(HOST, port)
            .withSettings(settings)
            .bind(requests::handle)
            .toCompletableFuture()
            .join();
    binding.addToCoordinatedShutdown(Duration.ofSeconds(1), system);
    return binding.localAddress().getPort();
  }

  /** The agent has read its journal: tasks can be answered. */
  public void serve(Map<MasterId, ActorRef<MasterSession.Message>> ready) {
    sessions = Map.copyOf(ready);
  }

  /** What a task needs to reach it. */
  public Map<String, String> environment(MasterId master, ExecutionId execution) {
    return Map.of(
        "HOLDFAST_TASK_API",
        "http://" + HOST + ":" + port,
        "HOLDFAST_TASK_TOKEN",
        tokens.of(master, execution));
  }
}
