package io.holdfast.master.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** When the launcher builds first, and what it says when it cannot. */
@DisabledOnOs(OS.WINDOWS)
class LauncherBuildTest extends LauncherTree {
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
