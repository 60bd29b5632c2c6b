package io.holdfast.master.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.master.job.JobDefinition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What happened to the list of jobs. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = CatalogEvent.JobsApplied.class, name = "jobs-applied"),
  @JsonSubTypes.Type(value = CatalogEvent.JournalDamaged.class, name = "journal-damaged")
})
public sealed interface CatalogEvent {
  /**
   * A job file was applied: all of it, as one event.
   *
   * @param by who applied it, in the operator's words; empty where nobody said so
   */
  record JobsApplied(List<JobDefinition> jobs, Optional<String> by, Instant at)
      implements CatalogEvent {
    public JobsApplied {
      jobs = List.copyOf(jobs);
      by = by == null ? Optional.empty() : by;
    }

    /** Nobody said who applied it. */
    public JobsApplied(List<JobDefinition> jobs, Instant at) {
      this(jobs, Optional.empty(), at);
    }
  }

  /**
   * What came after the events before this one is lost with a part of the journal: the jobs
   * themselves know how they are defined.
   *
   * @param what what is wrong with it, as half a sentence
   */
  record JournalDamaged(String what, Instant at) implements CatalogEvent {}
}
