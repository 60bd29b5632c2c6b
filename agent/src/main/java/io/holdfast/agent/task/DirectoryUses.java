package io.holdfast.agent.task;

import io.holdfast.protocol.id.ExecutionId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * What is under way in the directories of tasks. An order to stop may still wait for its thread
 * when the task has ended by itself and been released: it would make the directory anew, and nobody
 * would delete that again. So a directory is deleted when nothing uses it any more, and nothing
 * begins to use it meanwhile. Any thread may use this.
 */
final class DirectoryUses {
  private final Map<ExecutionId, Uses> all = new HashMap<>();

  private static final class Uses {
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private int count;
    private boolean isClosed;
  }

  /** Does something with the directory of a task; it fails when that is being deleted. */
  <T> CompletionStage<T> during(ExecutionId task, Supplier<CompletionStage<T>> use) {
    if (!begin(task)) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("the directory of " + task + " is being deleted"));
    }
    try {
      return use.get().whenComplete((done, failure) -> end(task));
    } catch (RuntimeException e) {
      end(task);
      throw e;
    }
  }

  /** Deletes the directory of a task when nothing uses it. */
  CompletionStage<Void> thenDelete(ExecutionId task, Supplier<CompletionStage<Void>> deletion) {
    return close(task)
        .thenCompose(over -> deletion.get())
        .whenComplete((done, failure) -> forget(task));
  }

  private synchronized boolean begin(ExecutionId task) {
    Uses uses = all.computeIfAbsent(task, first -> new Uses());
    uses.count += uses.isClosed ? 0 : 1;
    return !uses.isClosed;
  }

  private void end(ExecutionId task) {
    Uses uses;
    synchronized (this) {
      uses = all.get(task);
      uses.count--;
      if (uses.count > 0) {
        return;
      }
      if (!uses.isClosed) {
        all.remove(task);
        return;
      }
    }
    uses.over.complete(null);
  }

  private synchronized CompletableFuture<Void> close(ExecutionId task) {
    Uses uses = all.computeIfAbsent(task, first -> new Uses());
    uses.isClosed = true;
    if (uses.count == 0) {
      uses.over.complete(null);
    }
    return uses.over;
  }

  private synchronized void forget(ExecutionId task) {
    all.remove(task);
  }
}
