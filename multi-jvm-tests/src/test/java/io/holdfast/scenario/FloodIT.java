package io.holdfast.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.EventStream;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** P4: what becomes of one master of an agent, and what it does, another one does not feel. */
final class FloodIT {
  /** Heartbeats of two seconds, which leaves more room than a busy machine takes. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(2),
          6,
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(4));

  private interface Scene {
    void play() throws Exception;
  }

  private final Map<String, List<Duration>> gaps = new LinkedHashMap<>();

  /**
   * An agent answers within a period, and sooner where a job writes output, as here all the time.
   * What a busy machine adds to a period is measured in the same run, before the faults and after
   * them.
   */
  @Test
  void P4_deathLeaseEndAndFloodOfOneMasterDoNotDelayTheHeartbeatsOfAnother() throws Exception {
    LocalSystem.named("flood").masters("main", "mad").timing(TIMING).run(this::run);
  }

  private void run(LocalSystem system) throws Exception {
    TalkingJob job = TalkingJob.on(system, system.client("main"), "calm", "agent: agent-1", "");
    TalkingJob mad =
        TalkingJob.on(system, system.client("mad"), "mad", "agent: agent-1", "trap '' TERM");
    String run = job.running();
    String lost = mad.running() + ".1";
    try (EventStream events = system.client("main").events();
        Heartbeats heartbeats = Heartbeats.of(system.proxy("main", "agent-1"))) {
      during("calm", heartbeats, () -> await(heartbeats, 8));
      during(
          "kill -9",
          heartbeats,
          () -> {
            system.master("mad").kill9();
            await(heartbeats, 5);
          });
      during("lease over", heartbeats, () -> Scenarios.awaitNothingAlive(system, lost));
      during("flood", heartbeats, () -> flood(system, heartbeats));
      during("calm again", heartbeats, () -> await(heartbeats, 8));
      assertThat(events.events())
          .as("the link of the other master, all the time")
          .noneMatch(
              event ->
                  event.kind().equals("agent")
                      && !event.data().path("link").asText().equals("connected"));
    }
    assertInTime();
    job.end();
    job.assertCompleteAndOnce(run);
  }

  private void during(String what, Heartbeats heartbeats, Scene scene) throws Exception {
    int before = heartbeats.count();
    scene.play();
    await(heartbeats, 1);
    gaps.put(what, heartbeats.gapsSince(before));
    System.out.printf(
        "%s: %d heartbeats, median %d ms, longest %d ms%n",
        what,
        gaps.get(what).size(),
        median(gaps.get(what)).toMillis(),
        Collections.max(gaps.get(what)).toMillis());
  }

  private static void flood(LocalSystem system, Heartbeats heartbeats) throws Exception {
    try (Flood flood = Flood.of(system.agent(), "mad")) {
      await(heartbeats, 25);
      System.out.println("flood, answered with: " + flood.answers());
      assertThat(flood.answers().values().stream().mapToInt(i -> i).sum())
          .as("it was a flood")
          .isGreaterThan(100);
    }
  }

  private static void await(Heartbeats heartbeats, int more) {
    int wanted = heartbeats.count() + more;
    Scenarios.eventually().until(() -> heartbeats.count() >= wanted);
  }

  private void assertInTime() {
    List<Duration> calm = new ArrayList<>(gaps.get("calm"));
    calm.addAll(gaps.get("calm again"));
    Duration period = TIMING.heartbeatPeriod();
    Duration jitter = Collections.max(calm).minus(median(calm));
    gaps.forEach(
        (what, measured) -> {
          assertThat(median(measured)).as("most heartbeats: %s", what).isLessThanOrEqualTo(period);
          assertThat(measured)
              .as("each heartbeat: %s; of one that nobody disturbs %s", what, calm)
              .allMatch(gap -> gap.compareTo(period.plus(jitter.multipliedBy(3))) <= 0);
        });
  }

  private static Duration median(List<Duration> measured) {
    return measured.stream().sorted().toList().get(measured.size() / 2);
  }
}
