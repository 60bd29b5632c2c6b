package io.holdfast.master.jobfile;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** The agents and groups that this master is configured with; a job must name one of them. */
public record KnownAgents(SortedSet<String> agents, SortedSet<String> groups) {
  public KnownAgents {
    agents = Collections.unmodifiableSortedSet(new TreeSet<>(agents));
    groups = Collections.unmodifiableSortedSet(new TreeSet<>(groups));
  }

  /** The same from any collections. */
  public static KnownAgents of(Collection<String> agents, Collection<String> groups) {
    return new KnownAgents(new TreeSet<>(agents), new TreeSet<>(groups));
  }
}
