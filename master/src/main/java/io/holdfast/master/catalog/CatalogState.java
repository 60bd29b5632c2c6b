package io.holdfast.master.catalog;

import io.holdfast.master.job.JobDefinition;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the catalog's journal amounts to: hard state, changed by {@link #evolve} alone.
 *
 * @param jobs the definitions by name, as applied last
 * @param damage what is wrong with the journal, if a part of it is lost
 * @param unsure jobs that may have been applied anew in the lost part, and were not since
 */
public record CatalogState(
    SortedMap<String, JobDefinition> jobs, Optional<String> damage, Set<String> unsure) {
  /** No jobs, and a journal that is whole. */
  public static final CatalogState EMPTY =
      new CatalogState(Collections.emptySortedMap(), Optional.empty(), Set.of());

  /** What {@code event} makes of this state. */
  public CatalogState evolve(CatalogEvent event) {
    if (event instanceof CatalogEvent.JournalDamaged damaged) {
      return new CatalogState(jobs, Optional.of(damaged.what()), jobs.keySet());
    }
    if (!(event instanceof CatalogEvent.JobsApplied applied)) {
      throw new IllegalArgumentException("no meaning for " + event);
    }
    TreeMap<String, JobDefinition> next = new TreeMap<>(jobs);
    TreeSet<String> still = new TreeSet<>(unsure);
    for (JobDefinition job : applied.jobs()) {
      next.put(job.name(), job);
      still.remove(job.name());
    }
    return new CatalogState(
        Collections.unmodifiableSortedMap(next), damage, Collections.unmodifiableSet(still));
  }

  /** Whether a job itself knows better how it is defined. */
  boolean isUnsure(String job) {
    return damage.isPresent() && (unsure.contains(job) || !jobs.containsKey(job));
  }
}
