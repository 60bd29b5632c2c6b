package io.holdfast.storm;

import io.holdfast.harness.Node;
import io.holdfast.harness.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The guardians of agents, found by the record that each leaves in its data directory. */
final class Guardians {
  private Guardians() {}

  /** The guardian of an agent, if it lives, stopped or not. */
  static Optional<Long> of(Node agent) {
    try {
      String record = Files.readString(agent.data().resolve("guardian"));
      long pid = Long.parseLong(record.split(" ", 2)[0]);
      String command = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
      char state = ProcessTable.state(pid);
      return command.contains("guardian") && state != 'Z' && state != '-'
          ? Optional.of(pid)
          : Optional.empty();
    } catch (IOException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  /** {@code signal} by its name, to one process. */
  static void signal(long pid, String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start();
    boolean ignored = kill.waitFor() == 0;
  }
}
