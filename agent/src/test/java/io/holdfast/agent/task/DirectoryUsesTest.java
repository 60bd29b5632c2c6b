package io.holdfast.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.id.ExecutionId;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** R14: what is released leaves nothing, whatever is still under way about it. */
class DirectoryUsesTest {
  private static final ExecutionId TASK = ExecutionId.parse("a#1.1");
  private static final ExecutionId OTHER = ExecutionId.parse("a#2.1");

  private final DirectoryUses uses = new DirectoryUses();
  private final AtomicInteger deletions = new AtomicInteger();

  private CompletableFuture<Void> delete(CompletableFuture<Void> deletion) {
    return uses.thenDelete(
            TASK,
            () -> {
              deletions.incrementAndGet();
              return deletion;
            })
        .toCompletableFuture();
  }

  private <T> CompletableFuture<T> use(ExecutionId task, CompletableFuture<T> use) {
    return uses.during(task, () -> use).toCompletableFuture();
  }

  @Test
  void R14_aDirectoryIsDeletedWhenNothingUsesItAnyMore() {
    CompletableFuture<String> stop = new CompletableFuture<>();
    CompletableFuture<String> forbid = new CompletableFuture<>();
    CompletableFuture<String> stopping = use(TASK, stop);
    CompletableFuture<String> forbidding = use(TASK, forbid);
    assertThat(use(OTHER, new CompletableFuture<>())).isNotDone();
    CompletableFuture<Void> deleted = delete(CompletableFuture.completedFuture(null));
    stop.complete("stopped");
    assertThat(stopping).isCompletedWithValue("stopped");
    assertThat(deletions).hasValue(0);

    forbid.completeExceptionally(new IllegalStateException("no room"));
    assertThat(forbidding).isCompletedExceptionally();
    assertThat(deletions).hasValue(1);
    assertThat(deleted).isCompleted();
  }

  @Test
  void R14_nothingBeginsWhileItIsDeleted() {
    CompletableFuture<Void> deletion = new CompletableFuture<>();
    CompletableFuture<Void> deleted = delete(deletion);
    assertThat(deletions).hasValue(1);
    assertThat(use(TASK, CompletableFuture.completedFuture("x"))).isCompletedExceptionally();

    deletion.complete(null);
    assertThat(deleted).isCompleted();
    assertThat(use(TASK, CompletableFuture.completedFuture("x"))).isCompletedWithValue("x");
  }

  @Test
  void R14_aDeletionThatFailsIsTriedAgain() {
    assertThat(delete(CompletableFuture.failedFuture(new IllegalStateException("busy"))))
        .isCompletedExceptionally();
    assertThat(delete(CompletableFuture.completedFuture(null))).isCompleted();
    assertThat(deletions).hasValue(2);
  }
}
