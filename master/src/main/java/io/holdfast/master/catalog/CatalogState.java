package io.holdfast.master.catalog;

import io.holdfast.master.job.JobDefinition;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the catalog's journal amounts to: hard state, changed by {@link #evolve} alone.
 *
 * @param jobs the definitions by name, as applied last
 */
public record CatalogState(SortedMap<String, JobDefinition> jobs) {
  /** No jobs. */
  public static final CatalogState EMPTY = new CatalogState(Collections.emptySortedMap());

  /** What {@code event} makes of this state. */
  public CatalogState evolve(CatalogEvent event) {
    TreeMap<String, JobDefinition> next = new TreeMap<>(jobs);
    ((CatalogEvent.JobsApplied) event).jobs().forEach(job -> next.put(job.name(), job));
    return new CatalogState(Collections.unmodifiableSortedMap(next));
  }
}
