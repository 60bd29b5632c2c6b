package io.holdfast.storm;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.harness.LocalSystem;
import io.holdfast.harness.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * P1-P4 in a storm: two masters' worth of jobs on three agents, while lines are cut and processes
 * of every kind are killed and stopped. {@code -Dstorm.seconds} and {@code -Dstorm.seed} make it
 * another one; the seed decides what happens, the machine when.
 */
final class StormIT {
  /** As production, scaled down, with room for a machine that is late. */
  private static final Timing TIMING =
      new Timing(
          Duration.ofMillis(500),
          8,
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          Duration.ofSeconds(2));

  /** Long enough for every kind of strike. */
  private static final Duration ALL_KINDS = Duration.ofSeconds(100);

  @Test
  void P1_P2_P3_P4_nothingRunsTwiceAndNothingIsLostInAStorm() throws Exception {
    Duration length = Duration.ofSeconds(Long.getLong("storm.seconds", 150));
    long seed = Long.getLong("storm.seed", 20_260_101L);
    LocalSystem.named("storm")
        .masters("east", "west")
        .agents(3)
        .timing(TIMING)
        .taskLimit(32)
        .run(system -> storm(system, length, seed));
  }

  private static void storm(LocalSystem system, Duration length, long seed) throws Exception {
    Calls calls = new Calls(system);
    Load load = new Load(system, calls, seed);
    Weather weather = new Weather(system, seed);
    load.define();
    CompletableFuture<Void> working = new CompletableFuture<>();
    Thread worker =
        new Thread(
            () -> {
              try {
                load.run();
                working.complete(null);
              } catch (Throwable e) {
                working.completeExceptionally(e);
              }
            },
            "storm-load");
    worker.start();
    try {
      weather.rage(length);
    } finally {
      load.end();
    }
    working.get(2, TimeUnit.MINUTES);
    Verdict verdict = new Verdict(system, calls, weather);
    assertThat(verdict.complaints(load)).as("seed %d", seed).isEmpty();
    tell(
        "storm of %d s, seed %d: %d runs promised, %d executions, %d cancelled, %d bytes of output, %s, %d confirmed lost, faults %s, outcomes %s"
            .formatted(
                length.toSeconds(),
                seed,
                load.promises().size(),
                verdict.executions(),
                load.cancels(),
                verdict.bytes(),
                calls,
                weather.victims().confirmed(),
                weather.counts(),
                verdict.outcomes()));
    if (length.compareTo(ALL_KINDS) >= 0) {
      assertThat(weather.counts()).as("seed %d", seed).containsOnlyKeys(Strike.values());
    }
    assertThat(verdict.executions()).as("it was a storm and not a calm").isGreaterThan(20);
  }

  private static void tell(String figures) throws java.io.IOException {
    System.out.println(figures);
    Path folder = Files.createDirectories(Path.of("target", "guarantees"));
    Files.writeString(folder.resolve("storm.txt"), figures + "\n");
  }
}
