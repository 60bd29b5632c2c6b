package io.holdfast.agent.task;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.process.BootClock;
import io.holdfast.agent.process.LeaseFile;
import io.holdfast.agent.process.TaskProcesses;
import io.holdfast.persistence.JournalDeletion;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A task with real processes, on the real journal, through more than one life of the agent. */
abstract class TaskLives {
  static final Duration SOON = Duration.ofSeconds(20);
  static final MasterId MASTER = new MasterId("m");
  static final ExecutionId ID = ExecutionId.parse("job#1.1");
  static final JournalId MASTER_JOURNAL = new JournalId("mj-1");

  /** Of this JVM: a task's processes carry it, and another's tests have tasks of the same names. */
  private static final JournalId JOURNAL = new JournalId("aj-" + ProcessHandle.current().pid());

  @TempDir Path data;
  final BootClock clock = BootClock.open();
  final ExecutorService blocking = Executors.newFixedThreadPool(2);
  TaskProcesses processes;
  ActorTestKit kit;
  TestProbe<TaskActor.News> news;
  TestProbe<TaskActor.Performed> performed;
  ActorRef<TaskActor.Message> task;
  String bootId = clock.bootId();
  long outputQuota = Long.MAX_VALUE;
  String minFreeSpace = "64 MiB";

  /** What stands between the task and the machine in the next life. */
  UnaryOperator<TaskEdge> through = UnaryOperator.identity();

  @BeforeEach
  void begin() throws IOException {
    new LeaseFile(data, MASTER.value())
        .write(clock.now().plus(Duration.ofMinutes(5)), Duration.ofSeconds(2));
    live();
  }

  /** A life of the agent. */
  void live() throws IOException {
    kit =
        ActorTestKit.create(
            "tasks",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseMap(
                        Map.of(
                            "holdfast.journal.leveldb.dir",
                            data.resolve("journal").toString(),
                            "holdfast.journal.leveldb.min-free-space",
                            minFreeSpace))
                    .withFallback(ConfigFactory.parseResources("agent-akka.conf"))));
    processes = TaskProcesses.open(data, clock, 2);
    news = kit.createTestProbe();
    performed = kit.createTestProbe();
    var edge =
        new ProcessEdge(
            MASTER,
            new ProcessEdge.Machine(
                new AgentId("agent-1"),
                JOURNAL,
                data,
                data,
                clock,
                processes,
                blocking,
                new JournalDeletion(kit.system())::delete,
                (of, execution) -> Map.of()),
            outputQuota);
    task =
        kit.spawn(
            TaskActor.create(
                ID,
                new TaskActor.Setting(
                    MASTER,
                    through.apply(edge),
                    news.getRef(),
                    Duration.ofMillis(200),
                    Duration.ofMillis(100))));
  }

  /** An edge of which one method is another's matter. */
  static TaskEdge replacing(String name, TaskEdge real, Function<TaskSpec, CompletionStage<?>> by) {
    return (TaskEdge)
        Proxy.newProxyInstance(
            TaskEdge.class.getClassLoader(),
            new Class<?>[] {TaskEdge.class},
            (proxy, method, arguments) ->
                method.getName().equals(name)
                    ? by.apply((TaskSpec) arguments[0])
                    : method.invoke(real, arguments));
  }

  void die() {
    kit.shutdownTestKit();
    processes.close();
  }

  /** What still runs here ends with the file that every endless script looks for. */
  @AfterEach
  void end() throws IOException {
    Files.writeString(data.resolve("go"), "");
    die();
    blocking.shutdown();
  }

  void tell(TaskCommand command) {
    task.tell(new TaskActor.Perform(command, 1, performed.getRef()));
  }

  TaskState perform(TaskCommand command) {
    tell(command);
    return performed.receiveMessage(SOON).state();
  }

  static TaskSpec spec(String script, Optional<Duration> timeout) {
    return new TaskSpec(
        ID,
        new FencingToken(7),
        script,
        new TreeMap<>(Map.of("WORD", "it's $HOME")),
        timeout,
        Duration.ofSeconds(1),
        ConnectionLossPolicy.STOP_AFTER_LEASE);
  }

  TaskState start(String script, Optional<Duration> timeout) {
    return perform(
        new TaskCommand.Start(
            spec(script, timeout), ID.request(1), MASTER_JOURNAL, bootId, Optional.empty()));
  }

  TaskState awaitPhase(TaskPhase phase) {
    TaskState state;
    do {
      state = news.receiveMessage(SOON).state();
    } while (state.phase() != phase);
    return state;
  }

  Path directory() {
    return data.resolve("masters/m/tasks").resolve(ID.toString());
  }
}
