package io.holdfast.master.jobfile;

import io.holdfast.master.job.JobDefinition;
import java.util.List;

/** The jobs of one file, in the order of the file; names are unique. */
public record JobFile(List<JobDefinition> jobs) {
  public JobFile {
    jobs = List.copyOf(jobs);
  }
}
