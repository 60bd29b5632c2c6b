package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The edge between the agent and the operating system: launches tasks, waits for them, finds them
 * again, stops them.
 *
 * <p>None of it depends on this JVM: a task is what its {@link TaskDirectory} and the living
 * processes say. Whatever is asked here may be asked again, also by the agent's next life.
 *
 * <p>Threading: every method may be called from any thread and does not block; the stages complete
 * on threads of this object or of the JVM's, so dependents must not block. Closing it leaves all
 * tasks alone. State: soft. Errors: a stage that fails says that the attempt failed, not that the
 * task did not start; {@link #adopt} tells.
 */
public final class TaskProcesses implements AutoCloseable {

  private static final Path SHELL = Path.of("/bin/sh");

  private final BootClock clock;
  private final Launcher launcher;
  private final Pursuits pursuits;
  private final OutputWatch outputs = new OutputWatch();
  private final ExecutorService launchers;
  private final Map<String, Stop> stops = new ConcurrentHashMap<>();

  private record Stop(StopPursuit pursuit, CompletableFuture<StopResult> result) {}

  /**
   * @param data the agent's data directory; the scripts are installed there
   * @param parallelLaunches how many tasks are started at a time; more wait
   * @throws IOException when the scripts cannot be installed, or a program that tasks need is
   *     missing
   */
  public static TaskProcesses open(Path data, BootClock clock, int parallelLaunches)
      throws IOException {
    return open(data, clock, parallelLaunches, SHELL);
  }

  static TaskProcesses open(Path data, BootClock clock, int parallelLaunches, Path shell)
      throws IOException {
    Scripts scripts = Scripts.install(data);
    return new TaskProcesses(
        clock,
        new Launcher(shell, scripts.task()),
        new Pursuits(clock, new Signals(shell, scripts.signal())),
        parallelLaunches);
  }

  private TaskProcesses(
      BootClock clock, Launcher launcher, Pursuits pursuits, int parallelLaunches) {
    this.clock = clock;
    this.launcher = launcher;
    this.pursuits = pursuits;
    this.launchers =
        Executors.newFixedThreadPool(
            parallelLaunches,
            action -> {
              Thread thread = new Thread(action, "holdfast-task-launch");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Launches a task whose directory has been created (R9). Its lease file must be there and
   * current.
   */
  public CompletionStage<Launch> launch(TaskDirectory task) {
    return launcher(() -> launcher.launch(task));
  }

  /**
   * Waits for the end of a task: of one launched here by its wrapper, of one found again by the
   * process that {@link Adoption.Running} names.
   */
  public CompletionStage<TaskEnd> awaitEnd(TaskDirectory task, ProcessIdentity process) {
    CompletableFuture<TaskEnd> result = new CompletableFuture<>();
    outputs.add(task);
    Optional<Process> child = launcher.takeChild(process);
    if (child.isEmpty()) {
      pursuits.add(new EndPursuit(task, process, result));
      return result;
    }
    return child
        .get()
        .onExit()
        .thenCompose(
            ended -> {
              Optional<TaskEnd> end = task.end();
              if (end.isPresent()) {
                result.complete(end.get());
              } else {
                pursuits.add(new EndPursuit(task, process, result));
              }
              return result;
            });
  }

  /** When nothing of a task lives any more: its output is what it will always be. */
  public void finishOutput(TaskDirectory task) {
    outputs.remove(task);
    TaskOutput.of(task.stdout()).finish();
    TaskOutput.of(task.stderr()).finish();
  }

  /**
   * Whether anything of a task that has ended lives on, wherever it has gone (R11). Costs one scan
   * of {@code /proc}, twice, for all that ask at the same time.
   */
  public CompletionStage<Boolean> leftSomething(TaskDirectory task) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    pursuits.add(new LeftPursuit(task, result));
    return result;
  }

  /**
   * Finds out what is true of a task, and prevents its start if that has not happened.
   *
   * @param acceptedInBoot the {@link BootClock#bootId} when it was accepted, from the journal: what
   *     a crash of the machine may have wiped from the directory must not count as "never started"
   */
  public CompletionStage<Adoption> adopt(TaskDirectory task, String acceptedInBoot) {
    CompletableFuture<Adoption> result = new CompletableFuture<>();
    pursuits.add(new AdoptPursuit(task, acceptedInBoot, result));
    return result;
  }

  /**
   * Stops the whole tree of a task, or prevents its start (R11). Completes when nothing of it
   * lives. May be repeated, also by the agent's next life; a repetition can shorten the grace, and
   * never begins it anew.
   */
  public CompletionStage<StopResult> stop(TaskDirectory task, Duration grace, String reason) {
    Duration begun = clock.now();
    Duration killAt = killAt(task, begun, grace);
    return launcher(() -> order(task, killAt, reason))
        .thenCompose(
            agents ->
                task.claim() instanceof TaskDirectory.Claim.Never
                    ? CompletableFuture.completedFuture(
                        new StopResult(true, false, clock.now().minus(begun)))
                    : pursue(task, agents, begun, killAt));
  }

  /**
   * As {@link #stop}, and whatever carries the task's marker is looked for even if its files say
   * that nothing has begun: for who has reason to trust none of what is written.
   */
  public CompletionStage<StopResult> stopAll(TaskDirectory task, Duration grace, String reason) {
    Duration begun = clock.now();
    Duration killAt = killAt(task, begun, grace);
    return launcher(() -> order(task, killAt, reason))
        .thenCompose(agents -> pursue(task, agents, begun, killAt));
  }

  /**
   * Has a task that has not begun never begin, whoever is about to start it (R9). The first step of
   * {@link #stop}, which gives the same order, for who must know that it is given.
   */
  public CompletionStage<Void> forbid(TaskDirectory task, Duration grace, String reason) {
    Duration killAt = killAt(task, clock.now(), grace);
    return launcher(() -> order(task, killAt, reason)).thenApply(agents -> null);
  }

  /** Whether it may run at all is in doubt (R12): it must not go on for the length of a grace. */
  private static Duration killAt(TaskDirectory task, Duration begun, Duration grace) {
    return LeaseHold.isDoubted(task.data(), task.masterId()) ? begun : begun.plus(grace);
  }

  private static boolean order(TaskDirectory task, Duration killAt, String reason)
      throws IOException {
    boolean agents = orderKill(task, killAt, reason);
    if (task.claim() instanceof TaskDirectory.Claim.None) {
      boolean ignored = task.claimNever("agent");
    }
    return agents;
  }

  /** Whether SIGTERM is this JVM's matter: it is the guardian's where that has given the order. */
  private static boolean orderKill(TaskDirectory task, Duration killAt, String reason)
      throws IOException {
    java.nio.file.Files.createDirectories(task.path());
    return task.orderKill(killAt, reason) || !task.killedBy().equals("guardian");
  }

  private CompletionStage<StopResult> pursue(
      TaskDirectory task, boolean terminate, Duration begun, Duration killAt) {
    Stop stop =
        stops.computeIfAbsent(
            task.marker(),
            key -> {
              CompletableFuture<StopResult> result = new CompletableFuture<>();
              StopPursuit pursuit = new StopPursuit(task, terminate, begun, killAt, result);
              return new Stop(pursuit, result);
            });
    stop.pursuit().hasten(killAt);
    // An order that an earlier life of the agent, or the guardian, gave has begun the grace.
    task.killTime().ifPresent(stop.pursuit()::hasten);
    if (stop.pursuit().begin()) {
      pursuits.add(stop.pursuit());
    }
    return stop.result().whenComplete((result, e) -> stops.remove(task.marker(), stop));
  }

  private <T> CompletableFuture<T> launcher(Callable<T> action) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return action.call();
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        },
        launchers);
  }

  /** Ends the threads, and no task. */
  @Override
  public void close() {
    launchers.shutdown();
    pursuits.close();
    outputs.close();
    launcher.close();
  }
}
