package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What an agent needs of {@code /proc} (Linux), and cannot keep its promises without. */
public final class ProcFiles {
  /** The clock of leases; who a process is; which boot it belongs to. */
  private static final List<String> NEEDED =
      List.of("uptime", "self/stat", "sys/kernel/random/boot_id");

  private ProcFiles() {}

  /**
   * @throws IOException where one of them is missing, saying which, and what to do
   */
  public static void require() throws IOException {
    require(ProcStat.PROC);
  }

  static void require(Path proc) throws IOException {
    for (String name : NEEDED) {
      Path file = proc.resolve(name);
      if (!Files.isReadable(file)) {
        throw new IOException(
            file
                + " cannot be read: an agent counts leases and knows its tasks again by /proc, and"
                + " does not run without it. On Linux mount it (mount -t proc proc /proc); elsewhere"
                + " run a master only, and the agent on a Linux machine");
      }
    }
  }
}
