package io.holdfast.agent.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A batch of signals, sent by one shell (Java cannot signal a group). The shell looks at each
 * process once more immediately before it signals it; see {@code signal.sh}.
 *
 * <p>Threading: one thread. Errors: what could not be sent is sent again by who asked, if it is
 * still needed.
 */
final class Signals {

  private static final long MOST_SECONDS = 10;

  private final Path shell;
  private final Path script;
  private final Set<String> lines = new LinkedHashSet<>();

  Signals(Path shell, Path script) {
    this.shell = shell;
    this.script = script;
  }

  void toProcess(String signal, long pid, long startTicks) {
    lines.add(signal + " " + pid + " " + pid + " " + startTicks);
  }

  /** Signals a group if the given process is, at that moment, a member of it. */
  void toGroup(String signal, long group, long memberPid, long memberTicks) {
    if (group <= 1) {
      throw new IllegalArgumentException("not the group of a task: " + group);
    }
    lines.add(signal + " -" + group + " " + memberPid + " " + memberTicks);
  }

  /** Sends what has been gathered. */
  void send() throws IOException, InterruptedException {
    if (lines.isEmpty()) {
      return;
    }
    String all = String.join("\n", lines) + "\n";
    lines.clear();
    Process process =
        new ProcessBuilder(shell.toString(), script.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      try (OutputStream out = process.getOutputStream()) {
        out.write(all.getBytes(StandardCharsets.US_ASCII));
      }
      if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("signals could not be sent within " + MOST_SECONDS + " s");
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
