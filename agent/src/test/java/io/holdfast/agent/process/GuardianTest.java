package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R12: the tasks of a master whose lease is over are stopped, whatever has become of the agent. */
class GuardianTest {

  private static final Path SHELL = Path.of("/bin/sh");
  private static final String STUBBORN =
      "trap '' TERM; echo $$ >>pids; while :; do sleep 0.1; done";

  private final TaskFixture fixture = new TaskFixture();
  private Guardian guardian;

  @BeforeEach
  void open() throws IOException {
    guardian = new Guardian(fixture.data, fixture.journal, SHELL, fixture.clock::now);
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private ProcessIdentity start() throws IOException {
    guardian.ensure();
    TaskFixture.until(() -> guardian.living().isPresent());
    return guardian.living().orElseThrow();
  }

  /** From now on the agent is, for the guardian, a process that has ended. */
  private void agentDies() {
    guardian.announce(
        new ProcessIdentity(ProcessHandle.current().pid(), 1, fixture.clock.bootId()));
  }

  private TaskDirectory running(String master, boolean keep) {
    TaskDirectory task = fixture.task(master, STUBBORN, Map.of(), keep);
    fixture.wrapper(task);
    fixture.awaitRunning(task);
    return task;
  }

  @Test
  void R12_with_the_agent_dead_the_tasks_end_with_their_lease_and_then_the_guardian()
      throws IOException {
    ProcessIdentity process = start();
    TaskDirectory stubborn = running("m", false);
    TaskDirectory cooperative = fixture.task("trap 'exit 5' TERM; while :; do sleep 0.02; done");
    fixture.wrapper(cooperative);
    fixture.awaitRunning(cooperative);
    TaskDirectory escaping =
        fixture.task("setsid sh -c 'trap \"\" TERM; echo $$ >pid; exec sleep 1000' & exit 0");
    fixture.wrapper(escaping);
    ProcessIdentity escaped = fixture.awaitPid("pid");
    TaskDirectory unclaimed = fixture.task("touch ran");
    agentDies();
    Duration deadline = fixture.clock.now().plusMillis(300);
    Duration grace = Duration.ofSeconds(6);
    new LeaseFile(fixture.data, "m").write(deadline, grace);
    TaskFixture.until(() -> !escaped.isAlive());
    assertThat(stubborn.end()).as("what an ended task has left has no grace").isEmpty();
    TaskFixture.until(() -> stubborn.end().isPresent() && !escaped.isAlive());
    assertThat(fixture.clock.now()).isBetween(deadline, deadline.plus(grace));
    assertThat(stubborn.end())
        .get()
        .isInstanceOfSatisfying(TaskEnd.Signalled.class, e -> assertThat(e.signal()).isEqualTo(9));
    assertThat(cooperative.end())
        .get()
        .isInstanceOfSatisfying(TaskEnd.Exited.class, e -> assertThat(e.code()).isEqualTo(5));
    assertThat(unclaimed.claim()).isEqualTo(new TaskDirectory.Claim.Never("guardian"));
    TaskFixture.until(() -> !process.isAlive());
    assertThat(fixture.living()).isEmpty();
  }

  @Test
  void R12_only_the_master_whose_lease_is_over_and_not_what_is_kept() throws IOException {
    start();
    fixture.lease("other", Duration.ofMinutes(5), Duration.ofMillis(200));
    TaskDirectory over = running("m", false);
    TaskDirectory kept = running("m", true);
    TaskDirectory untouched = running("other", false);
    fixture.lease("m", Duration.ZERO, Duration.ofMillis(200));
    TaskFixture.until(() -> over.end().isPresent());
    // Another lease that ends proves that the guardian has looked at all others once more.
    fixture.lease("third", Duration.ofMinutes(5), Duration.ofMillis(200));
    TaskDirectory third = running("third", false);
    fixture.lease("third", Duration.ZERO, Duration.ofMillis(200));
    TaskFixture.until(() -> third.end().isPresent());
    assertThat(kept.leader().orElseThrow().isAlive()).isTrue();
    assertThat(kept.file("killed")).doesNotExist();
    assertThat(untouched.leader().orElseThrow().isAlive()).isTrue();
    assertThat(untouched.file("killed")).doesNotExist();
  }

  @Test
  void R12_a_lease_that_is_extended_in_time_ends_nothing() throws IOException {
    start();
    TaskDirectory task = running("m", false);
    Duration until = fixture.clock.now().plusSeconds(3);
    LeaseFile file = new LeaseFile(fixture.data, "m");
    TaskFixture.until(
        () -> {
          file.write(fixture.clock.now().plusMillis(1500), Duration.ofMillis(200));
          return fixture.clock.now().compareTo(until) > 0;
        });
    assertThat(task.file("killed")).doesNotExist();
    assertThat(task.leader().orElseThrow().isAlive()).isTrue();
    TaskFixture.until(() -> task.end().isPresent());
    assertThat(file.read().orElseThrow().isOver(fixture.clock.now())).isTrue();
  }

  @Test
  void R12_what_a_dead_agent_began_to_stop_is_finished() throws IOException {
    start();
    TaskDirectory task = running("m", false);
    TaskDirectory other = running("m", false);
    assertThat(task.orderKill(fixture.clock.now().plusMillis(300), "cancelled by an operator"))
        .isTrue();
    agentDies();
    TaskFixture.until(() -> task.end().isPresent());
    assertThat(other.leader().orElseThrow().isAlive()).isTrue();
    assertThat(other.file("killed")).doesNotExist();
  }

  @Test
  void R12_one_guardian_for_a_data_directory() throws Exception {
    List<Process> rivals = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rivals.add(guardian.start());
    }
    guardian.announce(ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow());
    rivals.forEach(rival -> fixture.endAtClose(rival.toHandle()));
    TaskFixture.until(() -> rivals.stream().filter(Process::isAlive).count() == 1);
    ProcessIdentity only = start();
    assertThat(rivals.stream().filter(Process::isAlive).map(Process::pid))
        .containsExactly(only.pid());
    assertThat(new Guardian(fixture.data, fixture.journal, SHELL, fixture.clock::now).ensure())
        .as("an agent that comes back keeps it")
        .contains(only);
  }

  @Test
  void R12_a_dead_guardian_is_replaced_and_one_of_another_release_gives_way() throws Exception {
    ProcessIdentity first = start();
    ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    TaskFixture.until(() -> !first.isAlive());
    ProcessIdentity second = start();
    assertThat(second).isNotEqualTo(first);
    ProcessIdentity me = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    Records.replace(fixture.data.resolve("agent"), me.toLine() + " guardian-newer.sh");
    TaskFixture.until(() -> !second.isAlive());
  }

  @Test
  void R12_a_guardian_that_died_is_replaced_and_the_deadline_is_kept() throws Exception {
    ProcessIdentity first = start();
    TaskDirectory task = running("m", false);
    ProcessHandle.of(first.pid()).orElseThrow().destroyForcibly();
    TaskFixture.until(() -> !first.isAlive());
    fixture.lease("m", Duration.ZERO, Duration.ofMillis(200));
    assertThat(task.file("killed")).doesNotExist();
    start();
    TaskFixture.until(() -> task.end().isPresent());
  }

  @Test
  void R12_a_guardian_that_does_not_move_is_replaced() throws Exception {
    ProcessIdentity first = start();
    LaunchTest.run("kill", "-STOP", Long.toString(first.pid()));
    TaskFixture.until(
        () -> {
          assertThat(first.isAlive()).as("it lives").isTrue();
          return TaskFixture.isHeld(first);
        });
    AtomicReference<Duration> now = new AtomicReference<>(fixture.clock.now());
    Guardian watching = new Guardian(fixture.data, fixture.journal, SHELL, now::get);
    assertThat(watching.ensure()).contains(first);
    now.updateAndGet(then -> then.plus(Guardian.HUNG).plusMillis(1));
    assertThat(watching.ensure()).as("the machine may have been suspended").contains(first);
    TaskFixture.until(
        () -> {
          watching.ensure();
          return !first.isAlive();
        });
    TaskFixture.until(() -> watching.ensure().filter(it -> !it.equals(first)).isPresent());
  }

  @Test
  void R12_a_newer_guardian_takes_the_place_of_the_old_one() throws Exception {
    ProcessIdentity process = start();
    Path script =
        Path.of(Records.read(fixture.data.resolve("guardian")).orElseThrow().split(" ")[3]);
    Path newer = fixture.data.resolve("bin/guardian-newer.sh");
    Files.copy(fixture.data.resolve("bin").resolve(script), newer);
    TaskDirectory task = running("m", false);
    ProcessIdentity me = ProcessIdentity.of(ProcessHandle.current().pid()).orElseThrow();
    Records.replace(fixture.data.resolve("agent"), me.toLine() + " guardian-newer.sh");
    TaskFixture.until(
        () ->
            Records.read(fixture.data.resolve("guardian"))
                .filter(line -> line.endsWith(" guardian-newer.sh"))
                .isPresent());
    assertThat(guardian.living()).as("the same process, with the lock").contains(process);
    Process rival = guardian.start();
    assertThat(rival.waitFor()).isZero();
    fixture.lease("m", Duration.ZERO, Duration.ofMillis(200));
    TaskFixture.until(() -> task.end().isPresent());
  }

  @Test
  void R12_a_deadline_between_two_lives_of_the_agent_is_kept() throws Exception {
    ProcessIdentity process = start();
    Process agent = new ProcessBuilder("sleep", "1000").start();
    fixture.endAtClose(agent.toHandle());
    guardian.announce(ProcessIdentity.of(agent.pid()).orElseThrow());
    TaskDirectory over = running("m", false);
    fixture.lease("other", Duration.ofMinutes(5), Duration.ofMillis(200));
    TaskDirectory living = running("other", false);
    agent.destroyForcibly().waitFor();
    fixture.lease("m", Duration.ZERO, Duration.ofMillis(200));
    Guardian next = new Guardian(fixture.data, fixture.journal, SHELL, fixture.clock::now);
    assertThat(next.ensure()).as("the next life finds it").contains(process);
    TaskFixture.until(() -> over.end().isPresent());
    assertThat(living.leader().orElseThrow().isAlive()).isTrue();
    assertThat(next.ensure()).as("and keeps it").contains(process);
  }

  @Test
  void R12_the_guardian_has_a_session_of_its_own() throws IOException {
    ProcessIdentity process = start();
    assertThat(ProcStat.read(process.pid()))
        .get()
        .satisfies(s -> assertThat(s.session()).isEqualTo(s.pid()));
    LaunchTest.run("kill", "-HUP", Long.toString(process.pid()));
    LaunchTest.run("kill", "-INT", Long.toString(process.pid()));
    TaskDirectory task = running("m", false);
    fixture.lease("m", Duration.ZERO, Duration.ZERO);
    TaskFixture.until(() -> task.end().isPresent());
    assertThat(process.isAlive()).isTrue();
  }

  @Test
  void R10_the_guardian_never_signals_a_recycled_pid() throws Exception {
    Process innocent = new ProcessBuilder("setsid", "sleep", "1000").start();
    fixture.endAtClose(innocent.toHandle());
    TaskFixture.until(
        () -> ProcStat.read(innocent.pid()).filter(s -> s.group() == s.pid()).isPresent());
    ProcessIdentity real = ProcessIdentity.of(innocent.pid()).orElseThrow();
    ProcessIdentity forged = new ProcessIdentity(real.pid(), real.startTicks() - 1, real.bootId());
    TaskDirectory task = fixture.task("");
    Records.createOnce(task.file("started"), forged.toLine());
    Records.createOnce(task.file("pgid"), forged.toLine());
    TaskDirectory witness = running("m", false);
    start();
    fixture.lease("m", Duration.ZERO, Duration.ZERO);
    TaskFixture.until(() -> witness.end().isPresent() && Files.exists(task.file("killed")));
    agentDies();
    TaskFixture.until(() -> guardian.living().isEmpty());
    assertThat(real.isAlive()).isTrue();
  }
}
