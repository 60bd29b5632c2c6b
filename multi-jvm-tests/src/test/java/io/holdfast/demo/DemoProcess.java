package io.holdfast.demo;

import io.holdfast.harness.ProcessTable;
import io.holdfast.harness.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real {@code ./holdfast demo}, as a user starts it, with all its files in one folder. */
final class DemoProcess implements AutoCloseable {
  private static final Pattern FILES = Pattern.compile("files: (/\\S+)$");
  private static final long STEP_MS = 100;

  private final List<String> lines = new ArrayList<>();
  private final Process process;

  private DemoProcess(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "demo-output");
    reader.setDaemon(true);
    reader.start();
  }

  static DemoProcess start(Path temporary, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    // A shell's background job, as our own build may be one, ignores SIGINT for ever.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Program.home().resolve("holdfast").toString());
    command.add("demo");
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOLDFAST_NO_BUILD", "1");
    builder.environment().put("HOLDFAST_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
    return new DemoProcess(builder.start());
  }

  long pid() {
    return process.pid();
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  void awaitLine(String part, int seconds) {
    await(
        "a line with '" + part + "'",
        seconds,
        () -> lines().stream().anyMatch(line -> line.contains(part)));
  }

  int awaitExit(int seconds) {
    await("its end", seconds, () -> !process.isAlive());
    return process.exitValue();
  }

  /** What Ctrl-C does. */
  void interrupt() throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(pid())).inheritIO().start();
    if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
      throw new IllegalStateException("cannot interrupt " + pid());
    }
  }

  /** SIGKILL. */
  void kill9() {
    process.destroyForcibly();
  }

  /** Where its files are; all its processes work there. */
  Path folder() {
    return lines().stream()
        .map(FILES::matcher)
        .filter(Matcher::find)
        .map(found -> Path.of(found.group(1)))
        .findFirst()
        .orElseThrow();
  }

  void awaitNoProcess(Path folder, int seconds) {
    await(
        "the end of all its processes " + ProcessTable.workingIn(folder),
        seconds,
        () -> ProcessTable.workingIn(folder).isEmpty());
  }

  @Override
  public void close() {
    process.destroy(); // It clears up itself.
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String what, int seconds, Condition condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.holds()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "no " + what + " within " + seconds + " s:\n" + String.join("\n", lines()));
      }
      try {
        Thread.sleep(STEP_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (this) {
          lines.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
