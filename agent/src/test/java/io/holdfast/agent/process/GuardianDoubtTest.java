package io.holdfast.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * R12: what the guardian cannot judge stands still until the lease is proven or over. That a lease
 * file was written for an earlier wall clock is the same as a wall clock that has been set forward.
 */
class GuardianDoubtTest {

  private static final Path SHELL = Path.of("/bin/sh");
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final String ENDLESS =
      "trap 'echo term >>terms' TERM; setsid sh -c 'echo $$ >escaped; while :; do sleep 0.05; done' &\n"
          + "while :; do sleep 0.05; done";

  private final TaskFixture fixture = new TaskFixture();
  private ProcessIdentity guardian;
  private TaskDirectory task;
  private ProcessIdentity escaped;

  @BeforeEach
  void open() throws IOException {
    guardian = start();
    task = fixture.task(ENDLESS);
    fixture.wrapper(task);
    fixture.awaitRunning(task);
    escaped = fixture.awaitPid("escaped");
  }

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  private ProcessIdentity start() throws IOException {
    Guardian made = new Guardian(fixture.data, fixture.journal, SHELL, fixture.clock::now);
    TaskFixture.until(() -> made.ensure().isPresent());
    return made.living().orElseThrow();
  }

  /** The wall clock has been set so far forward that this lease would be long over. */
  private void leap(Duration rest) {
    Duration now = fixture.clock.now();
    new LeaseFile(fixture.data, "m")
        .write(now.plus(rest), GRACE, now, Instant.now().minus(Duration.ofHours(5)));
  }

  private void renew(Duration rest, Duration provenAt) {
    Duration now = fixture.clock.now();
    new LeaseFile(fixture.data, "m")
        .write(now.plus(rest), GRACE, provenAt, Instant.now().plus(rest));
  }

  private boolean standStill() {
    return TaskFixture.isHeld(task.leader().orElseThrow()) && TaskFixture.isHeld(escaped);
  }

  private boolean goOn() {
    return state(task.leader().orElseThrow()) != 'T' && state(escaped) != 'T';
  }

  private static char state(ProcessIdentity process) {
    return ProcStat.read(process.pid()).map(ProcStat::state).orElse('-');
  }

  private void awaitUptime(Duration time) {
    TaskFixture.until(() -> fixture.clock.now().compareTo(time) >= 0);
  }

  @Test
  void R12_a_wall_clock_set_forward_pauses_the_tasks_until_the_master_was_heard()
      throws IOException {
    leap(Duration.ofMinutes(5));
    TaskFixture.until(this::standStill);
    assertThat(LeaseHold.isDoubted(fixture.data, "m")).isTrue();
    Duration before = fixture.clock.now().minusSeconds(10);
    renew(Duration.ofMinutes(5), before);
    awaitUptime(fixture.clock.now().plusSeconds(3));
    assertThat(standStill()).as("an anchor from before the leap proves nothing").isTrue();
    renew(Duration.ofMinutes(5), fixture.clock.now());
    TaskFixture.until(this::goOn);
    TaskFixture.until(() -> !Files.exists(fixture.data.resolve("masters/m/held")));
    assertThat(task.file("killed")).doesNotExist();
    assertThat(fixture.data.resolve("terms")).doesNotExist();
  }

  @Test
  void R12_what_stays_in_doubt_until_its_lease_is_over_is_killed_without_grace() {
    leap(Duration.ofSeconds(3));
    TaskFixture.until(this::standStill);
    Duration deadline = new LeaseFile(fixture.data, "m").read().orElseThrow().deadline();
    assertThat(fixture.clock.now()).isLessThan(deadline);
    assertThat(task.file("killed")).doesNotExist();
    TaskFixture.until(() -> task.end().isPresent() && !escaped.isAlive());
    assertThat(fixture.clock.now()).isBetween(deadline, deadline.plus(GRACE));
    assertThat(fixture.data.resolve("terms")).doesNotExist();
  }

  @Test
  void R12_a_task_in_doubt_that_is_to_be_stopped_gets_no_grace() {
    leap(Duration.ofMinutes(5));
    TaskFixture.until(this::standStill);
    Duration begun = fixture.clock.now();
    assertThat(TaskFixture.get(fixture.processes.stop(task, GRACE, "test")).forced()).isTrue();
    assertThat(fixture.clock.now()).isLessThan(begun.plus(GRACE));
    assertThat(fixture.data.resolve("terms")).doesNotExist();
  }

  @Test
  void R12_what_is_being_stopped_when_doubt_comes_has_no_grace_any_more() {
    Duration begun = fixture.clock.now();
    Duration grace = Duration.ofMinutes(10);
    var stopped = fixture.processes.stop(task, grace, "test");
    TaskFixture.until(() -> fixture.lines("terms") == 1);
    leap(Duration.ofMinutes(5));
    assertThat(TaskFixture.get(stopped).forced()).isTrue();
    assertThat(fixture.clock.now()).isLessThan(begun.plus(grace));
  }

  @Test
  void R12_a_late_look_pauses_the_tasks_for_a_moment() throws Exception {
    LaunchTest.run("kill", "-STOP", Long.toString(guardian.pid()));
    awaitUptime(fixture.clock.now().plusSeconds(4));
    LaunchTest.run("kill", "-CONT", Long.toString(guardian.pid()));
    TaskFixture.until(this::standStill);
    assertThat(LeaseHold.isDoubted(fixture.data, "m")).isFalse();
    TaskFixture.until(this::goOn);
    assertThat(task.file("killed")).doesNotExist();
  }

  @Test
  void R12_the_next_guardian_knows_what_is_held() throws Exception {
    leap(Duration.ofMinutes(5));
    TaskFixture.until(this::standStill);
    ProcessHandle.of(guardian.pid()).orElseThrow().destroyForcibly();
    TaskFixture.until(() -> !guardian.isAlive());
    renew(Duration.ofMinutes(5), fixture.clock.now().plusMillis(10));
    assertThat(standStill()).isTrue();
    assertThat(start()).isNotEqualTo(guardian);
    TaskFixture.until(this::goOn);
  }

  @Test
  void P4_another_master_and_what_is_kept_go_on() {
    fixture.lease("other", Duration.ofMinutes(5), GRACE);
    TaskDirectory others = fixture.task("other", "exec sleep 1000", java.util.Map.of(), false);
    fixture.wrapper(others);
    fixture.awaitRunning(others);
    TaskDirectory kept = fixture.task("m", "exec sleep 1000", java.util.Map.of(), true);
    fixture.wrapper(kept);
    fixture.awaitRunning(kept);
    leap(Duration.ofMinutes(5));
    TaskFixture.until(this::standStill);
    assertThat(state(others.leader().orElseThrow())).isNotEqualTo('T');
    assertThat(state(kept.leader().orElseThrow())).isNotEqualTo('T');
  }
}
