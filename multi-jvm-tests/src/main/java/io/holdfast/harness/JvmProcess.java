package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program in a JVM of its own, which can be killed and paused, and which never outlives us.
 *
 * <p>Its output goes straight into a file, appended: a paused harness does not block it, and
 * processes that it leaves behind and that inherit its output keep no thread of ours waiting.
 * {@link #awaitLine} and {@link #tail} read that file.
 *
 * <p>Tied to its parent three times: {@link #close}; a shutdown hook; and, for a parent that is
 * killed, its standard input, a pipe that ends with the parent. With {@code
 * HOLDFAST_EXIT_WITH_PARENT=1} in their environment master and agent exit at that end.
 */
public final class JvmProcess implements AutoCloseable {
  private static final Set<JvmProcess> LIVING = ConcurrentHashMap.newKeySet();
  private static final Duration SIGNAL_MAX = Duration.ofSeconds(10);

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(JvmProcess::endAll, "jvm-process-end"));
  }

  private static volatile Runnable beforeEnd = () -> {};

  private final String name;
  private final Process process;
  private final OutputFile output;

  private JvmProcess(String name, Process process, OutputFile output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  static JvmProcess start(JvmLaunch launch) {
    try {
      Files.createDirectories(launch.output().toAbsolutePath().getParent());
      OutputFile output = OutputFile.endOf(launch.output());
      ProcessBuilder builder = new ProcessBuilder(launch.commandLine());
      builder.environment().putAll(launch.environment());
      builder.environment().put("HOLDFAST_EXIT_WITH_PARENT", "1");
      builder.directory(launch.directory().toFile());
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(launch.output().toFile()));
      Process process = builder.start();
      JvmProcess started = new JvmProcess(launch.name(), process, output);
      LIVING.add(started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + launch.name(), e);
    }
  }

  /**
   * When this JVM is about to end, does {@code action} before it kills what lives: shutdown hooks
   * have no order among themselves.
   */
  public static void beforeShutdown(Runnable action) {
    beforeEnd = action;
  }

  private static void endAll() {
    try {
      beforeEnd.run();
    } finally {
      LIVING.forEach(JvmProcess::kill9);
    }
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Empty while it lives; 128 + signal when a signal ended it. */
  public OptionalInt exitCode() {
    return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
  }

  /** The file with all that it wrote, and what earlier ones with the same file wrote. */
  public Path output() {
    return output.path();
  }

  /** The last lines of the output, bounded, for messages. */
  public String tail() {
    return output.tail();
  }

  /**
   * Waits for a line of this process, one that came before included.
   *
   * @throws AssertionError with the last lines, after the timeout or as soon as it has ended
   *     without such a line
   */
  public Matcher awaitLine(Pattern pattern, Duration timeout) {
    OutputFile.Cursor cursor = output.fromStart();
    return Await.value(
        timeout,
        () -> {
          boolean alive = isAlive();
          Optional<Matcher> found = cursor.find(pattern);
          if (found.isEmpty() && !alive) {
            throw new AssertionError(
                describe("has ended, code " + process.exitValue() + ", without a line", pattern));
          }
          return found;
        },
        () -> describe("has not printed within " + timeout + " a line", pattern));
  }

  /** Waits for its end and returns the exit code. */
  public int awaitExit(Duration timeout) {
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(
            name + " still lives after " + timeout + "; its last lines:\n" + tail());
      }
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
    LIVING.remove(this);
    return process.exitValue();
  }

  /** SIGKILL, and waits until the process is gone. What it started lives on. */
  public void kill9() {
    process.destroyForcibly();
    int unused = awaitExit(SIGNAL_MAX);
  }

  /** SIGTERM. Does not wait: see {@link #awaitExit}. */
  public void terminate() {
    process.destroy();
  }

  /**
   * SIGSTOP, and waits until it stands still. Connections stay open, the kernel goes on to accept
   * and acknowledge.
   */
  public void pause() {
    signal("STOP");
    Await.condition(
        SIGNAL_MAX, () -> ProcessTable.state(pid()) == 'T', () -> name + " does not stop");
  }

  /** Ends its standard input, which is what it sees of our own end. */
  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  /** Kills it, paused or not. */
  @Override
  public void close() {
    kill9();
  }

  @Override
  public String toString() {
    return name + " (pid " + pid() + ")";
  }

  private void signal(String signal) {
    if (!isAlive()) {
      throw new IllegalStateException(name + " does not live; its last lines:\n" + tail());
    }
    try {
      Process kill =
          new ProcessBuilder(List.of("kill", "-" + signal, Long.toString(pid())))
              .inheritIO()
              .start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException("cannot send SIG" + signal + " to " + this);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  private String describe(String what, Pattern pattern) {
    return this
        + " "
        + what
        + " with '"
        + pattern
        + "'; its last lines (all in "
        + output.path()
        + "):\n"
        + tail();
  }
}
