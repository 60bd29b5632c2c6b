package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * For tests of the launcher script: it runs under the real {@code sh}, in a copy of the tree's
 * shape, with a PATH on which Java and Maven are small scripts that print what they were asked for.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
abstract class LauncherTree {
  private static final List<String> TOOLS =
      List.of(
          "sed",
          "find",
          "dirname",
          "readlink",
          "mkdir",
          "rmdir",
          "rm",
          "mv",
          "ln",
          "uname",
          "sleep",
          "grep",
          "tail",
          "touch",
          "cat");

  @TempDir Path temp;
  Path home;
  Path bin;
  final Map<String, String> env = new TreeMap<>();
  String out = "";
  String err = "";

  @BeforeEach
  void tree() throws IOException {
    home = Files.createDirectories(temp.resolve("my holdfast"));
    bin = Files.createDirectories(temp.resolve("bin"));
    Files.copy(Path.of("..", "holdfast"), home.resolve("holdfast"));
    for (String tool : TOOLS) {
      Path real = Path.of("/usr/bin", tool);
      String path = Files.exists(real) ? real.toString() : "/bin/" + tool;
      script(bin.resolve(tool), "exec " + path + " \"$@\"\n");
    }
    env.put("PATH", bin.toString());
    env.put("LANG", "C.UTF-8");
  }

  int run(String... args) throws IOException, InterruptedException {
    return run(home.resolve("holdfast"), args);
  }

  int run(Path script, String... args) throws IOException, InterruptedException {
    Process process = start(script, args);
    assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    out = Files.readString(temp.resolve("out"), StandardCharsets.UTF_8);
    err = Files.readString(temp.resolve("err"), StandardCharsets.UTF_8);
    return process.exitValue();
  }

  Process start(Path script, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.redirectOutput(temp.resolve("out").toFile());
    builder.redirectError(temp.resolve("err").toFile());
    return builder.start();
  }

  static void script(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\n" + text);
    assertThat(path.toFile().setExecutable(true)).isTrue();
  }

  void java(Path path, String version) throws IOException {
    script(
        path,
        "case \"$*\" in -version) echo 'Picked up JAVA_TOOL_OPTIONS: -Dx' >&2; echo 'openjdk version \""
            + version
            + "\" 2025-04-15' >&2;; *) printf '%s\\n' \"$0\" \"LC_ALL=${LC_ALL:-}\" \"$@\";; esac\n");
  }

  void jdk() throws IOException {
    java(bin.resolve("java"), "17.0.15");
    script(bin.resolve("javac"), "");
  }

  void maven(String version, String build) throws IOException {
    script(
        bin.resolve("mvn"),
        "[ \"$1\" = -v ] && { printf '\\033[1mApache Maven "
            + version
            + "\\033[m\\n'; exit; }\n"
            + build);
  }

  void built(String module) throws IOException {
    Path app = home.resolve(module).resolve("target/app");
    Files.createDirectories(app.resolve("lib"));
    Files.writeString(app.resolve("holdfast-" + module + ".jar"), "");
  }

  void sources() throws IOException {
    Path source = home.resolve("protocol/src/main/java/A.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "");
    Files.writeString(home.resolve("pom.xml"), "");
    Instant longAgo = Instant.now().minusSeconds(3_600);
    Files.setLastModifiedTime(source, FileTime.from(longAgo));
    Files.setLastModifiedTime(home.resolve("pom.xml"), FileTime.from(longAgo));
  }

  /** A build that makes the master's directory, after {@code seconds}. */
  static String goodBuild(int seconds) {
    return """
        echo "ran: $*" >> .holdfast/mvn.calls
        echo '[INFO] Building Holdfast protocol 0.1.0-SNAPSHOT                  [2/6]'
        echo '[INFO] something else'
        sleep %d
        mkdir -p master/target/app/lib
        echo > master/target/app/holdfast-master.jar
        """
        .formatted(seconds);
  }
}
