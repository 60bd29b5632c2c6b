package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.holdfast.agent.process.BootClock;
import io.holdfast.agent.process.LeaseFile;
import io.holdfast.agent.process.TaskProcesses;
import io.holdfast.persistence.JournalDeletion;
import io.holdfast.persistence.JournalStore;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.protocol.id.AgentId;
import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JournalId;
import io.holdfast.protocol.id.MasterId;
import io.holdfast.protocol.task.ConnectionLossPolicy;
import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.StopReason;
import io.holdfast.protocol.task.TaskCommand;
import io.holdfast.protocol.task.TaskEvent;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskSpec;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task with real processes, on the real journal, through more than one life of the agent. */
class TaskActorTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final MasterId MASTER = new MasterId("m");
  private static final ExecutionId ID = ExecutionId.parse("job#1.1");
  private static final JournalId MASTER_JOURNAL = new JournalId("mj-1");

  @TempDir Path data;
  private final BootClock clock = BootClock.open();
  private final ExecutorService blocking = Executors.newFixedThreadPool(2);
  private TaskProcesses processes;
  private ActorTestKit kit;
  private TestProbe<TaskActor.News> news;
  private TestProbe<TaskActor.Performed> performed;
  private ActorRef<TaskActor.Message> task;

  @BeforeEach
  void begin() throws IOException {
    new LeaseFile(data, MASTER.value())
        .write(clock.now().plus(Duration.ofMinutes(5)), Duration.ofSeconds(2));
    live();
  }

  /** A life of the agent. */
  private void live() throws IOException {
    kit =
        ActorTestKit.create(
            "tasks",
            PersistenceConfig.withDefaults(
                ConfigFactory.parseMap(
                        Map.of("holdfast.journal.leveldb.dir", data.resolve("journal").toString()))
                    .withFallback(ConfigFactory.parseResources("agent-akka.conf"))));
    processes = TaskProcesses.open(data, clock, 2);
    news = kit.createTestProbe();
    performed = kit.createTestProbe();
    var edge =
        new ProcessEdge(
            MASTER,
            new ProcessEdge.Machine(
                new AgentId("agent-1"),
                new JournalId("aj-1"),
                data,
                data,
                clock,
                processes,
                blocking,
                new JournalDeletion(kit.system())::delete,
                (master, execution) -> Map.of()));
    task =
        kit.spawn(
            TaskActor.create(
                ID,
                new TaskActor.Setting(
                    MASTER, edge, news.getRef(), Duration.ofMillis(200), Duration.ofMillis(100))));
  }

  private void die() {
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

  private TaskState perform(TaskCommand command) {
    task.tell(new TaskActor.Perform(command, 1, performed.getRef()));
    return performed.receiveMessage(SOON).state();
  }

  private TaskState start(String script, Optional<Duration> timeout) {
    TaskSpec spec =
        new TaskSpec(
            ID,
            new FencingToken(7),
            script,
            new TreeMap<>(Map.of("WORD", "it's $HOME")),
            timeout,
            Duration.ofSeconds(1),
            ConnectionLossPolicy.STOP_AFTER_LEASE);
    return perform(
        new TaskCommand.Start(
            spec, ID.request(1), MASTER_JOURNAL, clock.bootId(), Optional.empty()));
  }

  private TaskState awaitPhase(TaskPhase phase) {
    TaskState state;
    do {
      state = news.receiveMessage(SOON).state();
    } while (state.phase() != phase);
    return state;
  }

  private Path directory() {
    return data.resolve("masters/m/tasks").resolve(ID.toString());
  }

  @Test
  void aTaskIsAcceptedThenStartedThenFinished() throws IOException {
    TaskState accepted =
        start(
            "echo \"$PARAM_WORD $HOLDFAST_FENCING_TOKEN $HOLDFAST_EXECUTION\"; exit 3",
            Optional.empty());
    assertThat(accepted.version()).isPositive();
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(new Outcome.Exited(3));
    assertThat(Files.readString(directory().resolve("stdout"))).isEqualTo("it's $HOME 7 job#1.1\n");
    assertThat(end.end().orElseThrow().stdoutBytes())
        .isEqualTo(Files.size(directory().resolve("stdout")));
  }

  @Test
  void r5TheEventsAreNumberedFromOne() {
    start("exit 0", Optional.empty());
    long number = 0;
    TaskActor.News last;
    do {
      last = news.receiveMessage(SOON);
      number += last.events().size();
      assertThat(last.state().version()).isEqualTo(number);
    } while (last.state().phase() != TaskPhase.FINISHED);
  }

  @Test
  void theSameStartAgainRunsNothingAgain() throws IOException {
    start("echo once", Optional.empty());
    awaitPhase(TaskPhase.FINISHED);
    start("echo once", Optional.empty());
    assertThat(Files.readString(directory().resolve("stdout"))).hasLineCount(1);
  }

  @Test
  void p3TheNextLifeOfTheAgentTakesTheProcessUp() throws IOException {
    start("while [ ! -e go ]; do sleep 0.05; done; echo done; exit 4", Optional.empty());
    TaskState before = awaitPhase(TaskPhase.RUNNING);
    die();
    live();
    TaskState after = awaitPhase(TaskPhase.RUNNING);
    assertThat(after.process()).isEqualTo(before.process());
    Files.createFile(data.resolve("go"));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(4));
    assertThat(Files.readString(directory().resolve("stdout"))).hasLineCount(1);
  }

  @Test
  void r10TheNextLifeReadsTheEndOfWhatEndedMeanwhile() throws IOException {
    start("while [ ! -e go ]; do sleep 0.05; done; exit 5", Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    die();
    Files.createFile(data.resolve("go"));
    await()
        .atMost(SOON)
        .until(
            () ->
                ProcessHandle.of(running.process().orElseThrow().pid())
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(5));
  }

  @Test
  void r11AStopEndsTheWholeTree() throws IOException {
    start("sleep 300 & echo $! > child; wait", Optional.empty());
    awaitPhase(TaskPhase.RUNNING);
    await().atMost(SOON).until(() -> Files.exists(data.resolve("child")));
    assertThat(perform(new TaskCommand.Stop(StopReason.CANCELLED)).phase())
        .isEqualTo(TaskPhase.STOPPING);
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Stopped(StopReason.CANCELLED));
    long child = Long.parseLong(Files.readString(data.resolve("child")).trim());
    // A dead process that nobody has waited for yet has no command line any more.
    Path commandLine = Path.of("/proc/" + child + "/cmdline");
    assertThat(Files.exists(commandLine) ? Files.readString(commandLine) : "").isEmpty();
  }

  @Test
  void aTimeoutStopsIt() {
    start("sleep 300", Optional.of(Duration.ofMillis(300)));
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome())
        .contains(new Outcome.Stopped(StopReason.TIMEOUT));
  }

  @Test
  void aReleasedTaskLeavesNeitherDirectoryNorEvents() {
    start("echo hello", Optional.empty());
    awaitPhase(TaskPhase.FINISHED);
    assertThat(perform(new TaskCommand.Release()).phase()).isEqualTo(TaskPhase.RELEASED);
    await()
        .atMost(SOON)
        .until(
            () ->
                !Files.exists(directory())
                    && JournalStore.get(kit.system())
                        .persistenceIds(TaskActor.PREFIX)
                        .toCompletableFuture()
                        .join()
                        .isEmpty());
  }

  @Test
  void anOrderForNothingLeavesNoActor() {
    assertThat(perform(new TaskCommand.Release()).phase()).isEqualTo(TaskPhase.UNKNOWN);
    performed.expectTerminated(task, SOON);
  }

  @Test
  void r7ATombstoneNeverStarts() {
    perform(new TaskCommand.GiveUp(MASTER_JOURNAL));
    assertThat(start("echo never", Optional.empty()).phase()).isEqualTo(TaskPhase.TOMBSTONED);
    assertThat(directory()).doesNotExist();
    assertThat(news.receiveMessage(SOON).events()).isEmpty();
    assertThat(news.receiveMessage(SOON).events())
        .hasExactlyElementsOfTypes(TaskEvent.Tombstoned.class);
  }
}
