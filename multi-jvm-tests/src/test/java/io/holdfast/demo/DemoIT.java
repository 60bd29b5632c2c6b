package io.holdfast.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.ProcessTable;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a user starts it, and all the ways in which it ends. */
@Timeout(180)
final class DemoIT {
  private static final String[] SHORT = {"--heartbeat", "1", "--cut", "8"};

  @TempDir private Path temporary;

  @Test
  void provesItsStoryAndLeavesNothing() throws Exception {
    try (DemoProcess demo = DemoProcess.start(temporary, "--check")) {
      assertThat(demo.awaitExit(120)).as("%s", demo.lines()).isZero();
      List<String> lines = demo.lines();
      assertThat(lines).last().isEqualTo("demo: ok");
      assertThat(lines)
          .anyMatch(line -> line.contains("agent-1 unreachable: 2 tasks may still be running"))
          .anyMatch(line -> line.contains("agent-1 is heard again: reconciling"))
          .anyMatch(
              line -> line.contains("promised 3, started exactly once 3, ended as recorded 3"))
          .noneMatch(line -> line.contains("\u001b"));
      assertThat(lines)
          .as("the one that ended unheard is not shown as running")
          .noneMatch(line -> line.contains("report#1.1 is still running"));
      assertThat(ProcessTable.workingIn(demo.folder())).isEmpty();
      assertThat(demo.folder()).doesNotExist();
    }
  }

  @Test
  void staysUntilItIsInterrupted() throws Exception {
    try (DemoProcess demo = DemoProcess.start(temporary, SHORT)) {
      demo.awaitLine("run tick --follow", 90);
      Path folder = demo.folder();
      demo.interrupt();
      assertThat(demo.awaitExit(40)).isEqualTo(130);
      assertThat(demo.lines()).last().asString().contains("no process is left");
      assertThat(ProcessTable.workingIn(folder)).isEmpty();
      assertThat(folder).doesNotExist();
    }
  }

  @Test
  void interruptedWhileTheNetworkIsCutItStillEndsItsTasks() throws Exception {
    try (DemoProcess demo = DemoProcess.start(temporary, SHORT)) {
      demo.awaitLine("agent-1 unreachable", 60);
      Path folder = demo.folder();
      demo.interrupt();
      assertThat(demo.awaitExit(60)).isEqualTo(130);
      assertThat(demo.lines()).last().asString().contains("no process is left");
      assertThat(ProcessTable.workingIn(folder)).isEmpty();
    }
  }

  @Test
  void interruptedWhileStartingItEndsWhatItStarted() throws Exception {
    try (DemoProcess demo = DemoProcess.start(temporary, SHORT)) {
      demo.awaitLine("start, each a process of its own", 30);
      demo.interrupt();
      assertThat(demo.awaitExit(40)).isEqualTo(130);
      assertThat(demo.lines()).last().asString().contains("no process is left");
      assertThat(ProcessTable.workingIn(temporary)).isEmpty();
      assertThat(temporary).isEmptyDirectory();
    }
  }

  @Test
  void killedItsProgramsEndAndItsTasksWithTheirLease() throws Exception {
    try (DemoProcess demo = DemoProcess.start(temporary, SHORT)) {
      demo.awaitLine("is pulled", 60);
      Path folder = demo.folder();
      assertThat(ProcessTable.workingIn(folder)).hasSizeGreaterThan(3);
      demo.kill9();
      assertThat(demo.awaitExit(10)).isEqualTo(137);
      demo.awaitNoProcess(folder, 60);
    }
  }
}
