package io.holdfast.agent.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a wrapper and waits until it has claimed the task (R9), a few milliseconds.
 *
 * <p>The job inherits of the agent's environment only what describes the user (the locale comes
 * through {@code env}): an agent's environment may hold secrets. These values are passed on as
 * bytes, untouched.
 *
 * <p>Threading: {@link #launch} blocks; call it on a bounded pool. State: soft; the processes that
 * are children of this JVM. Errors: IOException when no process can be started; the task may then
 * be tried again, or claimed {@code never}.
 */
final class Launcher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
  private static final Set<String> INHERITED =
      Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "TMPDIR");
  private static final String CLAIMED = "claimed ";
  private static final String LOST = "lost ";
  private static final long CLAIM_SECONDS = 30;

  private final Path shell;
  private final Path setsid;
  private final Path script;
  private final Map<ProcessIdentity, Process> children = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          action -> {
            Thread thread = new Thread(action, "holdfast-launch-timer");
            thread.setDaemon(true);
            return thread;
          });

  Launcher(Path shell, Path script) throws IOException {
    this.shell = shell;
    this.setsid = findProgram("setsid");
    this.script = script;
  }

  Launch launch(TaskDirectory task) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                shell.toString(),
                script.toString(),
                BootClock.currentBootId(),
                setsid.toString(),
                shell.toString())
            .directory(task.path().toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true);
    prepareEnvironment(builder.environment());
    builder.environment().put(TaskDirectory.WRAPPER_MARKER, task.marker());
    Process process = builder.start();
    ScheduledFuture<?> watch =
        timer.schedule(() -> giveUp(task, process), CLAIM_SECONDS, TimeUnit.SECONDS);
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1), 256)) {
      Launch launch = answer(process, out);
      if (launch instanceof Launch.Refused) {
        awaitExit(process);
      }
      return launch;
    } finally {
      watch.cancel(false);
    }
  }

  /** A loser runs nothing, but it carries the marker for as long as it is there. */
  private static void awaitExit(Process process) {
    try {
      boolean ignored = process.waitFor(CLAIM_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Launch answer(Process process, BufferedReader out) throws IOException {
    String last = "nothing";
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(CLAIMED)) {
        ProcessIdentity wrapper =
            ProcessIdentity.parse(line.substring(CLAIMED.length()))
                .orElseThrow(() -> new IOException("not understood from the wrapper"));
        children.put(wrapper, process);
        return new Launch.Launched(wrapper);
      }
      if (line.startsWith(LOST)) {
        return new Launch.Refused("claimed by " + line.substring(LOST.length()));
      }
      last = line;
    }
    return new Launch.Refused("the wrapper ended without a claim; its last words: " + last);
  }

  /** Only a wrapper that provably has not claimed, and no longer can, is killed. */
  private static void giveUp(TaskDirectory task, Process process) {
    try {
      if (task.claimNever("agent")) {
        LOG.warn("{}: no claim within {} s, given up", task.marker(), CLAIM_SECONDS);
        process.destroyForcibly();
      }
    } catch (RuntimeException e) {
      LOG.warn("{}: no claim within {} s", task.marker(), CLAIM_SECONDS, e);
    }
  }

  /** The process, if this JVM has started it; it is asked for once. */
  Optional<Process> takeChild(ProcessIdentity wrapper) {
    return Optional.ofNullable(children.remove(wrapper));
  }

  static void prepareEnvironment(Map<String, String> environment) {
    environment.keySet().retainAll(INHERITED);
  }

  static Path findProgram(String name) throws IOException {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String folder : (path + ":/usr/bin:/bin").split(":")) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
        return Path.of(folder, name).toAbsolutePath();
      }
    }
    throw new IOException(
        "Tasks need the program '" + name + "' (util-linux or busybox), which is not in the PATH");
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
