package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the launcher starts, with which Java, and what it says when there is none. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest extends LauncherTree {
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
        .contains("-XX:+UseSerialGC\n-Xmx512m\n-Xss16m\n-Dholdfast.home=")
        .endsWith("io.holdfast.master.MasterMain\n--port\n1\n");
    env.put("HOLDFAST_JAVA_OPTS", "-XX:+UseG1GC -Xmx2g");
    assertThat(run("agent")).isZero();
    assertThat(out)
        .contains("-Xmx512m\n-Xss16m\n-XX:+UseG1GC\n-Xmx2g\n")
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
}
