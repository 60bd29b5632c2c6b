package io.holdfast.persistence.benchmark;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the actors of one measurement have come to, and whether they are to go on. Thread-safe.
 * Whoever waits for them fails when one of them did, or nothing has happened for {@value
 * #PATIENCE_MINUTES} minutes.
 */
final class Load {
  private static final int PATIENCE_MINUTES = 3;

  private final CountDownLatch recovered;
  private final CountDownLatch ended;
  private final LongAdder acknowledged = new LongAdder();
  private final LongAdder replayed = new LongAdder();
  private final AtomicLong inJournal = new AtomicLong();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private volatile boolean goesOn = true;

  Load(int actors) {
    recovered = new CountDownLatch(actors);
    ended = new CountDownLatch(actors);
  }

  void recovered(long events) {
    replayed.add(events);
    recovered.countDown();
  }

  void acknowledged(int events) {
    acknowledged.add(events);
  }

  /** An actor has ended as it should, with this number of events in its journal. */
  void ended(long events) {
    inJournal.addAndGet(events);
    ended.countDown();
  }

  void failed(String why) {
    failure.compareAndSet(null, why);
    while (recovered.getCount() > 0) {
      recovered.countDown();
    }
    while (ended.getCount() > 0) {
      ended.countDown();
    }
  }

  boolean goesOn() {
    return goesOn;
  }

  /** Each actor ends once its event under way is acknowledged. */
  void stop() {
    goesOn = false;
  }

  /** Events that were acknowledged to the actor that wrote them. */
  long acknowledged() {
    requireNoFailure();
    return acknowledged.sum();
  }

  /** Events that were replayed. */
  long replayed() {
    return replayed.sum();
  }

  /** Events of those actors that have ended, by their sequence numbers. */
  long inJournal() {
    return inJournal.get();
  }

  void awaitRecovered() throws InterruptedException {
    await(recovered, "recovered");
  }

  void awaitEnded() throws InterruptedException {
    await(ended, "ended");
  }

  private void await(CountDownLatch latch, String what) throws InterruptedException {
    if (!latch.await(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
      throw new IllegalStateException(
          "%d actors have not %s within %d minutes"
              .formatted(latch.getCount(), what, PATIENCE_MINUTES));
    }
    requireNoFailure();
  }

  private void requireNoFailure() {
    if (failure.get() != null) {
      throw new IllegalStateException(failure.get());
    }
  }
}
