package io.holdfast.agent.process;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The processes that the newest scan has found to carry no marker, so that the next need not read
 * their environment again: that changes by an exec alone, and an exec changes {@link
 * ProcStat.Image}. A fork gives a process of its own, which is looked at for itself.
 *
 * <p>Threading: one at a time. State: soft; bounded by the processes that the machine had at the
 * newest scan.
 */
final class ForeignProcesses {
  private record Known(long startTicks, ProcStat.Image image) {}

  private Map<Long, Known> before = new HashMap<>();
  private Map<Long, Known> now = new HashMap<>();
  private Set<Long> emptyBefore = new HashSet<>();
  private Set<Long> emptyNow = new HashSet<>();

  /** A scan begins: what it does not see again is forgotten. */
  void begin() {
    before = now;
    now = new HashMap<>();
    emptyBefore = emptyNow;
    emptyNow = new HashSet<>();
  }

  /** Whether this process was seen without a marker, and has executed nothing since. */
  boolean contains(ProcStat stat) {
    Known known = before.get(stat.pid());
    boolean same =
        known != null
            && known.startTicks() == stat.startTicks()
            && known.image().equals(stat.image());
    if (same) {
      now.put(stat.pid(), known);
    }
    return same;
  }

  /** This process carries no marker. */
  void add(ProcStat stat) {
    if (stat.image().isKnown()) {
      now.put(stat.pid(), new Known(stat.startTicks(), stat.image()));
    }
  }

  /**
   * This process has shown no environment at all.
   *
   * @return whether that is new: an exec takes a moment, and who shows none at the next scan either
   *     has none
   */
  boolean showsNothing(ProcStat stat) {
    emptyNow.add(stat.pid());
    return !emptyBefore.contains(stat.pid());
  }
}
