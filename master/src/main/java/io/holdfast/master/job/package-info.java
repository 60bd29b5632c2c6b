/**
 * What a job is: the immutable definition that a job file is read into, that is stored in the
 * journal as JSON, and that decides what a run does. Nothing here knows of YAML, HTTP or Akka; the
 * rules for what a definition may hold stand once, in {@link io.holdfast.master.job.JobRules}, and
 * hold for a file, for a request and for what comes back from the journal.
 */
package io.holdfast.master.job;
