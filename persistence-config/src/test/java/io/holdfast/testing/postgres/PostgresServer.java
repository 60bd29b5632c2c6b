package io.holdfast.testing.postgres;

import io.holdfast.testing.machine.Needed;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server for tests: the one that is installed here, with a data directory in a
 * temporary folder, on a free port of the loopback. It can be killed and started again. Where the
 * tests run as root the server runs as {@code nobody}. Closing it ends its processes and deletes
 * the folder; so does the end of the JVM. For one thread.
 */
public final class PostgresServer implements AutoCloseable {
  /** The superuser. */
  public static final String USER = "holdfast";

  /** The superuser's password. */
  public static final String PASSWORD = "only-for-tests";

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String NOBODY = "65534";

  private final Path binaries;
  private final Path folder;
  private final int port;
  private final Thread atExit = new Thread(this::close, "end-postgres");
  private Process process;
  private int databases;

  private PostgresServer(Path binaries, Path folder, int port) {
    this.binaries = binaries;
    this.folder = folder;
    this.port = port;
  }

  /**
   * Makes a data directory and starts a server over it. Where none is installed the test is
   * skipped, or fails where none may be ({@link Needed}).
   *
   * @throws IllegalStateException when it does not start; with its log
   */
  public static PostgresServer start() {
    Optional<Path> found = binaries();
    Needed.require(
        found.isPresent(), "a PostgreSQL server (Debian, Ubuntu: apt-get install postgresql)");
    try {
      Path folder = Files.createTempDirectory("holdfast-postgres-");
      PostgresServer server = new PostgresServer(found.orElseThrow(), folder, freePort());
      Runtime.getRuntime().addShutdownHook(server.atExit);
      try {
        server.initialize();
        server.startAgain();
      } catch (RuntimeException | IOException e) {
        server.close();
        throw e;
      }
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> binaries() {
    List<Path> places = new ArrayList<>();
    for (String parent : List.of("/usr/lib/postgresql", "/usr")) {
      try (Stream<Path> versions = Files.list(Path.of(parent))) {
        versions.sorted(Comparator.reverseOrder()).map(v -> v.resolve("bin")).forEach(places::add);
      } catch (IOException e) {
        // Not there: then it is in another place, or not at all.
        continue;
      }
    }
    Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(place -> !place.isEmpty())
        .map(Path::of)
        .forEach(places::add);
    return places.stream()
        .filter(place -> Files.isExecutable(place.resolve("initdb")))
        .filter(place -> Files.isExecutable(place.resolve("postgres")))
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void initialize() throws IOException {
    Path password = folder.resolve("password");
    Files.writeString(password, PASSWORD + "\n");
    if (isRoot()) {
      run(List.of("chown", "-R", NOBODY + ":" + NOBODY, folder.toString()));
    }
    run(
        asUser(
            "initdb",
            List.of(
                "-D",
                data(),
                "-U",
                USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync")));
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /** Both replace themselves with the program, so that the process is the server's. */
  private List<String> asUser(String program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
    }
    command.add(binaries.resolve(program).toString());
    command.addAll(arguments);
    return command;
  }

  private void run(List<String> command) throws IOException {
    Process running = builder(command, "setup.log").start();
    try {
      if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        running.destroyForcibly();
        throw new IllegalStateException(command + " did not end: " + log("setup.log"));
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    if (running.exitValue() != 0) {
      throw new IllegalStateException(command + " failed: " + log("setup.log"));
    }
  }

  private ProcessBuilder builder(List<String> command, String log) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve(log).toFile()));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private String log(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  /**
   * Starts it over the data that is there, and waits until it answers. After a kill the server's
   * children may hold on for a moment; then it is tried again.
   */
  public void startAgain() {
    Instant end = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(end)) {
      if (process == null || !process.isAlive()) {
        launch();
      }
      try (Connection connection = connect("postgres")) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException e) {
        pause();
      }
    }
    throw new IllegalStateException("PostgreSQL does not answer: " + log("server.log"));
  }

  private void launch() {
    try {
      process =
          builder(
                  asUser(
                      "postgres",
                      List.of(
                          "-D",
                          data(),
                          "-p",
                          Integer.toString(port),
                          "-c",
                          "listen_addresses=127.0.0.1",
                          "-c",
                          "unix_socket_directories=",
                          "-c",
                          "shared_buffers=32MB",
                          // In its folder: who is killed leaves it behind.
                          "-c",
                          "dynamic_shared_memory_type=mmap")),
                  "server.log")
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Kills it (SIGKILL), and with it, a moment later, its children. */
  public void kill() {
    end();
  }

  /** Stops it and all its children (SIGSTOP): connections stay, and nobody answers. */
  public void stop() {
    signal("-STOP");
  }

  /** Has them go on (SIGCONT). */
  public void goOn() {
    signal("-CONT");
  }

  private void signal(String signal) {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    command.add(Long.toString(process.pid()));
    process.descendants().forEach(child -> command.add(Long.toString(child.pid())));
    try {
      run(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a folder the server's, so that it can have a tablespace there. */
  public void give(Path there) {
    if (isRoot()) {
      try {
        run(List.of("chown", NOBODY + ":" + NOBODY, there.toString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void end() {
    Process ending = process;
    if (ending == null) {
      return;
    }
    List<ProcessHandle> children = ending.descendants().toList();
    ending.destroyForcibly();
    ending.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    // They end by themselves when they notice; who waits for a lock notices late.
    children.forEach(ProcessHandle::destroyForcibly);
  }

  /** Where it listens, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Makes a new, empty database; its name. */
  public String newDatabase() {
    String name = "test_" + ++databases;
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }

  /** Carries out SQL as the superuser; the number of changed rows. */
  public int execute(String database, String sql) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return statement.getUpdateCount();
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }

  /** A connection as the superuser. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?connectTimeout=5",
        USER,
        PASSWORD);
  }

  /**
   * The settings of a program that has its journal in a database of this server, as HOCON; patient
   * ones, for machines that are busy.
   */
  public String settings(String database) {
    return """
    holdfast.journal.postgres {
      host = "127.0.0.1"
      port = %d
      database = %s
      user = %s
      password = %s
      ssl-mode = disable
      connect-timeout = 15s
      statement-timeout = 40s
      socket-timeout = 50s
    }
    jdbc-journal.circuit-breaker.call-timeout = 90s
    """
        .formatted(port, database, USER, PASSWORD);
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM ends; the folder goes all the same.
    }
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalStateException("cannot delete " + folder, e);
    }
  }
}
