package io.holdfast.master.history;

import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The threads that read the history for those who ask: few, with a short queue before them, so that
 * searches can take neither memory nor connections from anybody else. Thread-safe.
 */
final class HistorySearches implements AutoCloseable {
  static final int THREADS = 2;

  /** Searches that wait for a thread; a further one is refused. */
  static final int MOST_WAITING = 64;

  private final HistoryView view;
  private final Consumer<SQLException> onFailure;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          task -> {
            Thread thread = new Thread(task, "history-search");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param onFailure told what the database said
   */
  HistorySearches(HistoryView view, Consumer<SQLException> onFailure) {
    this.view = view;
    this.onFailure = onFailure;
  }

  /** Reads something; fails with a {@link HistoryUnavailableException} that says why. */
  <T> CompletableFuture<T> read(HistoryDatabase.Work<T> work) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            try {
              answer.complete(view.database().transaction(work));
            } catch (SQLException e) {
              onFailure.accept(e);
              answer.completeExceptionally(
                  new HistoryUnavailableException(
                      "The history could not be read: " + String.valueOf(e.getMessage()).strip(),
                      e));
            } catch (Throwable e) {
              // Whoever waits must hear of it.
              answer.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new HistoryUnavailableException(
              "%d searches wait already: try again, or ask for less".formatted(MOST_WAITING), e));
    }
    return answer;
  }

  @Override
  public void close() {
    // Those that run end by themselves: an interrupt would close the file under them.
    threads.shutdown();
  }
}
