package io.holdfast.scenario;

import static io.holdfast.scenario.Scenarios.AT_MOST;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.EventStream;
import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.RequestTrigger;
import io.holdfast.harness.Timing;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** P4: what one master does to an agent, another one of its masters does not feel. */
final class FloodIT {
  /** Heartbeats of a second: a link that is late by more than that is called disconnected. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofSeconds(1),
          28,
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));

  @Test
  void P4_theFloodOfOneMasterDoesNotDelayTheHeartbeatsOfAnother() throws Exception {
    LocalSystem.named("flood")
        .masters("main", "mad")
        .timing(TIMING)
        .run(
            system -> {
              TalkingJob job =
                  TalkingJob.on(system, system.client("main"), "calm", "agent: agent-1", "");
              String run = job.running();
              system.master("mad").kill9();
              system.client("main").awaitLink("agent-1", "connected", AT_MOST);

              AtomicInteger heartbeats = new AtomicInteger();
              AtomicLong last = new AtomicLong(System.nanoTime());
              AtomicLong longest = new AtomicLong();
              try (EventStream events = system.client("main").events();
                  RequestTrigger count =
                      system
                          .proxy("main", "agent-1")
                          .onRequest(
                              text -> text.contains("/exchange"),
                              RequestTrigger.Action.PASS,
                              1_000_000)
                          .then(
                              () -> {
                                long now = System.nanoTime();
                                longest.accumulateAndGet(now - last.getAndSet(now), Math::max);
                                heartbeats.incrementAndGet();
                              });
                  Flood flood = Flood.of(system.agent(), "mad")) {
                Scenarios.eventually().until(() -> heartbeats.get() >= 20);
                assertThat(events.events())
                    .as("the link of the other master, all the time")
                    .noneMatch(
                        event ->
                            event.kind().equals("agent")
                                && !event.data().path("link").asText().equals("connected"));
                System.out.printf(
                    "flood %s; the other's heartbeats: %d, longest time between two %d ms, period %d ms%n",
                    flood.answers(),
                    heartbeats.get(),
                    longest.get() / 1_000_000,
                    TIMING.heartbeatPeriod().toMillis());
                assertThat(flood.answers().values().stream().mapToInt(i -> i).sum())
                    .as("it was a flood")
                    .isGreaterThan(100);
              }
              job.end();
              job.assertCompleteAndOnce(run);
            });
  }
}
