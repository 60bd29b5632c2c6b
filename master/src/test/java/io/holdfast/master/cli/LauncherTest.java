package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script under the real {@code sh}, in a copy of the tree's shape, with a PATH on
 * which Java and Maven are small scripts that print what they were asked for.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class LauncherTest {
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

  @TempDir private Path temp;
  private Path home;
  private Path bin;
  private final Map<String, String> env = new TreeMap<>();
  private String out = "";
  private String err = "";

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

  private int run(String... args) throws IOException, InterruptedException {
    return run(home.resolve("holdfast"), args);
  }

  private int run(Path script, String... args) throws IOException, InterruptedException {
    Process process = start(script, args);
    assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    out = Files.readString(temp.resolve("out"), StandardCharsets.UTF_8);
    err = Files.readString(temp.resolve("err"), StandardCharsets.UTF_8);
    return process.exitValue();
  }

  private Process start(Path script, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.redirectOutput(temp.resolve("out").toFile());
    builder.redirectError(temp.resolve("err").toFile());
    return builder.start();
  }

  private static void script(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "#!/bin/sh\n" + text);
    assertThat(path.toFile().setExecutable(true)).isTrue();
  }

  private void java(Path path, String version) throws IOException {
    script(
        path,
        "case \"$*\" in -version) echo 'Picked up JAVA_TOOL_OPTIONS: -Dx' >&2; echo 'openjdk version \""
            + version
            + "\" 2025-04-15' >&2;; *) printf '%s\\n' \"$0\" \"LC_ALL=${LC_ALL:-}\" \"$@\";; esac\n");
  }

  private void jdk() throws IOException {
    java(bin.resolve("java"), "17.0.15");
    script(bin.resolve("javac"), "");
  }

  private void maven(String version, String build) throws IOException {
    script(
        bin.resolve("mvn"),
        "[ \"$1\" = -v ] && { printf '\\033[1mApache Maven "
            + version
            + "\\033[m\\n'; exit; }\n"
            + build);
  }

  private void built(String module) throws IOException {
    Path app = home.resolve(module).resolve("target/app");
    Files.createDirectories(app.resolve("lib"));
    Files.writeString(app.resolve("holdfast-" + module + ".jar"), "");
  }

  private void sources() throws IOException {
    Path source = home.resolve("protocol/src/main/java/A.java");
    Files.createDirectories(source.getParent());
    Files.writeString(source, "");
    Files.writeString(home.resolve("pom.xml"), "");
    Instant longAgo = Instant.now().minusSeconds(3_600);
    Files.setLastModifiedTime(source, FileTime.from(longAgo));
    Files.setLastModifiedTime(home.resolve("pom.xml"), FileTime.from(longAgo));
  }

  /** A build that makes the master's directory, after {@code seconds}. */
  private static String goodBuild(int seconds) {
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

  @Test
  void everythingElseIsTheCommandLine() throws Exception {
    jdk();
    built("master");
    assertThat(run("show", "a b", "*", "", "x\ny")).isZero();
    assertThat(out)
        .contains("-XX:TieredStopAtLevel=1\n-XX:+UseSerialGC\n-Xshare:auto\n")
        .contains("-Dholdfast.terminal=false\n-Dholdfast.home=" + home.toRealPath() + "\n")
        .contains(
            "-cp\n%1$s/master/target/app/*:%1$s/master/target/app/lib/*\n"
                .formatted(home.toRealPath()))
        .endsWith("io.holdfast.master.cli.HoldfastCli\nshow\na b\n*\n\nx\ny\n");
    assertThat(run()).isZero();
    assertThat(out).endsWith("io.holdfast.master.cli.HoldfastCli\n");
  }

  @Test
  void programsHaveTheirOwnFlags() throws Exception {
    jdk();
    built("master");
    built("agent");
    built("multi-jvm-tests");
    assertThat(run("master", "--port", "1")).isZero();
    assertThat(out)
        .contains("-XX:+UseSerialGC\n-Xmx512m\n-Dholdfast.home=")
        .endsWith("io.holdfast.master.MasterMain\n--port\n1\n");
    env.put("HOLDFAST_JAVA_OPTS", "-XX:+UseG1GC -Xmx2g");
    assertThat(run("agent")).isZero();
    assertThat(out)
        .contains("-Xmx512m\n-XX:+UseG1GC\n-Xmx2g\n")
        .doesNotContain("Serial")
        .endsWith("io.holdfast.agent.AgentMain\n");
    assertThat(run("demo")).isZero();
    assertThat(out).endsWith("io.holdfast.demo.DemoMain\n");
    java(bin.resolve("java"), "25");
    assertThat(run("bench", "--help")).isZero();
    assertThat(out)
        .contains("--enable-native-access=ALL-UNNAMED\n")
        .endsWith("io.holdfast.bench.BenchMain\n--help\n");
  }

  @Test
  void onlyTheCommandLineGetsAnotherLocale() throws Exception {
    jdk();
    built("master");
    built("agent");
    env.remove("LANG");
    assertThat(run("jobs")).isZero();
    assertThat(out).contains("LC_ALL=C.UTF-8\n");
    assertThat(run("agent")).isZero();
    assertThat(out).contains("LC_ALL=\n");
    env.put("LC_ALL", "de_DE.ISO-8859-1");
    assertThat(run("jobs")).isZero();
    assertThat(out).contains("LC_ALL=de_DE.ISO-8859-1\n");
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    jdk();
    built("master");
    Path one = Files.createSymbolicLink(temp.resolve("one"), Path.of("my holdfast/holdfast"));
    Path two = Files.createSymbolicLink(bin.resolve("two"), one.toAbsolutePath());
    assertThat(run(two, "jobs")).isZero();
    assertThat(out).contains("-Dholdfast.home=" + home.toRealPath() + "\n");
  }

  @Test
  void saysWhichJavaIsMissing() throws Exception {
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err)
        .startsWith(
            "holdfast: there is no Java 17 or newer. There is no 'java' on the PATH. Install one:\n")
        .contains(
            "apt-get install openjdk-17-jdk-headless", "dnf install", "brew install openjdk@17");
    java(bin.resolve("java"), "1.8.0_392");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains(bin.resolve("java") + " is Java 8. Install one:");
    script(bin.resolve("java"), "exit 1\n");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains(bin.resolve("java") + " does not run.");
    env.put("JAVA_HOME", "/nowhere");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains("JAVA_HOME is /nowhere, which has no bin/java.");
    assertThat(out).isEmpty();
  }

  @Test
  void prefersJavaHomeAndPassesOverAnOldOne() throws Exception {
    jdk();
    built("master");
    Path other = temp.resolve("jdk");
    java(other.resolve("bin/java"), "11.0.2");
    env.put("JAVA_HOME", other.toString());
    assertThat(run("jobs")).isZero();
    assertThat(out).startsWith(bin.resolve("java") + "\n");
    Files.writeString(other.resolve("release"), "JAVA_VERSION=\"21.0.1\"\n");
    assertThat(run("jobs")).isZero();
    assertThat(out).startsWith(other.resolve("bin/java") + "\n");
  }

  @Test
  void withoutSourcesItNeverBuilds() throws Exception {
    jdk();
    built("agent");
    maven("3.9.1", goodBuild(0));
    assertThat(run("agent")).isZero();
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err)
        .contains("'jobs' is not installed here", "there are no sources to build it from", "Copy");
    assertThat(home.resolve(".holdfast")).doesNotExist();
  }

  @Test
  void saysWhatABuildNeeds() throws Exception {
    sources();
    java(bin.resolve("java"), "17.0.15");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains("without the compiler javac (a JRE). Install a JDK:", "jdk");
    jdk();
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains("Maven 3.8 or newer: there is no 'mvn' on the PATH", "install maven");
    maven("3.6.3", "");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains("Maven 3.8 or newer: " + bin.resolve("mvn") + " is Maven 3.6.");
    env.put("HOLDFAST_NO_BUILD", "1");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err).contains("HOLDFAST_NO_BUILD is set");
  }

  @Test
  void buildsOnFirstUseAndShowsIt() throws Exception {
    sources();
    jdk();
    maven("3.8.7", goodBuild(0));
    assertThat(run("jobs", "-o", "json")).isZero();
    assertThat(err)
        .contains("building Holdfast", "  [2/6] Holdfast protocol 0.1.0-SNAPSHOT\n")
        .doesNotContain("something else");
    assertThat(out).endsWith("jobs\n-o\njson\n").doesNotContain("Holdfast protocol");
    assertThat(home.resolve(".holdfast/mvn.calls"))
        .hasContent("ran: -B -DskipTests -Dspotless.check.skip=true package");
    assertThat(run("jobs")).isZero();
    assertThat(err).isEmpty();
    assertThat(home.resolve(".holdfast/build.lock")).doesNotExist();
  }

  @Test
  void aProgramIsBuiltAgainWhenItsSourcesAreNewer() throws Exception {
    sources();
    jdk();
    built("master");
    maven("3.8.7", "echo ran >> .holdfast/mvn.calls\n");
    assertThat(run("master")).isZero();
    assertThat(home.resolve(".holdfast")).doesNotExist();
    Instant soon = Instant.now().plusMillis(20);
    Files.setLastModifiedTime(home.resolve("protocol/src/main/java/A.java"), FileTime.from(soon));
    Thread.sleep(50);
    assertThat(run("jobs")).isZero();
    assertThat(home.resolve(".holdfast")).doesNotExist();
    assertThat(run("master")).isZero();
    assertThat(home.resolve(".holdfast/mvn.calls")).hasContent("ran");
    // Maven left the jar alone, and still the build counts.
    assertThat(run("master")).isZero();
    assertThat(home.resolve(".holdfast/mvn.calls")).hasContent("ran");
  }

  @Test
  void aFailedBuildShowsTheEndOfItsLog() throws Exception {
    sources();
    jdk();
    maven(
        "3.8.7",
        "echo first; i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; done; exit 1\n");
    assertThat(run("jobs")).isEqualTo(2);
    assertThat(err)
        .contains("the build failed. The end of its log:\n", "line 40\n")
        .contains("the whole log is in " + home.toRealPath() + "/.holdfast/build.log")
        .doesNotContain("first\n");
    assertThat(home.resolve(".holdfast/build.log")).content().startsWith("first\nline 1\n");
    assertThat(out).isEmpty();
    maven("3.8.7", goodBuild(0));
    assertThat(run("jobs")).isZero();
  }

  @Test
  void twoFirstUsesBuildOnce() throws Exception {
    sources();
    jdk();
    maven("3.8.7", goodBuild(2));
    Process first = start(home.resolve("holdfast"), "jobs");
    while (!Files.exists(home.resolve(".holdfast/mvn.calls")) && first.isAlive()) {
      Thread.sleep(20);
    }
    Files.move(temp.resolve("err"), temp.resolve("err1"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(run("jobs")).isZero();
    assertThat(err).contains("another build is running").doesNotContain("building Holdfast");
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue()).isZero();
    assertThat(home.resolve(".holdfast/mvn.calls")).content().containsOnlyOnce("ran");
  }

  @Test
  void theLockOfADeadBuildIsTakenOver() throws Exception {
    sources();
    jdk();
    maven("3.8.7", goodBuild(0));
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    String host =
        new String(
                new ProcessBuilder("uname", "-n").start().getInputStream().readAllBytes(),
                StandardCharsets.UTF_8)
            .strip();
    Files.createDirectories(home.resolve(".holdfast"));
    Files.createSymbolicLink(
        home.resolve(".holdfast/build.lock"), Path.of(host + ":" + dead.pid()));
    assertThat(run("jobs")).isZero();
    assertThat(out).endsWith("jobs\n");
  }
}
