package io.holdfast.persistence.benchmark;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.holdfast.persistence.PersistenceConfig;
import io.holdfast.persistence.postgres.PostgresSchema;
import io.holdfast.persistence.postgres.PostgresSettings;
import io.holdfast.testing.postgres.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures one thing at a time, each in a JVM of its own with a folder of its own, which is deleted
 * afterwards. A PostgreSQL server is started when it is first needed, and ended when this is
 * closed, or with the JVM. For one thread.
 */
final class Measurements implements AutoCloseable {
  /** As the launcher starts our programs. */
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx512m",
          "-Xss16m",
          "-Dlogback.configurationFile=logback-benchmark.xml");

  private static final int FIRST_WITH_NATIVE_ACCESS = 24;
  private static final int REPLAYS = 5;
  private static final int PATIENCE_SECONDS = 20;

  private final Path folder;
  private final int seconds;
  private final Thread atExit = new Thread(this::end, "end-measurement");
  private PostgresServer server;

  /**
   * Makes a folder for all that is written.
   *
   * @param parent where
   * @param seconds how long a measurement of writing, or of the disk, lasts; and before it twice as
   *     long to warm up, as one actor makes few events for the compiler to learn from
   */
  Measurements(Path parent, int seconds) throws IOException {
    this.folder = Files.createTempDirectory(parent, "holdfast-benchmark-");
    this.seconds = seconds;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Syncs per second. */
  double disk(DiskBenchmark.Way way) throws IOException, RunnerException {
    return run(options(DiskBenchmark.class).param("way", way.name()), "")
        .getPrimaryResult()
        .getScore();
  }

  /** Events written per second. */
  double write(Journal journal, int actors) throws IOException, RunnerException {
    return run(journal, actors, options(WriteBenchmark.class))
        .getSecondaryResults()
        .get("events")
        .getScore();
  }

  /** Events replayed per second: the median of a few replays, after as many to warm up. */
  double replay(Journal journal, int actors) throws IOException, RunnerException {
    ChainedOptionsBuilder options =
        options(ReplayBenchmark.class).warmupIterations(REPLAYS).measurementIterations(REPLAYS);
    double nanosEach =
        run(journal, actors, options).getPrimaryResult().getStatistics().getPercentile(50);
    return 1e9 / nanosEach;
  }

  private ChainedOptionsBuilder options(Class<?> benchmark) {
    return new OptionsBuilder()
        .include("^" + benchmark.getName() + "\\.")
        .forks(1)
        .warmupIterations(1)
        .warmupTime(TimeValue.seconds(2L * seconds))
        .measurementIterations(1)
        .measurementTime(TimeValue.seconds(seconds))
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
  }

  private RunResult run(Journal journal, int actors, ChainedOptionsBuilder options)
      throws IOException, RunnerException {
    options.param("journal", journal.name()).param("actors", Integer.toString(actors));
    return journal == Journal.POSTGRES ? runOverDatabase(options) : run(options, "");
  }

  private RunResult runOverDatabase(ChainedOptionsBuilder options)
      throws IOException, RunnerException {
    if (server == null) {
      server = PostgresServer.start();
    }
    String database = server.newDatabase();
    try {
      String settings = server.settings(database);
      Config program = PersistenceConfig.withDefaults(ConfigFactory.parseString(settings));
      new PostgresSchema(PostgresSettings.of(program)).apply(step -> {});
      return run(options, settings);
    } finally {
      server.execute("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
    }
  }

  private RunResult run(ChainedOptionsBuilder options, String postgres)
      throws IOException, RunnerException {
    Path own = Files.createTempDirectory(folder, "one-");
    try {
      Files.writeString(own.resolve(Bed.POSTGRES), postgres);
      List<String> jvm = new ArrayList<>(JVM);
      if (Runtime.version().feature() >= FIRST_WITH_NATIVE_ACCESS) {
        jvm.add("--enable-native-access=ALL-UNNAMED");
      }
      jvm.add("-D" + Bed.FOLDER + "=" + own);
      Options all = options.jvmArgs(jvm.toArray(String[]::new)).build();
      return new Runner(all).run().iterator().next();
    } finally {
      delete(own);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("left behind: " + folder + " (" + e + ")");
    }
  }

  /** When it is broken off: the JVM that is being measured ends, and what it wrote goes. */
  private void end() {
    ProcessHandle.current()
        .children()
        .forEach(
            child -> {
              child.destroyForcibly();
              child.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
            });
    delete(folder);
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    if (server != null) {
      server.close();
    }
    delete(folder);
  }
}
