package io.holdfast.agent.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * What a guardian costs while it has nothing to do: CPU time of the shell and of its {@code sleep},
 * and its memory, with no tasks and with 200, beside an agent that lives and one that is dead. Not
 * a test: run its main by hand.
 */
final class GuardianBenchmark {

  private static final Duration MEASURED = Duration.ofSeconds(30);

  private GuardianBenchmark() {}

  public static void main(String[] args) throws Exception {
    for (int tasks : new int[] {0, 200}) {
      for (boolean agentLives : new boolean[] {true, false}) {
        measure(tasks, agentLives);
      }
    }
  }

  private static void measure(int tasks, boolean agentLives) throws Exception {
    try (TaskFixture fixture = new TaskFixture()) {
      Guardian guardian =
          new Guardian(fixture.data, fixture.journal, Path.of("/bin/sh"), fixture.clock::now);
      // One more that lives, or the guardian of a dead agent would end.
      for (int i = 0; i < Math.max(tasks, 1); i++) {
        TaskDirectory task = fixture.task("m", "exec sleep 1000", Map.of(), false);
        fixture.launch(task);
      }
      TaskFixture.until(() -> guardian.ensure().isPresent());
      if (!agentLives) {
        guardian.announce(new ProcessIdentity(2, 1, fixture.clock.bootId()));
      }
      ProcessIdentity process = guardian.living().orElseThrow();
      Thread.sleep(2000);
      long before = ticks(process);
      Thread.sleep(MEASURED.toMillis());
      long used = ticks(process) - before;
      String memory =
          Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
              .filter(line -> line.startsWith("VmRSS"))
              .findFirst()
              .orElse("?");
      System.out.printf(
          "%3d tasks, agent %s: %.2f %% of a core, %s%n",
          tasks, agentLives ? "lives" : "dead ", 100.0 * used / (MEASURED.toMillis() / 10), memory);
    }
  }

  /** User and system time of the process and of the children that it has waited for. */
  private static long ticks(ProcessIdentity process) throws Exception {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    long sum = 0;
    for (int field = 11; field <= 14; field++) {
      sum += Long.parseLong(fields[field]);
    }
    return sum;
  }
}
