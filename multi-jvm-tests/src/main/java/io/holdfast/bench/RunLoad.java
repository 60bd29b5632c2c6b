package io.holdfast.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.harness.MasterClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Drives runs through the public API: one job for each place, because a job never has two runs at
 * once, and for each a caller that requests the next run when the last one is seen to have ended.
 */
final class RunLoad {
  private static final Duration LONGEST_RUN = Duration.ofMinutes(1);

  /** What came of it. */
  record Figures(double perSecond, Latencies requestToRunning, Latencies endToVisible) {}

  private final MasterClient client;
  private final int parallel;

  RunLoad(MasterClient client, int parallel) {
    this.client = client;
    this.parallel = parallel;
  }

  static String job(int place) {
    return "bench-" + place;
  }

  /**
   * Makes {@code count} runs.
   *
   * @throws IllegalStateException if one of them did not succeed
   */
  Figures run(int count) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(count);
    List<Duration> starts = Collections.synchronizedList(new ArrayList<>());
    List<Duration> ends = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(parallel);
    long begin = System.nanoTime();
    for (int place = 0; place < parallel; place++) {
      String job = job(place);
      Thread thread =
          new Thread(
              () -> {
                try {
                  while (failure.get() == null && left.getAndDecrement() > 0) {
                    one(job, starts, ends);
                  }
                } catch (RuntimeException e) {
                  failure.compareAndSet(null, e);
                } finally {
                  done.countDown();
                }
              },
              job);
      thread.setDaemon(true);
      thread.start();
    }
    done.await();
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (failure.get() != null) {
      throw new IllegalStateException("a run failed: " + failure.get().getMessage(), failure.get());
    }
    return new Figures(count / seconds, new Latencies(starts), new Latencies(ends));
  }

  private void one(String job, List<Duration> starts, List<Duration> ends) {
    Instant requested = Instant.now();
    String id = client.startRun(job).path("id").asText();
    JsonNode run = client.awaitRun(id, LONGEST_RUN);
    Instant seen = Instant.now();
    if (!run.path("state").asText().equals("succeeded")) {
      throw new IllegalStateException(id + ": " + run.path("message").asText());
    }
    JsonNode execution = run.path("executions").path(0);
    instant(execution, "startedAt").ifPresent(at -> starts.add(Duration.between(requested, at)));
    instant(execution, "endedAt").ifPresent(at -> ends.add(Duration.between(at, seen)));
  }

  private static Optional<Instant> instant(JsonNode node, String field) {
    String text = node.path(field).asText();
    return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
  }
}
