package io.holdfast.persistence.benchmark;

import io.holdfast.persistence.JournalEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The event that is written and read: of the kind, the size (about 300 bytes of JSON) and the types
 * of {@code link-assigned}, the most frequent large event of a master.
 */
record JobGiven(
    String execution,
    long fencingToken,
    String script,
    Map<String, String> parameters,
    Duration timeout,
    Duration killGrace,
    String onConnectionLoss,
    boolean releaseByTime,
    Instant at)
    implements JournalEvent {
  static final String NAME = "benchmark-job-given/1";

  private static final Instant FIRST = Instant.parse("2026-11-22T15:00:00.123456Z");

  /** The event with a number of an actor. */
  static JobGiven of(String actor, long number) {
    return new JobGiven(
        "nightly-" + actor + "#" + number + ".1",
        number,
        "exec backup --from \"$PARAM_SOURCE\" --to \"$PARAM_TARGET\"\n",
        Map.of("TARGET", "/srv/backup", "SOURCE", "/home"),
        Duration.ofMinutes(90),
        Duration.ofSeconds(15),
        "stop-after-lease",
        true,
        FIRST.plusMillis(number));
  }
}
