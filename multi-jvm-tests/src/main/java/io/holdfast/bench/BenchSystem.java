package io.holdfast.bench;

import io.holdfast.harness.JvmLaunch;
import io.holdfast.harness.JvmProcess;
import io.holdfast.harness.MasterClient;
import io.holdfast.harness.ProcessTable;
import io.holdfast.harness.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A master and an agent as an operator would start them, with nothing between them. */
final class BenchSystem implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("holdfast \\w+ '.*' is ready: (http://.*)");
  private static final Duration START_WITHIN = Duration.ofMinutes(2);
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:+UseSerialGC", "-Xmx512m", "-Xss16m");

  private final Path folder;
  private final List<JvmProcess> started = new ArrayList<>();
  private JvmProcess master;
  private JvmProcess agent;
  private MasterClient client;

  private BenchSystem(Path folder) {
    this.folder = folder;
  }

  static BenchSystem start(int parallel) throws IOException {
    BenchSystem system = new BenchSystem(Files.createTempDirectory("holdfast-bench-"));
    try {
      system.startAll(parallel);
      return system;
    } catch (RuntimeException | IOException e) {
      system.close();
      throw e;
    }
  }

  private void startAll(int parallel) throws IOException {
    Path agentConfig = folder.resolve("agent.conf");
    Files.writeString(
        agentConfig,
        "holdfast.agent { id = bench, data = \""
            + folder.resolve("agent")
            + "\", http.port = 0, task-limit = "
            + parallel
            + ", masters { main { token = bench } } }\n");
    agent = launch("agent", Program.agent(), agentConfig);
    String agentUrl = address(agent);
    Path masterConfig = folder.resolve("master.conf");
    Files.writeString(
        masterConfig,
        "holdfast.master { data = \""
            + folder.resolve("master")
            + "\", http.port = 0, agents = [{ id = bench, url = \""
            + agentUrl
            + "\", token = bench }] }\n");
    master = launch("master", Program.master(), masterConfig);
    client = new MasterClient(URI.create(address(master)));
    client.awaitLink("bench", "connected", START_WITHIN);
    StringBuilder jobs = new StringBuilder("jobs:\n");
    for (int place = 0; place < parallel; place++) {
      jobs.append("  ").append(RunLoad.job(place)).append(": {agent: bench, run: /bin/true}\n");
    }
    client.applyJobs(jobs.toString());
  }

  private JvmProcess launch(String name, Program program, Path config) {
    JvmProcess process =
        JvmLaunch.of(name, program, folder.resolve(name + ".log"))
            .arguments("--config", config.toString())
            .jvmOptions(JVM_OPTIONS)
            .start();
    started.add(process);
    return process;
  }

  private static String address(JvmProcess process) {
    Matcher ready = process.awaitLine(READY, START_WITHIN);
    return ready.group(1);
  }

  MasterClient client() {
    return client;
  }

  long masterMegabytes() {
    return residentMegabytes(master.pid());
  }

  long agentMegabytes() {
    return residentMegabytes(agent.pid());
  }

  private static long residentMegabytes(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0L);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Processor, cores and Java, so that the figures can be placed. */
  static String machine() {
    String processor = "unknown processor";
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      processor =
          lines
              .filter(line -> line.startsWith("model name"))
              .map(line -> line.substring(line.indexOf(':') + 1).trim())
              .findFirst()
              .orElse(processor);
    } catch (IOException e) {
      // Not Linux: the other words must do.
    }
    return processor
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + System.getProperty("os.name")
        + ", Java "
        + System.getProperty("java.version");
  }

  @Override
  public void close() {
    for (JvmProcess process : started) {
      process.terminate();
    }
    started.forEach(JvmProcess::close);
    awaitGuardian();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.err.println("holdfast bench: left behind: " + folder);
    }
  }

  /** The guardian ends by itself once its agent is gone and no task is left. */
  private void awaitGuardian() {
    long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (System.nanoTime() < until && !ProcessTable.workingIn(folder).isEmpty()) {
      Thread.onSpinWait();
    }
  }
}
