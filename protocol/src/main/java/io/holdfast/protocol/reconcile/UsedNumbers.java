package io.holdfast.protocol.reconcile;

import io.holdfast.protocol.id.ExecutionId;
import io.holdfast.protocol.id.FencingToken;
import io.holdfast.protocol.id.JobName;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The highest numbers that an agent has seen a master use, by job: what outlives the tasks, so that
 * a master whose journal has lost its tail never uses a number again.
 *
 * @param jobs by name, at most {@link #MOST_JOBS}
 * @param floor what every other job is taken to have used: the numbers of the jobs for which there
 *     was no room
 */
public record UsedNumbers(SortedMap<String, Mark> jobs, Mark floor) {
  /** Jobs whose numbers are remembered one by one; beyond, they share the floor. */
  public static final int MOST_JOBS = 10_000;

  /** Nothing was seen. */
  public static final UsedNumbers NONE =
      new UsedNumbers(Collections.emptySortedMap(), Mark.NOTHING);

  /**
   * The highest run number and the highest fencing token of one job; they need not be of the same
   * execution.
   */
  public record Mark(long run, FencingToken token) {
    /** Before the first run. */
    public static final Mark NOTHING = new Mark(0, new FencingToken(0));

    public Mark {
      Objects.requireNonNull(token, "token");
    }

    /** The higher of both in each number. */
    public Mark or(Mark other) {
      return new Mark(
          Math.max(run, other.run), token.compareTo(other.token) >= 0 ? token : other.token);
    }

    /** Whether an execution with this token was begun before something that the mark has seen. */
    public boolean covers(FencingToken ofExecution) {
      return ofExecution.compareTo(token) <= 0;
    }
  }

  public UsedNumbers {
    jobs = Collections.unmodifiableSortedMap(new TreeMap<>(jobs == null ? Map.of() : jobs));
    Objects.requireNonNull(floor, "floor");
  }

  /** What was seen of a job. */
  public Mark of(JobName job) {
    return jobs.getOrDefault(job.value(), Mark.NOTHING).or(floor);
  }

  /** With one more execution; the same object if that says nothing new. */
  public UsedNumbers plus(ExecutionId execution, Optional<FencingToken> token) {
    Mark seen = new Mark(execution.run().number(), token.orElse(new FencingToken(0)));
    Mark before = of(execution.job());
    Mark after = before.or(seen);
    if (after.equals(before)) {
      return this;
    }
    if (jobs.size() >= MOST_JOBS && !jobs.containsKey(execution.job().value())) {
      // No room: too high a floor only skips numbers, too low a one would use some again.
      return new UsedNumbers(jobs, floor.or(after));
    }
    TreeMap<String, Mark> more = new TreeMap<>(jobs);
    more.put(execution.job().value(), after);
    return new UsedNumbers(more, floor);
  }

  /** With what an inventory shows. */
  public UsedNumbers plus(Collection<InventoryItem> inventory) {
    UsedNumbers all = this;
    for (InventoryItem item : inventory) {
      all = all.plus(item.execution(), item.fencingToken());
    }
    return all;
  }
}
