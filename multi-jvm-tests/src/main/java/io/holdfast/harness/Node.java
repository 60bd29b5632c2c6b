package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A master or an agent of a {@link LocalSystem}: its folder, its port and, one after the other, its
 * processes. Folder and port stay, so that {@link #start} after {@link #kill9} is what an operator
 * does.
 */
public final class Node {
  /** A busy machine may need very long to start a JVM; one that is stuck is told all the same. */
  private static final Duration READY_MAX = Duration.ofMinutes(4);

  private final String role;
  private final String id;
  private final Path folder;
  private final Program program;
  private final List<String> jvmOptions;
  private final Map<String, String> environment;
  private final Ports.Reservation port = Ports.reserve();
  private String config = "";
  private JvmProcess process;

  Node(
      String role,
      String id,
      Path folder,
      Program program,
      List<String> jvmOptions,
      Map<String, String> environment) {
    this.role = role;
    this.id = id;
    this.folder = folder;
    this.program = program;
    this.jvmOptions = jvmOptions;
    this.environment = environment;
  }

  public String id() {
    return id;
  }

  public int port() {
    return port.port();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  /** Its data folder: journal, tasks. */
  public Path data() {
    return folder.resolve("data");
  }

  /** stdout and stderr of all of its processes. */
  public Path output() {
    return folder.resolve(role + ".log");
  }

  /** The config file, written at each start. */
  public Path configFile() {
    return folder.resolve(role + ".conf");
  }

  /** The HOCON text for the next start. */
  public synchronized String config() {
    return config;
  }

  /** Takes effect at the next start. */
  public synchronized void config(String hocon) {
    config = hocon;
  }

  /** Starts it and waits until it says that it is ready. */
  public void start() {
    launch();
    awaitReady();
  }

  /** Starts it. */
  public synchronized void launch() {
    if (isAlive()) {
      throw new IllegalStateException(process + " lives already");
    }
    try {
      Files.createDirectories(data());
      Files.writeString(configFile(), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    JvmLaunch launch =
        JvmLaunch.of(role + " " + id, program, output())
            .jvmOptions(jvmOptions)
            .arguments("--config", configFile().toString())
            .directory(folder);
    environment.forEach(launch::environment);
    process = launch.start();
  }

  /** Waits for its own word that it listens, on the port that it was told. */
  public void awaitReady() {
    awaitReady(id);
  }

  /** The same, of one whose config gives it another name than its folder has. */
  public void awaitReady(String name) {
    String line = "holdfast " + role + " '" + name + "' is ready: " + uri();
    process().awaitLine(Pattern.compile("^" + Pattern.quote(line) + "(?!\\d)"), READY_MAX);
  }

  /** The present process, or the last one. */
  public synchronized JvmProcess process() {
    if (process == null) {
      throw new IllegalStateException(role + " " + id + " was never started");
    }
    return process;
  }

  synchronized boolean hasProcess() {
    return process != null;
  }

  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** SIGKILL. Its tasks live on. */
  public void kill9() {
    process().kill9();
  }

  /** SIGKILL to it and to all that it has left behind, as when its machine loses power. */
  public void killMachine() {
    kill9();
    ProcessTable.killAtOnce(() -> ProcessTable.workingIn(folder));
  }

  /** SIGTERM, and waits for the end. */
  public int terminate(Duration timeout) {
    process().terminate();
    return process().awaitExit(timeout);
  }

  /** SIGSTOP. */
  public void pause() {
    process().pause();
  }

  /** SIGCONT. */
  public void resume() {
    process().resume();
  }

  /** Deletes its data, as when a disk is replaced. It must not live. */
  public synchronized void wipeData() {
    if (isAlive()) {
      throw new IllegalStateException(process + " lives, and uses " + data());
    }
    Folders.delete(data());
  }

  /** Kills it if it lives, and gives its port up. */
  synchronized void close() {
    if (process != null) {
      process.close();
    }
    port.close();
  }

  @Override
  public String toString() {
    return role + " " + id;
  }
}
