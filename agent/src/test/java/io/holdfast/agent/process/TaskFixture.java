package io.holdfast.agent.process;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A data directory of a test, and everything that lives through it. {@link #close} ends, by pid and
 * start time, what carries a marker of this directory, what it was told to end, and the guardian.
 */
final class TaskFixture implements AutoCloseable {

  static final String MASTER = "m";
  static final Duration LONG = Duration.ofSeconds(30);

  final Path data;
  final BootClock clock = BootClock.open();
  final String journal = "j" + Long.toHexString(System.nanoTime());
  final TaskProcesses processes;
  final Scripts scripts;
  private final List<ProcessIdentity> others = new CopyOnWriteArrayList<>();
  private int number;

  TaskFixture() {
    try {
      data = Files.createTempDirectory("holdfast-process");
      processes = TaskProcesses.open(data, clock, 8);
      scripts = Scripts.install(data);
      lease(MASTER, Duration.ofMinutes(10), Duration.ofSeconds(2));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void lease(String master, Duration rest, Duration grace) {
    new LeaseFile(data, master).write(clock.now().plus(rest), grace);
  }

  TaskDirectory task(String job) {
    return task(MASTER, job, Map.of(), false);
  }

  TaskDirectory task(String master, String job, Map<String, String> environment, boolean keep) {
    TaskDirectory task = new TaskDirectory(data, master, "job#" + ++number + ".1", journal);
    task.create(new TaskDirectory.Contents(job, environment, data, keep));
    return task;
  }

  ProcessIdentity launch(TaskDirectory task) {
    return ((Launch.Launched) get(processes.launch(task))).wrapper();
  }

  TaskEnd run(TaskDirectory task) {
    return get(processes.awaitEnd(task, launch(task)));
  }

  /** The wrapper as an agent that then dies leaves it: no child of TaskProcesses. */
  Process wrapper(TaskDirectory task) {
    return wrapper(task, Path.of("/bin/sh"));
  }

  Process wrapper(TaskDirectory task, Path shell) {
    return wrapper(task, shell, scripts.task());
  }

  Process wrapper(TaskDirectory task, Path shell, Path script) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(
                  shell.toString(),
                  script.toString(),
                  clock.bootId(),
                  Launcher.findProgram("setsid").toString(),
                  shell.toString())
              .directory(task.path().toFile())
              .redirectErrorStream(true);
      builder.environment().put(TaskDirectory.WRAPPER_MARKER, task.marker());
      Process process = builder.start();
      endAtClose(process.toHandle());
      return process;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  void endAtClose(ProcessHandle process) {
    ProcessIdentity.of(process.pid()).ifPresent(others::add);
  }

  static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(LONG.toMillis(), TimeUnit.MILLISECONDS);
    } catch (Exception e) {
      throw new AssertionError("no answer in time, or an error", e);
    }
  }

  static void until(java.util.concurrent.Callable<Boolean> condition) {
    await().atMost(LONG).pollInterval(Duration.ofMillis(10)).until(condition);
  }

  /** What a job wrote into a file of the data directory, once the line is complete. */
  String awaitLine(String file) {
    until(() -> Records.read(data.resolve(file)).isPresent());
    return Records.read(data.resolve(file)).orElseThrow();
  }

  ProcessIdentity awaitPid(String file) {
    return ProcessIdentity.of(Long.parseLong(awaitLine(file).trim())).orElseThrow();
  }

  /**
   * Whether SIGSTOP has taken effect on a process and its group. A shell that was just starting a
   * command (vfork) waits for that, in state D, while it is stopped; then the command stands still.
   */
  static boolean isHeld(ProcessIdentity process) {
    char state = state(process.pid());
    return state == 'T'
        || (state == 'D'
            && ProcessHandle.of(process.pid()).stream()
                .flatMap(ProcessHandle::children)
                .anyMatch(child -> state(child.pid()) == 'T'));
  }

  private static char state(long pid) {
    return ProcStat.read(pid).map(ProcStat::state).orElse('-');
  }

  /** The job runs: it is past its last look at `killed` and the lease. */
  void awaitRunning(TaskDirectory task) {
    until(
        () ->
            task.leader()
                .flatMap(leader -> ProcStat.read(leader.pid()))
                .filter(stat -> stat.group() == stat.pid())
                .isPresent());
  }

  String out(TaskDirectory task) {
    try {
      return Files.readString(task.stdout(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  long lines(String file) {
    try (Stream<String> lines = Files.lines(data.resolve(file))) {
      return lines.count();
    } catch (IOException absent) {
      return 0;
    }
  }

  /** Who carries a marker of this directory. */
  List<ProcessHandle> living() {
    String mine = "@" + journal;
    return ProcessHandle.allProcesses()
        .filter(process -> environment(process.pid()).contains(mine))
        .toList();
  }

  private static String environment(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  Optional<ProcessIdentity> guardian() throws IOException {
    return new Guardian(data, journal, Path.of("/bin/sh"), clock::now).living();
  }

  @Override
  public void close() throws IOException {
    processes.close();
    guardian().ifPresent(others::add);
    others.stream()
        .filter(ProcessIdentity::isAlive)
        .forEach(
            identity -> ProcessHandle.of(identity.pid()).ifPresent(ProcessHandle::destroyForcibly));
    until(
        () -> {
          List<ProcessHandle> living = living();
          living.forEach(ProcessHandle::destroyForcibly);
          return living.isEmpty();
        });
    try (Stream<Path> files = Files.walk(data)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
