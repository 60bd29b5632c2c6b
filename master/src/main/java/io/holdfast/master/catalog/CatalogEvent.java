package io.holdfast.master.catalog;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.holdfast.master.job.JobDefinition;
import java.time.Instant;
import java.util.List;

/** What happened to the list of jobs. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes(@JsonSubTypes.Type(value = CatalogEvent.JobsApplied.class, name = "jobs-applied"))
public sealed interface CatalogEvent {
  /** A job file was applied: all of it, as one event. */
  record JobsApplied(List<JobDefinition> jobs, Instant at) implements CatalogEvent {
    public JobsApplied {
      jobs = List.copyOf(jobs);
    }
  }
}
