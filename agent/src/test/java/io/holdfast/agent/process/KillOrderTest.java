package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * R9 and R10: the agent dies, and the wrapper is held at one point of its life, or killed there.
 * What the next life of the agent finds is what has happened, and nothing runs twice. The wrapper
 * is the real one, with a line put in that stops it.
 */
class KillOrderTest {

  private static final String JOB = "echo >>ran; exit 8";

  private final TaskFixture fixture = new TaskFixture();
  private long stopped;

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  /**
   * The wrapper of a dead agent, which stops itself before the line that begins with {@code line}.
   */
  private Process pausedBefore(TaskDirectory task, String line) throws IOException {
    String script = Files.readString(fixture.scripts.task());
    int at = script.indexOf("\n" + line) + 1;
    assertThat(at).as("there is no line " + line).isPositive();
    boolean ofChild = line.startsWith(" ");
    Path paused = fixture.data.resolve("paused.sh");
    Files.writeString(
        paused,
        script.substring(0, at)
            + ("kill -STOP " + (ofChild ? "$pid" : "$$") + "\n")
            + script.substring(at));
    Process wrapper = fixture.wrapper(task, Path.of("/bin/sh"), paused);
    TaskFixture.until(
        () -> {
          Optional<Long> pid =
              ofChild ? task.leader().map(ProcessIdentity::pid) : Optional.of(wrapper.pid());
          this.stopped = pid.orElse(-1L);
          return ProcStat.read(stopped).filter(stat -> stat.state() == 'T').isPresent();
        });
    return wrapper;
  }

  private void go() {
    LaunchTest.run("kill", "-CONT", Long.toString(stopped));
  }

  private Adoption adopt(TaskDirectory task) {
    return TaskFixture.get(fixture.processes.adopt(task, fixture.clock.bootId()));
  }

  private TaskEnd end(TaskDirectory task, Adoption running) {
    ProcessIdentity process = ((Adoption.Running) running).process();
    CompletableFuture<TaskEnd> end =
        fixture.processes.awaitEnd(task, process).toCompletableFuture();
    return TaskFixture.get(end);
  }

  private void assertExited(TaskEnd end) {
    assertThat(end)
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(8));
    assertThat(fixture.lines("ran")).isEqualTo(1);
  }

  @Test
  void R9_between_fork_and_claim_it_is_prevented() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    Process wrapper = pausedBefore(task, "set -C");
    assertThat(adopt(task)).isEqualTo(new Adoption.NeverClaimed("agent"));
    go();
    assertThat(wrapper.waitFor()).isEqualTo(3);
    assertThat(fixture.lines("ran")).isZero();
  }

  @Test
  void R9_a_wrapper_killed_between_fork_and_claim_started_nothing() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "set -C").destroyForcibly().waitFor();
    assertThat(adopt(task)).isEqualTo(new Adoption.NeverClaimed("agent"));
  }

  @Test
  void R9_between_claim_and_exec_it_is_taken_up() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "exec >/dev/null");
    Adoption found = adopt(task);
    assertThat(found)
        .isInstanceOfSatisfying(
            Adoption.Running.class, r -> assertThat(r.exitWillBeKnown()).isTrue());
    go();
    assertExited(end(task, found));
  }

  @Test
  void R9_a_wrapper_killed_between_claim_and_exec_started_nothing() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "exec >/dev/null").destroyForcibly().waitFor();
    assertThat(adopt(task))
        .isInstanceOfSatisfying(
            Adoption.Ended.class, e -> assertThat(e.end()).isInstanceOf(TaskEnd.NotStarted.class));
    assertThat(fixture.lines("ran")).isZero();
  }

  @Test
  void R9_between_the_published_group_and_exec_the_job_is_taken_up_without_its_wrapper()
      throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "  if [ -z \"$refusal\" ]").destroyForcibly().waitFor();
    Adoption found = adopt(task);
    assertThat(found)
        .isInstanceOfSatisfying(
            Adoption.Running.class, r -> assertThat(r.exitWillBeKnown()).isFalse());
    go();
    assertThat(end(task, found)).isInstanceOf(TaskEnd.Vanished.class);
    assertThat(fixture.lines("ran")).isEqualTo(1);
  }

  @Test
  void R10_between_exit_and_its_record_the_wrapper_is_waited_for() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "# The job's side has recorded");
    Adoption found = adopt(task);
    assertThat(found).isInstanceOf(Adoption.Running.class);
    go();
    assertExited(end(task, found));
  }

  @Test
  void R10_a_wrapper_killed_between_exit_and_its_record_leaves_the_end_unknown() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    pausedBefore(task, "# The job's side has recorded").destroyForcibly().waitFor();
    assertThat(adopt(task)).isInstanceOf(Adoption.Gone.class);
    assertThat(fixture.lines("ran")).isEqualTo(1);
  }

  @Test
  void R10_between_the_record_and_the_journal_the_record_counts() throws Exception {
    TaskDirectory task = fixture.task(JOB);
    assertThat(fixture.wrapper(task).waitFor()).isZero();
    assertExited(((Adoption.Ended) adopt(task)).end());
  }
}
