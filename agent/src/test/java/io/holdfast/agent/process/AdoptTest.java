package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * R9 and R10 after a restart of the agent: the wrappers here are nobody's children, as far as the
 * edge knows.
 */
class AdoptTest {

  private final TaskFixture fixture = new TaskFixture();

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private Adoption adopt(TaskDirectory task) {
    return TaskFixture.get(fixture.processes.adopt(task, fixture.clock.bootId()));
  }

  private ProcessIdentity wrapperOf(TaskDirectory task) {
    TaskFixture.until(() -> task.claim() instanceof TaskDirectory.Claim.By);
    return ((TaskDirectory.Claim.By) task.claim()).wrapper();
  }

  private void kill(ProcessIdentity process) {
    ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly();
    TaskFixture.until(() -> !process.isAlive());
  }

  @Test
  void R9_what_nobody_claimed_never_starts() throws Exception {
    TaskDirectory task = fixture.task("touch ran");
    assertThat(adopt(task)).isEqualTo(new Adoption.NeverClaimed("agent"));
    assertThat(fixture.wrapper(task).waitFor()).isEqualTo(3);
    assertThat(adopt(task)).isEqualTo(new Adoption.NeverClaimed("agent"));
    TaskDirectory absent = new TaskDirectory(fixture.data, "m", "absent#1.1", fixture.journal);
    assertThat(adopt(absent)).isEqualTo(new Adoption.NeverClaimed("agent"));
    assertThat(fixture.data.resolve("ran")).doesNotExist();
  }

  @Test
  void R10_what_runs_is_adopted_and_its_end_is_learnt() throws IOException {
    TaskDirectory task = fixture.task("until [ -e go ]; do sleep 0.02; done; exit 8");
    fixture.wrapper(task);
    ProcessIdentity wrapper = wrapperOf(task);
    assertThat(adopt(task)).isEqualTo(new Adoption.Running(wrapper, true));
    CompletableFuture<TaskEnd> end =
        fixture.processes.awaitEnd(task, wrapper).toCompletableFuture();
    assertThat(end).isNotDone();
    Files.createFile(fixture.data.resolve("go"));
    assertThat(TaskFixture.get(end))
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(8));
  }

  @Test
  void R10_what_ended_meanwhile_is_read() throws Exception {
    TaskDirectory task = fixture.task("exit 3");
    assertThat(fixture.wrapper(task).waitFor()).isZero();
    assertThat(adopt(task))
        .isInstanceOfSatisfying(
            Adoption.Ended.class,
            ended ->
                assertThat(ended.end())
                    .isInstanceOfSatisfying(
                        TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(3)));
    assertThat(TaskFixture.get(fixture.processes.adopt(task, "another-boot")))
        .as("a record outlives the machine")
        .isInstanceOf(Adoption.Ended.class);
  }

  @Test
  void R10_a_record_without_its_newline_is_not_there() throws Exception {
    TaskDirectory task = fixture.task("exit 3");
    assertThat(fixture.wrapper(task).waitFor()).isZero();
    Files.writeString(task.file("exit"), "exit 3 1000 0");
    assertThat(adopt(task)).isInstanceOf(Adoption.Gone.class);
  }

  @Test
  void R10_a_job_without_its_wrapper_still_runs() {
    TaskDirectory task = fixture.task("echo $$ >pid; exec sleep 1000");
    fixture.wrapper(task);
    ProcessIdentity job = fixture.awaitPid("pid");
    kill(wrapperOf(task));
    assertThat(adopt(task)).isEqualTo(new Adoption.Running(job, false));
    CompletableFuture<TaskEnd> end = fixture.processes.awaitEnd(task, job).toCompletableFuture();
    assertThat(end).isNotDone();
    kill(job);
    assertThat(TaskFixture.get(end)).isInstanceOf(TaskEnd.Vanished.class);
    assertThat(adopt(task)).isInstanceOf(Adoption.Gone.class);
  }

  @Test
  void R10_a_descendant_without_wrapper_and_leader_still_runs() {
    TaskDirectory task =
        fixture.task("setsid sh -c 'echo $$ >pid; exec sleep 1000' & exec sleep 1000");
    fixture.wrapper(task);
    ProcessIdentity child = fixture.awaitPid("pid");
    kill(wrapperOf(task));
    kill(task.leader().orElseThrow());
    assertThat(adopt(task)).isEqualTo(new Adoption.Running(child, false));
  }

  @Test
  void R9_a_wrapper_killed_before_its_job_began_started_nothing() {
    TaskDirectory task = fixture.task("touch ran");
    ProcessIdentity dead =
        new ProcessIdentity(ProcessHandle.current().pid(), 1, fixture.clock.bootId());
    Records.createOnce(task.file("started"), dead.toLine());
    assertThat(adopt(task))
        .isInstanceOfSatisfying(
            Adoption.Ended.class, e -> assertThat(e.end()).isInstanceOf(TaskEnd.NotStarted.class));
  }

  @Test
  void R9_a_claim_without_a_name_is_resolved() throws IOException {
    TaskDirectory task = fixture.task("touch ran");
    Files.createFile(task.file("started"));
    assertThat(adopt(task)).isInstanceOf(Adoption.NeverClaimed.class);
  }

  @Test
  void R10_after_a_restart_of_the_machine_nothing_is_called_never_started() {
    TaskDirectory task = fixture.task("touch ran");
    assertThat(TaskFixture.get(fixture.processes.adopt(task, "another-boot")))
        .isEqualTo(new Adoption.HostRestarted());
  }

  @Test
  void R9_wrappers_killed_at_any_point_leave_no_doubt() throws Exception {
    for (int round = 0; round < 40; round++) {
      String ran = "ran" + round;
      TaskDirectory task = fixture.task("echo >>" + ran + "; sleep 0.01");
      Process wrapper = fixture.wrapper(task);
      for (int spin = 0; spin < round * 12_000; spin++) {
        Thread.onSpinWait();
      }
      wrapper.destroyForcibly().waitFor();
      Adoption found = adopt(task);
      while (found instanceof Adoption.Running running) {
        TaskFixture.get(fixture.processes.awaitEnd(task, running.process()));
        found = adopt(task);
      }
      assertThat(fixture.living()).as("%s", found).isEmpty();
      long times = fixture.lines(ran);
      assertThat(times).as("%s", found).isLessThanOrEqualTo(1);
      if (found instanceof Adoption.NeverClaimed
          || (found instanceof Adoption.Ended e && e.end() instanceof TaskEnd.NotStarted)) {
        assertThat(times).as("%s", found).isZero();
        assertThat(fixture.wrapper(task).waitFor()).isEqualTo(3);
      }
    }
  }
}
