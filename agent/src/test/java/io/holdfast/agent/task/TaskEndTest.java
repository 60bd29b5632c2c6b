package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.task.Outcome;
import io.holdfast.protocol.task.TaskPhase;
import io.holdfast.protocol.task.TaskState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * R11: a task whose job ends by itself is finished when all that it started is gone, and not
 * before.
 */
class TaskEndTest extends TaskLives {

  /** Runs a job whose last act is an exit with 6, and returns the pids that it has noted. */
  private List<Long> pidsAfter(String script) throws IOException {
    start(script + "\nuntil [ -s pids ]; do sleep 0.02; done; exit 6", Optional.empty());
    TaskState end = awaitPhase(TaskPhase.FINISHED);
    assertThat(end.outcome()).contains(new Outcome.Exited(6));
    return Files.readAllLines(data.resolve("pids")).stream().map(Long::parseLong).toList();
  }

  private static boolean lives(long pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException gone) {
      return false;
    }
  }

  private void assertGone(List<Long> pids) {
    assertThat(pids).isNotEmpty().noneMatch(TaskEndTest::lives);
  }

  @Test
  void R11_what_left_the_session_is_gone() throws IOException {
    assertGone(pidsAfter("setsid sh -c 'echo $$ >pids; exec sleep 77' &"));
  }

  @Test
  void R11_what_forked_twice_is_gone() throws IOException {
    assertGone(
        pidsAfter(
            "(setsid sh -c '(echo $$ >/dev/null; exec sh -c \"echo \\$\\$ >pids; exec sleep 77\") & exit' &)"));
  }

  @Test
  void R11_what_ignores_sigterm_is_gone() throws IOException {
    assertGone(
        pidsAfter("setsid sh -c 'trap \"\" TERM; echo $$ >pids; while :; do sleep 0.1; done' &"));
  }

  @Test
  void R11_what_closed_its_files_is_gone() throws IOException {
    assertGone(
        pidsAfter("setsid sh -c 'echo $$ >pids; exec sleep 77 <&- >&- 2>&-' <&- >&- 2>&- &"));
  }

  @Test
  void R11_what_hides_its_environment_is_found_by_its_group() throws IOException {
    assertGone(pidsAfter("env -i /bin/sh -c 'echo $$ >pids; while :; do /bin/sleep 0.1; done' &"));
  }

  @Test
  void R11_what_forks_while_it_is_killed_is_gone() throws IOException {
    // Each generation leaves the session, starts one successor and ends. Their number is bounded.
    List<Long> generations =
        pidsAfter(
            "cat >hopper <<'E'\n"
                + "trap '' TERM HUP INT\necho $$ >>pids\n"
                + "[ \"$1\" -lt 300 ] || exit\n"
                + "sleep 0.15; setsid sh ./hopper $(($1 + 1)) & sleep 0.05\nE\n"
                + "setsid sh ./hopper 1 &");
    assertGone(Files.readAllLines(data.resolve("pids")).stream().map(Long::parseLong).toList());
    assertThat(generations).as("it did not just run out").hasSizeLessThan(300);
  }

  @Test
  void R11_what_is_left_in_the_group_may_end_in_order() throws IOException {
    assertGone(
        pidsAfter(
            "sh -c 'trap \"echo in order >end; exit\" TERM; echo $$ >pids; while :; do sleep 0.02; done' &"));
    assertThat(data.resolve("end")).hasContent("in order\n".trim());
  }

  @Test
  void R11_the_next_life_of_the_agent_does_the_same() throws IOException {
    start(
        "setsid sh -c 'echo $$ >pids; exec sleep 77' &\n"
            + "until [ -s pids ]; do sleep 0.02; done\nwhile [ ! -e go ]; do sleep 0.02; done; exit 6",
        Optional.empty());
    TaskState running = awaitPhase(TaskPhase.RUNNING);
    die();
    Files.createFile(data.resolve("go"));
    org.awaitility.Awaitility.await()
        .atMost(SOON)
        .until(() -> !lives(running.process().orElseThrow().pid()));
    live();
    assertThat(awaitPhase(TaskPhase.FINISHED).outcome()).contains(new Outcome.Exited(6));
    assertGone(Files.readAllLines(data.resolve("pids")).stream().map(Long::parseLong).toList());
  }
}
