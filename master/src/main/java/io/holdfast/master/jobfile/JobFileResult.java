package io.holdfast.master.jobfile;

import java.util.List;

/** What became of reading a job file: all of its jobs, or all of its errors. */
public sealed interface JobFileResult {

  /** Every job is good. */
  record Accepted(JobFile file) implements JobFileResult {}

  /** Nothing is taken; the errors in the order of the file, at least one. */
  record Refused(List<JobFileError> errors) implements JobFileResult {
    public Refused {
      errors = List.copyOf(errors);
      if (errors.isEmpty()) {
        throw new IllegalArgumentException("refused without an error");
      }
    }
  }
}
