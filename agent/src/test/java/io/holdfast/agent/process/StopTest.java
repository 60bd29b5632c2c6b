package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** R11: stop means the whole tree, and nothing but it. */
class StopTest {

  private static final Duration NEVER = Duration.ofMinutes(5);

  private final TaskFixture fixture = new TaskFixture();

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private StopResult stop(TaskDirectory task, Duration grace) {
    return TaskFixture.get(fixture.processes.stop(task, grace, "test"));
  }

  @Test
  void R11_a_cooperative_job_has_its_grace() {
    TaskDirectory task =
        fixture.task("trap 'echo bye; exit 5' TERM; echo $$ >pid; while :; do sleep 0.02; done");
    ProcessIdentity wrapper = fixture.launch(task);
    fixture.awaitLine("pid");
    StopResult result = stop(task, NEVER);
    assertThat(result.forced()).isFalse();
    assertThat(result.neverStarted()).isFalse();
    assertThat(fixture.living()).isEmpty();
    assertThat(TaskFixture.get(fixture.processes.awaitEnd(task, wrapper)))
        .isInstanceOfSatisfying(TaskEnd.Exited.class, end -> assertThat(end.code()).isEqualTo(5));
    assertThat(fixture.out(task)).isEqualTo("bye\n");
    assertThat(stop(task, NEVER).neverStarted()).as("again").isFalse();
  }

  @Test
  void R11_a_job_that_ignores_sigterm_is_killed_after_the_grace() {
    TaskDirectory task = fixture.task("trap '' TERM; echo $$ >pid; while :; do sleep 0.02; done");
    fixture.launch(task);
    ProcessIdentity job = fixture.awaitPid("pid");
    StopResult result = stop(task, Duration.ofMillis(300));
    assertThat(job.isAlive()).isFalse();
    assertThat(fixture.living()).isEmpty();
    assertThat(result.forced()).isTrue();
    assertThat(result.took()).isGreaterThanOrEqualTo(Duration.ofMillis(300));
  }

  @Test
  void R11_a_later_order_can_shorten_the_grace() {
    TaskDirectory task = fixture.task("trap '' TERM; echo $$ >pid; while :; do sleep 0.02; done");
    fixture.launch(task);
    fixture.awaitLine("pid");
    CompletableFuture<StopResult> first =
        fixture.processes.stop(task, NEVER, "first").toCompletableFuture();
    stop(task, Duration.ZERO);
    assertThat(TaskFixture.get(first).forced()).isTrue();
  }

  @Test
  void R11_a_stop_that_is_gone_on_with_does_not_begin_the_grace_anew() {
    TaskDirectory task = fixture.task("trap '' TERM; echo $$ >pid; while :; do sleep 0.02; done");
    fixture.launch(task);
    fixture.awaitLine("pid");
    Duration earlier = fixture.clock.now().minusSeconds(1);
    assertThat(task.orderKill(earlier, "by the agent's former life")).isTrue();
    assertThat(stop(task, NEVER).forced()).isTrue();
    assertThat(fixture.living()).isEmpty();
  }

  @Test
  void R11_a_time_to_kill_of_another_boot_means_nothing() {
    TaskDirectory task = fixture.task("");
    assertThat(task.killTime()).as("no order").isEmpty();
    Records.createOnce(task.file("killed"), "100 another-boot agent test");
    assertThat(task.killTime()).isEmpty();
  }

  @Test
  void R11_what_left_the_session_is_found_by_its_marker() {
    TaskDirectory task =
        fixture.task("setsid sh -c 'trap \"\" TERM; echo $$ >pid; sleep 1000; :' & wait");
    fixture.launch(task);
    ProcessIdentity escaped = fixture.awaitPid("pid");
    assertThat(stop(task, NEVER).forced()).as("it does not wait out the grace").isTrue();
    assertThat(escaped.isAlive()).isFalse();
    assertThat(fixture.living()).isEmpty();
  }

  @Test
  void R11_what_hides_its_environment_is_found_by_its_group() {
    TaskDirectory task =
        fixture.task(
            "env -i sh -c 'trap \"\" TERM; echo $$ >pid; while :; do /bin/sleep 0.1; done' & "
                + "until [ -s pid ]; do sleep 0.02; done; exit 0");
    TaskEnd end = fixture.run(task);
    assertThat(end)
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.left()).isTrue());
    ProcessIdentity hidden = fixture.awaitPid("pid");
    fixture.endAtClose(ProcessHandle.of(hidden.pid()).orElseThrow());
    stop(task, Duration.ofMillis(100));
    assertThat(hidden.isAlive()).isFalse();
  }

  @Test
  void R11_what_forks_while_it_is_killed_is_killed() {
    // Each generation leaves the session, starts one successor and ends. Their number is bounded,
    // whatever happens.
    TaskDirectory task =
        fixture.task(
            "cat >hopper <<'E'\n"
                + "trap '' TERM HUP INT\necho >>heads\n"
                + "[ \"$1\" -lt 300 ] || exit\n"
                + "sleep 0.15; setsid sh ./hopper $(($1 + 1)) & sleep 0.05\nE\n"
                + "sh ./hopper 1 & sleep 60");
    fixture.launch(task);
    TaskFixture.until(() -> fixture.lines("heads") >= 2);
    assertThat(stop(task, Duration.ZERO).forced()).isTrue();
    assertThat(fixture.living()).isEmpty();
    assertThat(fixture.lines("heads")).as("it did not just run out").isLessThan(300);
  }

  @Test
  void R11_a_stopped_job_takes_sigterm() throws Exception {
    TaskDirectory task =
        fixture.task("trap 'exit 3' TERM; echo $$ >pid; while :; do sleep 0.02; done");
    fixture.launch(task);
    // Not with kill(1): that of procps 4.0.2 takes -1234 for -1, "all processes".
    ProcessIdentity job = fixture.awaitPid("pid");
    Signals signals = new Signals(Path.of("/bin/sh"), fixture.scripts.signal());
    signals.toGroup("STOP", job.pid(), job.pid(), job.startTicks());
    signals.send();
    TaskFixture.until(() -> TaskFixture.isHeld(job));
    assertThat(stop(task, NEVER).forced()).isFalse();
    assertThat(fixture.living()).isEmpty();
  }

  @Test
  void R9_stopping_what_has_not_started_prevents_it() throws Exception {
    TaskDirectory task = fixture.task("touch ran");
    assertThat(stop(task, NEVER).neverStarted()).isTrue();
    assertThat(task.claim()).isEqualTo(new TaskDirectory.Claim.Never("agent"));
    assertThat(fixture.wrapper(task).waitFor()).isEqualTo(3);
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R11_stop_races_with_launch_and_nothing_lives_or_starts_after() {
    for (int round = 0; round < 30; round++) {
      TaskDirectory task = fixture.task("echo $$; sleep 1000");
      CompletableFuture<Launch> launch = fixture.processes.launch(task).toCompletableFuture();
      for (int spin = 0; spin < round * 20_000; spin++) {
        Thread.onSpinWait();
      }
      stop(task, Duration.ofMillis(200));
      if (TaskFixture.get(launch) instanceof Launch.Launched launched) {
        TaskFixture.get(fixture.processes.awaitEnd(task, launched.wrapper()));
      }
      assertThat(fixture.living()).isEmpty();
    }
  }

  @Test
  void R10_a_recycled_pid_is_never_signalled() throws Exception {
    Process innocent = new ProcessBuilder("setsid", "sleep", "1000").start();
    fixture.endAtClose(innocent.toHandle());
    TaskFixture.until(
        () -> ProcStat.read(innocent.pid()).filter(s -> s.group() == s.pid()).isPresent());
    ProcessIdentity real = ProcessIdentity.of(innocent.pid()).orElseThrow();
    for (ProcessIdentity forged :
        List.of(
            new ProcessIdentity(real.pid(), real.startTicks() - 1, real.bootId()),
            new ProcessIdentity(real.pid(), real.startTicks(), "another-boot"))) {
      assertThat(forged.isAlive()).isFalse();
      TaskDirectory task = fixture.task("");
      Records.createOnce(task.file("started"), forged.toLine());
      Records.createOnce(task.file("pgid"), forged.toLine());
      stop(task, Duration.ZERO);
      Signals signals = new Signals(Path.of("/bin/sh"), fixture.scripts.signal());
      signals.toGroup("KILL", forged.pid(), forged.pid(), real.startTicks() - 1);
      signals.toProcess("KILL", forged.pid(), real.startTicks() - 1);
      signals.send();
    }
    assertThat(real.isAlive()).isTrue();
  }

  @Test
  void R11_a_wrapper_that_is_dead_does_not_save_its_job() {
    TaskDirectory task = fixture.task("echo $$ >pid; exec sleep 1000");
    ProcessIdentity wrapper = fixture.launch(task);
    ProcessIdentity job = fixture.awaitPid("pid");
    ProcessHandle.of(wrapper.pid()).orElseThrow().destroyForcibly();
    assertThat(TaskFixture.get(fixture.processes.stop(task, NEVER, "test")).neverStarted())
        .isFalse();
    assertThat(job.isAlive()).isFalse();
    assertThat(TaskFixture.get(fixture.processes.awaitEnd(task, wrapper)))
        .isInstanceOf(TaskEnd.Vanished.class);
  }

  @Test
  void R11_two_hundred_tasks_are_stopped_together() {
    List<TaskDirectory> tasks = new ArrayList<>();
    List<CompletableFuture<Launch>> launches = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      TaskDirectory task =
          fixture.task("trap '' TERM; echo >>ready; setsid sleep 1000 & sleep 1000");
      tasks.add(task);
      launches.add(fixture.processes.launch(task).toCompletableFuture());
    }
    launches.forEach(TaskFixture::get);
    TaskFixture.until(() -> fixture.lines("ready") == 200);
    Duration begun = fixture.clock.now();
    List<CompletableFuture<StopResult>> stops =
        tasks.stream()
            .map(t -> fixture.processes.stop(t, Duration.ZERO, "test").toCompletableFuture())
            .toList();
    assertThat(stops.stream().map(TaskFixture::get)).allMatch(StopResult::forced);
    Duration took = fixture.clock.now().minus(begun);
    System.out.println("200 tasks, 600 processes stopped in " + took.toMillis() + " ms");
    assertThat(fixture.living()).isEmpty();
    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }
}
