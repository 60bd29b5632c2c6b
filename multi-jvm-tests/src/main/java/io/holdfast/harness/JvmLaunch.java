package io.holdfast.harness;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How to start a {@link JvmProcess}. */
public final class JvmLaunch {
  /** Quick to start, small, and fair to others on a machine with two cores. */
  public static final List<String> SMALL =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx256m",
          "-Xss16m",
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError");

  /**
   * Gives the program a session of its own, under the same pid: Ctrl-C on a terminal reaches every
   * process of the foreground, and it is for us to say what ends when.
   */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final String name;
  private final Program program;
  private final List<String> arguments = new ArrayList<>();
  private final List<String> options = new ArrayList<>(SMALL);
  private final Map<String, String> environment = new LinkedHashMap<>();
  private Path javaHome =
      Path.of(System.getProperty("holdfast.harness.java-home", System.getProperty("java.home")));
  private Path directory = Path.of("").toAbsolutePath();
  private final Path output;

  private JvmLaunch(String name, Program program, Path output) {
    this.name = name;
    this.program = program;
    this.output = output;
  }

  /**
   * A launch with {@link #SMALL}, in the working directory, on the JVM that the system property
   * {@code holdfast.harness.java-home} names, else on our own.
   *
   * @param name for messages
   * @param output the file for stdout and stderr
   */
  public static JvmLaunch of(String name, Program program, Path output) {
    return new JvmLaunch(name, program, output);
  }

  public JvmLaunch arguments(String... more) {
    arguments.addAll(List.of(more));
    return this;
  }

  /** Adds JVM options; of two that contradict each other the JVM takes the later one. */
  public JvmLaunch jvmOptions(List<String> more) {
    options.addAll(more);
    return this;
  }

  public JvmLaunch environment(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  public JvmLaunch javaHome(Path home) {
    javaHome = home;
    return this;
  }

  public JvmLaunch directory(Path workingDirectory) {
    directory = workingDirectory;
    return this;
  }

  public JvmProcess start() {
    return JvmProcess.start(this);
  }

  String name() {
    return name;
  }

  Path output() {
    return output;
  }

  Path directory() {
    return directory;
  }

  Map<String, String> environment() {
    return environment;
  }

  List<String> commandLine() {
    List<String> line = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      line.add(SETSID.toString());
    }
    line.add(javaHome.resolve("bin").resolve("java").toString());
    line.addAll(options);
    line.addAll(List.of("-cp", program.classPath(), program.mainClass()));
    line.addAll(arguments);
    return line;
  }
}
