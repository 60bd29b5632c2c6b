package io.holdfast.agent.process;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Whether anything of a task lives on after its job has ended by itself: a daemon that has left the
 * session, say, and is found by its marker (R11). All tasks that end within one round share its
 * scan.
 *
 * <p>Threading: steps on the thread of {@link Pursuits}. State: soft.
 */
final class LeftPursuit implements Pursuits.Pursuit {

  private static final int CLEAN_SCANS = 2;

  private final TaskDirectory task;
  private final CompletableFuture<Boolean> result;
  private int clean;

  LeftPursuit(TaskDirectory task, CompletableFuture<Boolean> result) {
    this.task = task;
    this.result = result;
  }

  @Override
  public boolean urgent() {
    return true;
  }

  @Override
  public boolean step(Pursuits.Round round) {
    Optional<ProcessIdentity> wrapper =
        task.claim() instanceof TaskDirectory.Claim.By by
            ? Optional.of(by.wrapper())
            : Optional.empty();
    boolean left =
        !round
            .scan()
            .membersOf(task.marker(), wrapper, task.leader(), StopPursuit.endedAtTicks(task))
            .isEmpty();
    if (!left && ++clean < CLEAN_SCANS) {
      return false;
    }
    result.complete(left);
    return true;
  }

  @Override
  public String toString() {
    return "what is left of " + task.marker();
  }
}
