package io.holdfast.bench;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Durations, sorted, for percentiles. */
record Latencies(List<Duration> sorted) {
  Latencies {
    sorted = sorted.stream().sorted().toList();
  }

  /** The smallest that is not exceeded by {@code percent} of all. */
  Duration percentile(int percent) {
    if (sorted.isEmpty()) {
      return Duration.ZERO;
    }
    int index = (int) Math.ceil(sorted.size() * percent / 100.0) - 1;
    return sorted.get(Math.max(0, index));
  }

  String words() {
    return String.format(
        Locale.ROOT,
        "p50 %.1f ms, p99 %.1f ms",
        percentile(50).toNanos() / 1e6,
        percentile(99).toNanos() / 1e6);
  }
}
