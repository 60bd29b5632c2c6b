package io.holdfast.agent.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Whether anything of a task lives on after its job has ended by itself: a daemon that has left the
 * session, say, and is found by its marker (R11). It looks twice; all tasks that end within one
 * round share its looks.
 *
 * <p>Threading: steps on the thread of {@link Pursuits}. State: soft.
 */
final class LeftPursuit implements Pursuits.Pursuit {

  private final TaskDirectory task;
  private final CompletableFuture<Boolean> result;
  private Sought sought;

  /** What its records say, which are final by now. */
  private record Sought(
      Optional<ProcessIdentity> wrapper, Optional<ProcessIdentity> leader, long endedAtTicks) {
    static Sought of(TaskDirectory task) {
      Optional<ProcessIdentity> wrapper =
          task.claim() instanceof TaskDirectory.Claim.By by
              ? Optional.of(by.wrapper())
              : Optional.empty();
      return new Sought(wrapper, task.leader(), StopPursuit.endedAtTicks(task));
    }
  }

  LeftPursuit(TaskDirectory task, CompletableFuture<Boolean> result) {
    this.task = task;
    this.result = result;
  }

  @Override
  public Duration pause() {
    return Duration.ZERO;
  }

  @Override
  public boolean step(Pursuits.Round round) {
    if (sought == null) {
      sought = Sought.of(task);
    }
    boolean left = isIn(round.scan()) || isIn(round.second());
    if (!left && !round.second().isCertain()) {
      return false;
    }
    result.complete(left);
    return true;
  }

  private boolean isIn(ProcScan scan) {
    return !scan.membersOf(task.marker(), sought.wrapper(), sought.leader(), sought.endedAtTicks())
        .isEmpty();
  }

  @Override
  public String toString() {
    return "what is left of " + task.marker();
  }
}
