package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static io.holdfast.scenario.Scenarios.LONG_LEASE;
import static io.holdfast.scenario.Scenarios.eventually;
import static io.holdfast.scenario.Scenarios.executionIs;
import static io.holdfast.scenario.WallClock.guardianLog;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.ProcessTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R2, R12: a wall clock that is set by hours while a task runs ends nothing and doubles nothing,
 * with a line and without one. A leap forward past the end of the lease may also be a machine that
 * stood still: the guardian then holds the tasks until the master was heard.
 */
final class WallClockIT {
  private static final String AGENT = "agent-1";
  private static final Duration YEAR = Duration.ofDays(365);
  private static final Duration HOURS = Duration.ofHours(3);

  /** No round number, and longer than the lease. */
  private static final Duration MINUTES = Duration.ofSeconds(262);

  @TempDir private Path folder;

  @Test
  void R12_theClockOfAnAgentIsSetWhileATaskRuns() throws Exception {
    WallClock clock = WallClock.in(folder);
    clock
        .ofAgents(LocalSystem.named("agent-clock-set").timing(LONG_LEASE))
        .run(
            system -> {
              Running task = new Running(system);
              Path data = system.agent().data();
              for (Duration leap : leaps()) {
                clock.leap(leap);
                clock.awaitGuardian(data);
                clock.awaitLease(data, "main");
                task.goesOn();
                system.client().awaitLink(AGENT, "connected", AT_MOST);
              }
              task.endsWell();
            });
  }

  @Test
  void R12_theClockOfAnAgentIsSetWhileTheLineIsCut() throws Exception {
    WallClock clock = WallClock.in(folder);
    clock
        .ofAgents(LocalSystem.named("agent-clock-set-cut").timing(LONG_LEASE))
        .run(
            system -> {
              Running task = new Running(system);
              for (Duration leap : Stream.of(HOURS.negated(), HOURS, YEAR).toList()) {
                task.cut();
                clock.leap(leap);
                clock.awaitGuardian(system.agent().data());
                if (leap.isNegative()) {
                  task.goesOn();
                } else {
                  eventually().until(() -> ProcessTable.isHeld(task.pid));
                  assertThat(guardianLog(system.agent().data())).contains("hold main: doubt");
                }
                task.heal();
                task.goesOn();
              }
              task.endsWell();
            });
  }

  @Test
  void R12_anAgentThatIsKilledAndStartedUnderAnotherClockAdoptsItsTask() throws Exception {
    WallClock clock = WallClock.in(folder);
    clock
        .ofAgents(LocalSystem.named("agent-clock-set-dead").timing(LONG_LEASE))
        .run(
            system -> {
              Running task = new Running(system);
              for (Duration leap : Stream.of(HOURS, HOURS.negated()).toList()) {
                system.agent().kill9();
                clock.leap(leap);
                system.agent().start();
                clock.awaitLease(system.agent().data(), "main");
                task.goesOn();
                system.client().awaitLink(AGENT, "connected", AT_MOST);
              }
              task.endsWell();
            });
  }

  @Test
  void R2_R3_theClockOfAMasterIsSetWhileATaskRuns() throws Exception {
    WallClock clock = WallClock.in(folder);
    clock
        .ofMasters(LocalSystem.named("master-clock-set").timing(LONG_LEASE))
        .run(
            system -> {
              Running task = new Running(system);
              for (Duration leap : leaps()) {
                clock.leap(leap);
                task.goesOn();
                task.cut();
                clock.leap(leap.negated());
                task.goesOn();
                task.heal();
                clock.leap(leap);
                task.goesOn();
                String other = TalkingJob.on(system, "other", "agent: " + AGENT).run();
                assertThat(system.client().cancel(other, "enough").path("id").asText())
                    .isEqualTo(other);
                JsonNode cancelled = system.client().awaitRun(other, AT_MOST);
                assertThat(cancelled.path("state").asText()).isEqualTo("cancelled");
                assertHistory(system, cancelled);
              }
              task.endsWell();
            });
  }

  @Test
  void R2_whoWaitsForTheEndOfARunIsAnsweredInTimeThoughTheClockIsSetBack() throws Exception {
    WallClock clock = WallClock.in(folder);
    clock
        .ofMasters(LocalSystem.named("master-clock-set-wait").timing(LONG_LEASE))
        .run(
            system -> {
              Running task = new Running(system);
              CompletableFuture<JsonNode> waiting =
                  CompletableFuture.supplyAsync(
                      () ->
                          system
                              .client()
                              .get("/runs/" + task.run.replace("#", "%23") + "?wait=5s"));
              eventually()
                  .until(
                      () -> {
                        clock.leap(HOURS.negated());
                        return waiting.isDone();
                      });
              assertThat(waiting.join().path("state").asText()).isEqualTo("active");
              task.endsWell();
            });
  }

  private static Iterable<Duration> leaps() {
    return Stream.of(HOURS.negated(), HOURS, MINUTES, YEAR, YEAR.negated()).toList();
  }

  /** Odd times are right after a clock was set; missing and negative ones are not. */
  private static void assertHistory(LocalSystem system, JsonNode run) {
    assertThat(Instant.parse(run.path("requestedAt").asText())).isNotNull();
    assertThat(Instant.parse(run.path("endedAt").asText())).isNotNull();
    for (JsonNode execution : run.path("executions")) {
      for (String time : Stream.of("assignedAt", "startedAt", "endedAt").toList()) {
        assertThat(Instant.parse(execution.path(time).asText())).as(time).isNotNull();
      }
    }
    for (JsonNode report : system.client().reconciliations(AGENT)) {
      for (JsonNode entry : report.path("entries")) {
        assertThat(entry.path("alarm").asBoolean()).as("%s", entry).isFalse();
      }
    }
  }

  /** A task that is to live through everything. */
  private static final class Running {
    final LocalSystem system;
    final TalkingJob job;
    final String run;
    final long pid;

    Running(LocalSystem system) {
      this.system = system;
      // Longer than the tests, and shorter than the leaps.
      job = TalkingJob.on(system, "talk", "agent: " + AGENT + "\n    timeout: 2h");
      run = job.running();
      pid = system.ledger().awaitStart(run + ".1", AT_MOST);
    }

    void cut() {
      system.proxy().cut();
      JsonNode agent = system.client().awaitLink(AGENT, "disconnected", AT_MOST);
      assertThat(Duration.parse(agent.path("leaseRemaining").asText()))
          .isBetween(Duration.ZERO, system.timing().lease());
      system.client().awaitRun(run, executionIs("unreachable"), AT_MOST);
    }

    void heal() {
      system.proxy().heal();
      system.client().awaitLink(AGENT, "connected", AT_MOST);
      system.client().awaitRun(run, executionIs("running"), AT_MOST);
    }

    void goesOn() {
      job.awaitTalk(run + ".1");
      JsonNode now = system.client().run(run);
      assertThat(now.path("state").asText()).as("%s", now).isEqualTo("active");
    }

    void endsWell() {
      job.end();
      assertHistory(system, job.assertCompleteAndOnce(run));
    }
  }
}
