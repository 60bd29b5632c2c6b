package io.holdfast.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What the kernel says about processes: the witness for what still lives, which no scheduler can
 * talk out of it. Reads {@code /proc}; elsewhere than on Linux it knows nothing.
 */
public final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final Duration END_MAX = Duration.ofSeconds(10);

  private ProcessTable() {}

  /**
   * The pids whose environment has this variable with this value: for a task, {@code
   * HOLDFAST_EXECUTION}.
   */
  public static List<Long> withEnvironment(String variable, String value) {
    String wanted = "\0" + variable + "=" + value + "\0";
    return matching(process -> ("\0" + text(process.resolve("environ")) + "\0").contains(wanted));
  }

  /** The pids that have {@code folder} in their command line, or work in it. */
  public static List<Long> workingIn(Path folder) {
    String wanted = folder.toAbsolutePath().toString();
    return matching(
        process ->
            text(process.resolve("cmdline")).contains(wanted)
                || workingDirectory(process).startsWith(wanted));
  }

  /**
   * The state as in {@code ps}: R, S, T (stopped), Z (dead, not yet waited for) …; '-' when there
   * is no such process.
   */
  public static char state(long pid) {
    String stat = text(PROC.resolve(Long.toString(pid)).resolve("stat"));
    int afterName = stat.lastIndexOf(')') + 2;
    return afterName < 2 || afterName >= stat.length() ? '-' : stat.charAt(afterName);
  }

  /**
   * Whether SIGSTOP to a process and its group has taken effect. A shell that was just starting a
   * command (vfork) waits for that, in state D, while it is stopped; then the command stands still.
   */
  public static boolean isHeld(long pid) {
    char state = state(pid);
    return state == 'T'
        || (state == 'D'
            && ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .anyMatch(child -> state(child.pid()) == 'T'));
  }

  /**
   * SIGKILL to all that {@code find} finds, until it finds none: a process may fork between being
   * found and being killed.
   */
  static void killAll(Supplier<? extends Collection<Long>> find) {
    Await.condition(
        END_MAX,
        () -> {
          Collection<Long> pids = find.get();
          pids.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
          return pids.isEmpty();
        },
        () -> "processes live on or come again and again: " + find.get());
  }

  /**
   * The same, and none of them sees the end of another: as when the power fails. A shell whose
   * command is killed before it would go on, and write down that end for its own.
   */
  static void killAtOnce(Supplier<? extends Collection<Long>> find) {
    Set<Long> told = new HashSet<>();
    Await.condition(
        END_MAX,
        () -> {
          Collection<Long> pids = find.get();
          List<Long> news = pids.stream().filter(told::add).toList();
          stop(news);
          return news.isEmpty() && pids.stream().allMatch(ProcessTable::isHeld);
        },
        () -> "processes do not stand still: " + find.get());
    killAll(find);
  }

  private static void stop(List<Long> pids) {
    if (pids.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("kill", "-STOP"));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    try {
      // It complains about those that have ended.
      int unused =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw Await.interrupted(e);
    }
  }

  private interface Test {
    boolean on(Path process);
  }

  private static List<Long> matching(Test test) {
    List<Long> pids = new ArrayList<>();
    if (!Files.isDirectory(PROC)) {
      return pids;
    }
    try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        if (pid != ProcessHandle.current().pid() && test.on(process) && state(pid) != 'Z') {
          pids.add(pid);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return pids;
  }

  /** Empty when the process is gone or not ours. */
  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private static String workingDirectory(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
