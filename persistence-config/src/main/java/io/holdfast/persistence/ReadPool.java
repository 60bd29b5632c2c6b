package io.holdfast.persistence;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The threads that replay and query, and what waits for one: a bounded number. Thread-safe. */
final class ReadPool {
  private final String journal;
  private final JournalSettings settings;
  private final ThreadPoolExecutor threads;

  ReadPool(String journal, JournalSettings settings) {
    this.journal = journal;
    this.settings = settings;
    AtomicInteger count = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            settings.readThreads(),
            settings.readThreads(),
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(settings.maxWaitingReads()),
            work -> {
              Thread thread =
                  new Thread(work, "holdfast-journal-reader-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Completes {@code result} with what {@code reading} returns or throws. */
  <T> void submit(Supplier<T> reading, CompletableFuture<T> result) {
    try {
      threads.execute(
          () -> {
            try {
              result.complete(reading.get());
            } catch (Throwable e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(
          threads.isShutdown()
              ? new JournalUnavailableException("The journal in %s is closed.".formatted(journal))
              : new JournalBusyException(
                  "%d replays and queries wait for the journal in %s already."
                      .formatted(settings.maxWaitingReads(), journal)));
    }
  }

  /**
   * Lets nothing more in.
   *
   * @return whether everything that was in was done in time
   */
  boolean close(Duration atMost) {
    threads.shutdown();
    try {
      return threads.awaitTermination(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
