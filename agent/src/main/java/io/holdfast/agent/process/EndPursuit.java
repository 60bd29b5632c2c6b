package io.holdfast.agent.process;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Waits for the end of a task whose wrapper is no child of this JVM, or whose wrapper died without
 * a record (R10). A task whose wrapper is dead ends when nobody is left that belongs to it.
 *
 * <p>Threading: steps on the thread of {@link Pursuits}. State: soft.
 */
final class EndPursuit implements Pursuits.Pursuit {

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int CLEAN_SCANS = 2;

  private final TaskDirectory task;
  private final ProcessIdentity process;
  private final CompletableFuture<TaskEnd> result;
  private int clean;

  EndPursuit(TaskDirectory task, ProcessIdentity process, CompletableFuture<TaskEnd> result) {
    this.task = task;
    this.process = process;
    this.result = result;
  }

  @Override
  public Duration pause() {
    return PAUSE;
  }

  @Override
  public boolean step(Pursuits.Round round) {
    if (process.isAlive()) {
      return false;
    }
    Optional<TaskEnd> end = task.end();
    if (end.isPresent()) {
      result.complete(end.get());
      return true;
    }
    Optional<ProcessIdentity> leader = task.leader();
    if (leader.filter(ProcessIdentity::isAlive).isPresent()
        || !round.scan().membersOf(task.marker(), Optional.empty(), leader, -1).isEmpty()) {
      clean = 0;
      return false;
    }
    if (!round.scan().isCertain() || ++clean < CLEAN_SCANS) {
      return false;
    }
    result.complete(AdoptPursuit.withoutRecord(leader));
    return true;
  }

  @Override
  public String toString() {
    return "end of " + task.marker();
  }
}
