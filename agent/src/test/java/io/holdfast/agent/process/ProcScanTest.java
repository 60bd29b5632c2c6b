package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** R11: what a look at all processes may take from the look before, and what not. */
class ProcScanTest {

  private final String marker = "m/job#1.1@" + Long.toHexString(System.nanoTime());
  private final ForeignProcesses foreign = new ForeignProcesses();
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  /** A shell that waits for a line before it does the rest. */
  private Process afterALine(String rest) throws IOException {
    Process process = new ProcessBuilder("/bin/sh", "-c", "read line; " + rest).start();
    started.add(process);
    // It has executed the shell.
    TaskFixture.until(() -> image(process).filter(image -> image.name().equals("sh")).isPresent());
    return process;
  }

  private static void go(Process process) throws IOException {
    process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  private static Optional<ProcStat.Image> image(Process process) {
    return ProcStat.read(process.pid()).map(ProcStat::image).filter(ProcStat.Image::isKnown);
  }

  private List<Long> marked(ProcScan scan) {
    return scan.membersOf(marker, Optional.empty(), Optional.empty(), -1).stream()
        .map(ProcStat::pid)
        .toList();
  }

  private boolean isKnownAsForeign(Process process) {
    foreign.begin();
    return foreign.contains(ProcStat.read(process.pid()).orElseThrow());
  }

  @Test
  void R11_who_carries_no_marker_is_not_read_again_until_it_executes_something()
      throws IOException {
    Process process = afterALine("exec env HOLDFAST_TASK=" + marker + " sleep 77");
    assertThat(marked(ProcScan.take(foreign))).isEmpty();
    assertThat(isKnownAsForeign(process)).isTrue();
    go(process);
    TaskFixture.until(() -> marked(ProcScan.take(foreign)).contains(process.pid()));
    assertThat(isKnownAsForeign(process)).as("it carries one now").isFalse();
  }

  @Test
  void R11_the_second_look_finds_who_was_born_after_the_first() throws IOException {
    ProcScan first = ProcScan.take(foreign);
    ProcessBuilder sleep = new ProcessBuilder("sleep", "77");
    sleep.environment().put(TaskDirectory.TASK_MARKER, marker);
    Process process = sleep.start();
    started.add(process);
    TaskFixture.until(
        () -> image(process).filter(image -> image.name().equals("sleep")).isPresent());
    assertThat(marked(first)).isEmpty();
    assertThat(marked(first.again(foreign))).containsExactly(process.pid());
  }

  @Test
  void R11_a_process_without_environment_leaves_no_doubt() throws IOException {
    Process process = afterALine("exec env -i /bin/sleep 77");
    go(process);
    TaskFixture.until(
        () -> image(process).filter(ProcStat.Image::isWithoutEnvironment).isPresent());
    // Others on this machine may be in the middle of an exec.
    TaskFixture.until(() -> ProcScan.take(foreign).isCertain());
    assertThat(isKnownAsForeign(process)).isTrue();
  }

  @Test
  void R11_doubt_about_one_process_ends_at_the_next_look() throws IOException {
    ProcStat stat = ProcStat.read(afterALine("exit").pid()).orElseThrow();
    assertThat(foreign.showsNothing(stat)).isTrue();
    foreign.begin();
    assertThat(foreign.showsNothing(stat)).isFalse();
  }

  @Test
  void who_is_gone_is_forgotten() throws Exception {
    Process process = afterALine("exit");
    ProcStat stat = ProcStat.read(process.pid()).orElseThrow();
    assertThat(marked(ProcScan.take(foreign))).isEmpty();
    process.destroyForcibly().waitFor();
    assertThat(marked(ProcScan.take(foreign))).isEmpty();
    foreign.begin();
    assertThat(foreign.contains(stat)).isFalse();
  }
}
